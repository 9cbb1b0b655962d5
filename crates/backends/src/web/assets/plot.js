// What all charts over time share: the frame with its axes, and what happens under the pointer.

import { bars, runbooksOf, saidBetween } from "./alerts.js";
import { crosshair, point } from "./crosshair.js";
import { h, s } from "./dom.js";
import { clock } from "./format.js";
import { linear, times } from "./scale.js";
import * as tooltip from "./tooltip.js";
import { Zoom } from "./zoom.js";

const BOTTOM = 22;
const TOP = 8;
const RIGHT = 10;

/** The frame of a chart: `x` turns a time into a place, `inner` is what is left for the marks. */
export function frame({ width, height }, window, labels) {
  // Digits are 6.6 px wide at the size of the axes.
  const left = Math.min(
    Math.max(...labels.map((label) => label.length), 2) * 6.6 + 12,
    width * 0.42,
  );
  const inner = {
    left,
    right: width - RIGHT,
    top: TOP,
    bottom: Math.max(height - BOTTOM, TOP + 10),
  };
  return { width, height, inner, x: linear(window.start, window.end, left, inner.right) };
}

/** The times below, with a line of the grid each. */
export function timeAxis({ inner, x }, window) {
  const width = inner.right - inner.left;
  const tight = times(window, Math.max(width / 74, 2));
  const { times: places, withSeconds } = tight.withSeconds
    ? times(window, Math.max(width / 104, 2))
    : tight;
  return places.map((time) =>
    s(
      "g",
      { class: "tick" },
      s("line", { x1: x(time), x2: x(time), y1: inner.top, y2: inner.bottom }),
      s(
        "text",
        { x: x(time), y: inner.bottom + 15, "text-anchor": anchor(x(time), inner) },
        clock(time, withSeconds),
      ),
    ),
  );
}

/** A label at an edge stays inside. */
function anchor(place, { left, right }) {
  if (place < left + 14) return "start";
  return place > right - 14 ? "end" : "middle";
}

/** The values at the left; `place` turns one into its y. */
export function valueAxis({ inner }, ticks) {
  return ticks.map(({ place, label, isLine = true }) =>
    s(
      "g",
      { class: "tick" },
      isLine && s("line", { x1: inner.left, x2: inner.right, y1: place, y2: place }),
      s("text", { x: inner.left - 6, y: place + 4, "text-anchor": "end" }, label),
    ),
  );
}

/**
 * The chart, listening. The pointer moves the crosshair of all charts and `content(index, place)`
 * fills the tooltip; a click, or Enter, pins it with `links(index, place)`; the arrow keys move
 * too, and with Shift choose a stretch of time, which Enter shows alone. `state` outlives the chart: a
 * refresh makes another one, and the keyboard goes on there; its `alerts` are marked. `snap` says which time
 * is read between two: with `Math.ceil` a value is about the time since the one before.
 */
export function interactive(
  framed,
  window,
  title,
  state,
  marks,
  content,
  links,
  snap = Math.round,
) {
  const { width, height, inner, x } = framed;
  const alerts = state.alerts ?? [];
  const read = () => [timeOf(snap === Math.ceil ? index - 1 : index, window), timeOf(index, window)];
  let index = clamp(Math.round(((state.time ?? window.end) - window.start) / window.step), window);
  let y = (inner.top + inner.bottom) / 2;
  const line = crosshair(
    (time) => (time < window.start || time > window.end ? null : x(time)),
    inner.bottom,
  );
  const svg = s(
    "svg",
    {
      class: "plot",
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      tabindex: 0,
      role: "img",
      "data-key": "plot",
      "aria-label": `${title}. The arrow keys read values, Enter shows links. With Shift they choose a stretch of time, and Enter shows it alone.`,
    },
    marks,
    bars(alerts, framed),
    line,
  );
  const zoom = new Zoom(svg, framed, window, state);
  const place = () => {
    const box = svg.getBoundingClientRect();
    return { x: box.left + x(timeOf(index, window)), y: box.top + y };
  };
  const rowsHere = () => {
    const said = saidBetween(alerts, ...read());
    const rows = content(index, y) ?? (said.length > 0 ? [timeRow(index, window)] : null);
    return rows && [...rows, ...said];
  };
  const show = () => {
    state.time = timeOf(index, window);
    point(state.time);
    const rows = rowsHere();
    if (rows) tooltip.show(rows, place());
  };
  const leave = () => {
    point(null);
    tooltip.hide();
  };
  const pin = () => {
    const panel = svg.closest(".panel");
    const rows = rowsHere();
    if (rows)
      tooltip.pin(
        [...rows, ...links(index, y), ...runbooksOf(alerts, ...read())],
        place(),
        () => panel.querySelector(".plot")?.focus({ preventScroll: true }),
      );
  };
  const move = (event) => {
    if (state.dragging) return tooltip.hide();
    const box = svg.getBoundingClientRect();
    const share = (event.clientX - box.left - inner.left) / (inner.right - inner.left);
    index = clamp(snap(share * (window.count - 1)), window);
    y = event.clientY - box.top;
    show();
  };
  svg.addEventListener("pointermove", move);
  svg.addEventListener("pointerleave", leave);
  svg.addEventListener("blur", leave);
  svg.addEventListener("focus", () => svg.matches(":focus-visible") && state.time && show());
  svg.addEventListener("click", (event) => {
    if (event.target.closest("a") || state.dragging) return;
    move(event);
    pin();
  });
  svg.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by && event.key !== "Enter") return;
    event.preventDefault();
    if (by) {
      state.anchor = event.shiftKey ? (state.anchor ?? timeOf(index, window)) : null;
      index = clamp(index + by, window);
      show();
      if (state.anchor) zoom.show(state.anchor, state.time);
      else zoom.hide();
    } else if (state.anchor) {
      zoom.go(state.anchor, state.time);
      state.anchor = null;
    } else pin();
  });
  return svg;
}

function timeRow(index, window) {
  return h("p", { class: "time" }, clock(timeOf(index, window)));
}

export function timeOf(index, window) {
  return window.start + index * window.step;
}

function clamp(index, window) {
  return Math.min(Math.max(index, 0), window.count - 1);
}
