// The latest traces of a service, each with a link to its waterfall in the Jaeger UI.

import { jaeger } from "../api.js";
import { h } from "../dom.js";
import { clock, format } from "../format.js";
import { traceAddress } from "../links.js";
import { head, sorted } from "./table.js";

const COLUMNS = [
  { key: "id", title: "Trace" },
  { key: "name", title: "Call" },
  { key: "spans", title: "Spans", isNumber: true },
  { key: "start", title: "Start", isNumber: true },
  { key: "duration", title: "Duration", isNumber: true },
];

export async function ask(panel, view) {
  const { service, limit = 20 } = panel.targets[0];
  const found = await jaeger("traces", {
    service,
    limit,
    start: Math.round(view.window.start * 1e6),
    end: Math.round((view.window.end + 60) * 1e6),
  });
  const traces = found.map(summary);
  if (traces.length > 0) return { traces };
  return { traces, problems: [{ kind: "empty", text: `${service} has no trace in this window.` }] };
}

export function draw(_panel, { traces }, view, state, _size, redraw) {
  if (!traces?.length) return null;
  state.sort ??= { key: "start", down: true };
  const heads = COLUMNS.map((column) => head(column, state, redraw));
  return h(
    "div",
    { class: "scroll", "data-scroll": "", tabindex: 0, "data-key": "table" },
    h(
      "table",
      {},
      h("thead", {}, h("tr", {}, heads)),
      h(
        "tbody",
        {},
        sorted(traces, state.sort).map((trace) => row(trace, view)),
      ),
    ),
  );
}

function row(trace, view) {
  const link = h(
    "a",
    { href: traceAddress(trace.id, view), target: "_blank", "data-key": trace.id },
    trace.id.slice(0, 7),
  );
  return h(
    "tr",
    {},
    h("td", {}, link),
    h("td", {}, trace.name, trace.failed && h("span", { class: "failed" }, "error")),
    h("td", { class: "number" }, String(trace.spans)),
    h("td", { class: "number" }, clock(trace.start / 1e6)),
    h("td", { class: "number" }, format(trace.duration / 1e6, "s")),
  );
}

/** The root names the trace; its end is the last end of all. */
function summary({ traceID, spans }) {
  const ids = new Set(spans.map((span) => span.spanID));
  const isRoot = (span) => !span.references.some((reference) => ids.has(reference.spanID));
  const root = spans.find(isRoot) ?? spans[0];
  const start = Math.min(...spans.map((span) => span.startTime));
  const end = Math.max(...spans.map((span) => span.startTime + span.duration));
  const failed = spans.some((span) =>
    span.tags.some(({ key, value }) => key === "error" && value === true),
  );
  return {
    id: traceID,
    name: root.operationName.split(".").at(-1),
    spans: spans.length,
    start,
    duration: end - start,
    failed,
  };
}
