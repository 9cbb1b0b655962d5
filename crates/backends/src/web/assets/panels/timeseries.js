// Lines over time, or areas on top of each other.

import { colors, named } from "../color.js";
import { h, s } from "../dom.js";
import { dots, nearestLink, placed } from "../exemplars.js";
import { clock, format, rounded } from "../format.js";
import { legend } from "../legend.js";
import { linksOf } from "../links.js";
import { frame, interactive, timeAxis, timeOf, valueAxis } from "../plot.js";
import { linear, ticks } from "../scale.js";
import { isFew } from "../query.js";
import * as tooltip from "../tooltip.js";

/** The areas of more lines than these would mix to grey: they are lines only. */
const MOST_AREAS = 6;

/** A tooltip with more lines than this would hide the chart. */
const MOST_ROWS = 14;

/** A dot that is more times higher than the lines would make them flat: it stands at the edge. */
const HIGHEST_DOT = 10;

export function draw(panel, answer, view, state, size, redraw) {
  if (answer.series.length === 0) return null;
  const field = panel.fieldConfig.defaults;
  const found = answer.series.filter((series) => series.values.some((value) => value !== null));
  const painted = colors(panel.fieldConfig, found, state.palette);
  const all = found.map((series, index) => ({
    ...series,
    color: painted[index],
    dash: dashOf(panel.fieldConfig, series.refId),
  }));
  // Who was shown alone may have gone; what is left is shown then.
  if (!all.some(({ name }) => name === state.alone)) state.alone = null;
  const shown = all.filter(({ name }) => !state.alone || name === state.alone);
  const lines =
    field.custom?.stacking?.mode === "normal"
      ? stacked(shown)
      : shown.map((line) => ({ ...line, tops: line.values }));
  const below =
    panel.options.legend.showLegend && legend(all, panel.options.legend, field, state, redraw);
  const plot = chart(panel, { ...answer, lines }, view, state, {
    width: size.width,
    height: size.height - legendHeight(all, size, panel),
  });
  return h("div", { class: "chart" }, plot, below);
}

/** How the lines of a query are dashed, if an override says so. */
function dashOf({ overrides = [] }, refId) {
  const own = overrides.filter(
    ({ matcher }) => matcher.id === "byFrameRefID" && matcher.options === refId,
  );
  const style = own.flatMap(({ properties }) => properties).find(({ id }) => id === "custom.lineStyle");
  return style?.value.dash?.join(" ");
}

/** As many lines as the names need, three at most: known before the legend is laid out. */
function legendHeight(series, { width }, panel) {
  if (!panel.options.legend.showLegend) return 0;
  const calculations = panel.options.legend.calcs?.length ?? 0;
  const letters = series.reduce(
    (sum, { name }) => sum + name.length * 6.4 + 30 + calculations * 78,
    0,
  );
  return Math.min(Math.max(Math.ceil(letters / width), 1), 3) * 22 + 4;
}

/** Each line on top of those before it. */
function stacked(lines) {
  const sums = [];
  return lines.map((line) => {
    const bases = line.values.map((_, index) => sums[index] ?? 0);
    const tops = line.values.map((value, index) =>
      value === null ? null : (sums[index] = bases[index] + value),
    );
    return { ...line, bases, tops };
  });
}

function chart(panel, answer, view, state, size) {
  const { window, lines, exemplars } = answer;
  const field = panel.fieldConfig.defaults;
  const { low, high, marks: values } = extent(field, lines, exemplars, window, size);
  const labels = values.map((value) => rounded(value, field.unit));
  const framed = frame(size, window, labels);
  const y = linear(low, high, framed.inner.bottom, framed.inner.top);
  const shownDots = placed(exemplars, framed, y, window);
  const marks = [
    valueAxis(
      framed,
      values.map((value, index) => ({ place: y(value), label: labels[index] })),
    ),
    timeAxis(framed, window),
    thresholds(field, framed, y, low, high),
    lines
      .map((line) =>
        draft(line, { count: lines.length, field, framed, y, window, ground: Math.max(low, 0) }),
      )
      .reverse(),
    dots(shownDots, field.unit, view),
  ];
  const nearest = (index, place) => nearestTo(lines, index, place, y);
  return interactive(
    framed,
    window,
    panel.title,
    state,
    marks,
    (index, place) => readings(lines, field, window, index, nearest(index, place)),
    (index, place) => [
      ...nearestLink(shownDots, framed.x(timeOf(index, window)), field.unit, view),
      ...linksOf(field, view, nearest(index, place)?.labels).map(({ title, href, newTab }) =>
        h("a", { href, target: newTab ? "_blank" : undefined }, title),
      ),
    ],
  );
}

/** The ends of the axis and its ticks. A threshold that is near belongs to the picture. */
function extent(field, lines, exemplars, window, { height }) {
  const known = lines
    .flatMap((line) => [...line.tops, ...(line.bases ?? [])])
    .filter((value) => value !== null);
  const highest = Math.max(...known) * HIGHEST_DOT;
  for (const { time, value } of exemplars) {
    if (time >= window.start && time <= window.end && value <= highest) known.push(value);
  }
  let high = Math.max(...known, field.max ?? field.custom?.axisSoftMax ?? -Infinity);
  const low = field.min ?? Math.min(...known);
  for (const { value } of dashed(field)) if (value > high && value <= high * 2) high = value * 1.05;
  if (high <= low) high = low + (low ? Math.abs(low) / 2 : 1);
  const marks = ticks(
    low,
    high,
    Math.max(Math.floor(height / 50), 2),
    field.unit === "bytes" ? 1024 : 10,
  );
  return { low: Math.min(low, marks[0]), high: Math.max(high, marks.at(-1)), marks };
}

function dashed(field) {
  if (field.custom?.thresholdsStyle?.mode !== "dashed") return [];
  return field.thresholds.steps.filter(({ value }) => value !== null);
}

function thresholds(field, { inner }, y, low, high) {
  return dashed(field)
    .filter(({ value }) => value >= low && value <= high)
    .map(({ value, color }) =>
      s("line", {
        class: "threshold",
        x1: inner.left,
        x2: inner.right,
        y1: y(value),
        y2: y(value),
        style: { stroke: named(color) },
      }),
    );
}

/** The line and the area below it, in as many pieces as there are gaps. */
function draft(line, { count, field, framed: { x }, y, window, ground }) {
  const { lineWidth = 1, fillOpacity = 0 } = field.custom ?? {};
  const opacity = line.bases || count <= MOST_AREAS ? fillOpacity / 100 : 0;
  const pieces = piecesOf(line.tops);
  const at = (index, value) => `${x(timeOf(index, window)).toFixed(1)} ${y(value).toFixed(1)}`;
  const base = (index) => at(index, line.bases ? line.bases[index] : ground);
  const outline = (tops) =>
    piecesOf(tops).map((piece) => `M${piece.map((index) => at(index, tops[index])).join("L")}`);
  const path = outline(line.tops);
  const areas = pieces.map(
    (piece, number) => `${path[number]}L${[...piece].reverse().map(base).join("L")}Z`,
  );
  const stroke = (tops, name) =>
    s("path", {
      class: name,
      d: outline(tops).join(""),
      fill: "none",
      style: { stroke: line.color, "stroke-width": lineWidth, "stroke-dasharray": line.dash ?? "none" },
    });
  const few = line.tops.map((_, index) => isFew(line, index));
  const faint = (index) => few[index - 1] || few[index] || few[index + 1];
  const single = pieces
    .filter((piece) => piece.length === 1)
    .map(([index]) =>
      s("circle", {
        cx: x(timeOf(index, window)),
        cy: y(line.tops[index]),
        r: 2,
        style: { fill: line.color },
      }),
    );
  return s(
    "g",
    { class: "line" },
    s("path", { d: areas.join(""), style: { fill: line.color, "fill-opacity": opacity } }),
    stroke(line.tops.map((value, index) => (few[index] ? null : value))),
    stroke(line.tops.map((value, index) => (faint(index) ? value : null)), "few"),
    single,
  );
}

/** The runs of indices without a gap. */
function piecesOf(values) {
  const pieces = [];
  values.forEach((value, index) => {
    if (value === null) return;
    if (index > 0 && values[index - 1] !== null) pieces.at(-1).push(index);
    else pieces.push([index]);
  });
  return pieces;
}

function nearestTo(lines, index, place, y) {
  const known = lines.filter((line) => line.tops[index] !== null);
  return known.sort(
    (a, b) => Math.abs(y(a.tops[index]) - place) - Math.abs(y(b.tops[index]) - place),
  )[0];
}

/** All values at one time, the highest first; the line that is nearest stands out. */
function readings(lines, field, window, index, nearest) {
  const known = lines
    .filter((line) => line.values[index] !== null)
    .sort((a, b) => b.values[index] - a.values[index]);
  if (known.length === 0) return null;
  const rows = known
    .slice(0, MOST_ROWS)
    .map((line) =>
      tooltip.row(
        line.color,
        line.name,
        format(line.values[index], field.unit, field.decimals) +
          (isFew(line, index) ? ` of ${Math.round(line.counts[index])} calls` : ""),
        known.length > 1 && line.name === nearest?.name,
      ),
    );
  if (known.length > MOST_ROWS)
    rows.push(h("p", { class: "hint" }, `and ${known.length - MOST_ROWS} more`));
  return [h("p", { class: "time" }, clock(timeOf(index, window))), ...rows];
}
