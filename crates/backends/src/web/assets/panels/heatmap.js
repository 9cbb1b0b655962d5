// A histogram over time: the darker, the more calls in a band of duration.

import { h, s } from "../dom.js";
import { dots, nearestLink, placed } from "../exemplars.js";
import { clock, format, rounded } from "../format.js";
import { frame, interactive, timeAxis, timeOf, valueAxis } from "../plot.js";
import * as tooltip from "../tooltip.js";

export function draw(panel, answer, view, state, size) {
  if (answer.series.length === 0) return null;
  const { window } = answer;
  const unit = panel.options.yAxis.unit;
  const bands = bandsOf(answer.series, panel.options.filterValues?.le ?? 0);
  if (bands.length === 0) return null;
  const most = Math.max(...bands.flatMap(({ counts }) => counts.slice(1)));
  const labels = bands.map(({ high }) => rounded(high, unit));
  const plotSize = { width: size.width, height: size.height - 24 };
  const framed = frame(plotSize, window, labels);
  const { inner } = framed;
  const band = (inner.bottom - inner.top) / bands.length;
  const places = bands.map((_, row) => inner.bottom - (row + 1) * band);
  const every = Math.ceil(18 / band);
  const axis = labels
    .map((label, row) => ({ label, place: places[row], isLine: false }))
    .filter((_, row) => row % every === 0);
  const shownDots = placed(
    answer.exemplars,
    framed,
    (value) => placeOf(value, bands, inner, band),
    window,
  );
  const marks = [
    timeAxis(framed, window),
    bands.map(({ counts }, row) =>
      cells(counts, places[row], band, most, framed.x, window, panel.options),
    ),
    valueAxis(framed, axis),
    dots(shownDots, unit, view),
  ];
  const rowAt = (place) =>
    bands[Math.min(Math.max(Math.floor((inner.bottom - place) / band), 0), bands.length - 1)];
  const content = (index, place) => {
    const { low, high, counts } = rowAt(place);
    const name =
      high === Infinity
        ? `more than ${format(low, unit)}`
        : `${format(low, unit)} to ${format(high, unit)}`;
    const row = tooltip.row(
      shade(counts[index], most),
      name,
      `${format(counts[index], "short")} calls`,
      true,
    );
    const [from, to] = [index - 1, index].map((end) => clock(timeOf(end, window)));
    return [h("p", { class: "time" }, `${from} – ${to}`), row];
  };
  const links = (index) => nearestLink(shownDots, framed.x(timeOf(index, window)), unit, view);
  return h(
    "div",
    { class: "chart" },
    interactive(framed, window, panel.title, state, marks, content, links, Math.ceil),
    scaleOf(most),
  );
}

/** Buckets count all that is faster, bands only what no lower one has. Empty ends are left out. */
function bandsOf(series, least) {
  const sorted = series
    .map(({ labels, values }) => ({
      high: labels.le === "+Inf" ? Infinity : Number(labels.le),
      values,
    }))
    .sort((a, b) => a.high - b.high);
  const bands = sorted.map(({ high, values }, row) => ({
    low: row === 0 ? 0 : sorted[row - 1].high,
    high,
    counts: values.map((value, index) => {
      const count = Math.max(
        (value ?? 0) - (row === 0 ? 0 : (sorted[row - 1].values[index] ?? 0)),
        0,
      );
      return count > least ? count : 0;
    }),
  }));
  const isFull = bands.map(({ counts }) => counts.some((count) => count > 0));
  const [first, last] = [isFull.indexOf(true), isFull.lastIndexOf(true)];
  return first < 0 ? [] : bands.slice(first, last + 1);
}

/** A cell has the calls of the time since the one before, and reaches as far: there the pointer reads it. */
function cells(counts, top, band, most, x, window, options) {
  const gap = options.cellGap ?? 1;
  return counts.map((count, index) => {
    if (count === 0 || index === 0) return null;
    const [left, right] = [x(timeOf(index - 1, window)), x(timeOf(index, window))];
    return s("rect", {
      class: "cell",
      x: left,
      y: top + gap / 2,
      width: Math.max(right - left - gap, 1),
      height: Math.max(band - gap, 1),
      style: { fill: shade(count, most, options.color?.exponent) },
    });
  });
}

/** The exponent lets small counts be seen beside large ones. */
function shade(count, most, exponent = 0.5) {
  const share = Math.round((count / (most || 1)) ** exponent * 100);
  return `color-mix(in oklab, var(--heat-high) ${share}%, var(--heat-low))`;
}

function placeOf(value, bands, inner, band) {
  const row = bands.findIndex(({ high }) => value <= high);
  if (row < 0) return inner.top;
  const { low, high } = bands[row];
  const share = high === Infinity ? 0.5 : (value - low) / (high - low);
  return inner.bottom - (row + Math.max(share, 0)) * band;
}

function scaleOf(most) {
  return h("div", { class: "heat-scale" }, "0", h("i", {}), `${format(most, "short")} calls`);
}
