// Dots on a chart: single calls, each a link to its trace.

import { h, s } from "./dom.js";
import { clock, format } from "./format.js";
import { traceAddress } from "./links.js";
import * as tooltip from "./tooltip.js";

/** Of all dots in a stretch of this many pixels only the slowest is drawn. */
const APART = 14;

/** The dots that are drawn, with their places; what lies above the axis sits on its edge. */
export function placed(exemplars, framed, y, window) {
  const { inner, x } = framed;
  const stretches = new Map();
  for (const exemplar of exemplars) {
    if (exemplar.time < window.start || exemplar.time > window.end) continue;
    const stretch = Math.floor(x(exemplar.time) / APART);
    const other = stretches.get(stretch);
    if (!other || other.value < exemplar.value) stretches.set(stretch, exemplar);
  }
  return [...stretches.values()].map((exemplar) => ({
    ...exemplar,
    x: x(exemplar.time),
    y: Math.min(Math.max(y(exemplar.value), inner.top), inner.bottom),
  }));
}

/** Diamonds, as in Grafana. The keyboard gets at them by the pinned tooltip of the chart. */
export function dots(exemplars, unit, view) {
  return exemplars.map((exemplar) => {
    const { x, y } = exemplar;
    const enter = (event) => {
      event.stopPropagation();
      tooltip.show(about(exemplar, unit), { x: event.clientX, y: event.clientY });
    };
    return s(
      "a",
      {
        href: traceAddress(exemplar.traceId, view),
        target: "_blank",
        class: "dot",
        tabindex: -1,
        onpointermove: enter,
        onpointerleave: tooltip.hide,
        "aria-label": `Trace of a call of ${format(exemplar.value, unit)}`,
      },
      s("circle", { cx: x, cy: y, r: 9 }),
      s("path", { d: `M${x} ${y - 4.5}L${x + 4.5} ${y}L${x} ${y + 4.5}L${x - 4.5} ${y}Z` }),
    );
  });
}

function about({ time, value, labels, traceId }, unit) {
  const who = [labels.service_name, labels.method, labels.code].filter(Boolean).join(" ");
  return [
    h("p", { class: "time" }, clock(time)),
    tooltip.row("var(--dot)", who || "a call", format(value, unit), true),
    h("p", { class: "hint" }, `trace ${traceId.slice(0, 7)}: a click opens it`),
  ];
}

/** A link to the dot that is nearest to the place, for the pinned tooltip. */
export function nearestLink(exemplars, x, unit, view) {
  const [nearest] = [...exemplars].sort((a, b) => Math.abs(a.x - x) - Math.abs(b.x - x));
  if (!nearest) return [];
  const { labels, value, traceId } = nearest;
  const who = [labels.service_name, labels.method].filter(Boolean).join(" ");
  return [
    h(
      "a",
      { href: traceAddress(traceId, view), target: "_blank" },
      `Trace of ${who || "a call"}, ${format(value, unit)}`,
    ),
  ];
}
