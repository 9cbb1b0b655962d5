// One bar for each series: which state it was in, and when.

import { mapped, named, threshold } from "../color.js";
import { h, s } from "../dom.js";
import { clock, format } from "../format.js";
import { linksOf } from "../links.js";
import { frame, interactive, timeAxis, timeOf, valueAxis } from "../plot.js";
import * as tooltip from "../tooltip.js";

export function draw(panel, answer, view, state, size) {
  if (answer.series.length === 0) return null;
  const { window } = answer;
  const field = panel.fieldConfig.defaults;
  const series = [...answer.series].sort((a, b) => a.name.localeCompare(b.name));
  const names = series.map(({ name }) => shortened(name, size.width));
  const framed = frame(size, window, names);
  const { inner } = framed;
  const band = (inner.bottom - inner.top) / series.length;
  const rowAt = (place) =>
    series[Math.min(Math.max(Math.floor((place - inner.top) / band), 0), series.length - 1)];
  const marks = [
    timeAxis(framed, window),
    valueAxis(
      framed,
      names.map((label, row) => ({ place: inner.top + (row + 0.5) * band, label, isLine: false })),
    ),
    series.map((line, row) => bar(line, inner.top + row * band, band, panel, framed, window)),
  ];
  const content = (index, place) => {
    const line = rowAt(place);
    const value = line.values[index];
    if (value === null) return null;
    const row = tooltip.row(
      colorOf(value, field),
      line.name,
      textOf(value, field),
      true,
    );
    return [h("p", { class: "time" }, clock(timeOf(index, window))), row];
  };
  const links = (_index, place) =>
    linksOf(field, view, rowAt(place).labels).map(({ title, href, newTab }) =>
      h("a", { href, target: newTab ? "_blank" : undefined }, title),
    );
  return interactive(framed, window, panel.title, state, marks, content, links);
}

/** Names take two fifths of the panel at most. */
function shortened(name, width) {
  const letters = Math.max(Math.floor((width * 0.4) / 6.6), 8);
  return name.length > letters ? `${name.slice(0, letters - 1)}…` : name;
}

/**
 * Equal values in a row are one box, with the state's name in it where there is room. A value
 * stands around its time: there the pointer reads it.
 */
function bar({ values }, top, band, panel, { x, inner }, window) {
  const field = panel.fieldConfig.defaults;
  const height = Math.min(band * (panel.options.rowHeight ?? 0.8), 34);
  const y = top + (band - height) / 2;
  return runs(values).map(({ value, from, to }) => {
    const left = Math.max(x(timeOf(from - 0.5, window)), inner.left);
    const right = Math.min(x(timeOf(to + 0.5, window)), inner.right);
    const text = textOf(value, field);
    const isNamed =
      panel.options.showValue !== "never" && right - left > text.length * 7 + 10 && height > 14;
    return s(
      "g",
      { class: "state" },
      s("rect", {
        x: left,
        y,
        width: Math.max(right - left, 1),
        height,
        rx: 2,
        style: { "--color": colorOf(value, field) },
      }),
      isNamed &&
        s("text", { x: (left + right) / 2, y: y + height / 2 + 4, "text-anchor": "middle" }, text),
    );
  });
}

function runs(values) {
  const found = [];
  values.forEach((value, index) => {
    const last = found.at(-1);
    if (value === null) return;
    if (last?.value === value && last.to === index - 1) last.to = index;
    else found.push({ value, from: index, to: index });
  });
  return found;
}

/** What the mappings call the value. */
function textOf(value, field) {
  return mapped(value, field.mappings)?.text ?? format(value, field.unit, field.decimals);
}

function colorOf(value, field) {
  const color = mapped(value, field.mappings)?.color;
  return color ? named(color) : threshold(value, field.thresholds);
}
