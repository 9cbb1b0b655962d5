// The time that the reader points at, on all charts at once.

import { s } from "./dom.js";

/** How the line of each chart is moved. Weak: a chart that a refresh has replaced is let go. */
const moves = new WeakMap();

/** Says the time to all charts; `null` when the pointer has left. */
export function point(time) {
  for (const line of document.querySelectorAll(".crosshair")) moves.get(line)(time);
}

/** The line of one chart. `place` turns a time into its x, `height` says how long the line is. */
export function crosshair(place, height) {
  const line = s("line", { class: "crosshair", y1: 0, visibility: "hidden" });
  moves.set(line, (time) => {
    const x = time === null ? null : place(time);
    if (x === null) return line.setAttribute("visibility", "hidden");
    for (const [name, value] of [
      ["x1", x],
      ["x2", x],
      ["y2", height],
    ])
      line.setAttribute(name, value);
    return line.setAttribute("visibility", "visible");
  });
  return line;
}
