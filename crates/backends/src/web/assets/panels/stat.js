// One large number for each series, with its line behind it.

import { threshold } from "../color.js";
import { h, s } from "../dom.js";
import { format, parts } from "../format.js";
import { linksOf } from "../links.js";
import { isFew } from "../query.js";

export function draw(panel, answer, view, _state, size) {
  const field = panel.fieldConfig.defaults;
  if (answer.series.length === 0) {
    const failed = answer.problems.some((problem) => problem.kind === "error");
    if (failed || !field.noValue) return null;
    const why = answer.problems.map((problem) => problem.text).join(" ");
    return h(
      "div",
      { class: "figures" },
      h(
        "div",
        { class: "figure silent" },
        h("span", { class: "value" }, field.noValue),
        h("span", { class: "why" }, why),
      ),
    );
  }
  const named = panel.options.textMode === "value_and_name" || answer.series.length > 1;
  const figures = answer.series.map((series) =>
    figure(panel, series, view, named, size, answer.series.length),
  );
  return h("div", { class: "figures" }, figures);
}

function figure(panel, series, view, named, size, count) {
  const {
    options,
    fieldConfig: { defaults: field },
  } = panel;
  const last = series.values.findLastIndex((number) => number !== null);
  const value = series.values[last];
  const few = isFew(series, last);
  const color = few ? "var(--muted)" : threshold(value, field.thresholds);
  const { text, suffix } = parts(value, field.unit, field.decimals);
  const filled = options.colorMode === "background";
  const height = size.height / count;
  const content = [
    options.graphMode === "area" && !filled && height > 56 && spark(series.values, color, field),
    named && h("span", { class: "name" }, series.name),
    h("span", { class: "value" }, text, suffix && h("small", {}, suffix)),
    few && h("span", { class: "why" }, `of ${format(Math.round(series.counts[last]))} calls`),
  ];
  const [link] = linksOf(field, view, series.labels, text);
  const attributes = {
    class: filled ? "figure filled" : "figure",
    style: { "--color": color, "--size": `${fontSize(text + suffix, size, height)}px` },
  };
  if (!link) return h("div", attributes, content);
  const target = link.newTab ? "_blank" : undefined;
  return h(
    "a",
    { ...attributes, href: link.href, target, title: link.title, "data-key": series.name },
    content,
  );
}

/** As large as the panel lets it be. */
function fontSize(text, size, height) {
  return Math.max(18, Math.min(44, height * 0.46, (size.width - 24) / (text.length * 0.56)));
}

function spark(values, color, field) {
  const known = values.filter((value) => value !== null);
  if (known.length < 2) return null;
  const high = Math.max(...known);
  // A line that is nearly flat looks so.
  const low = Math.min(field.min ?? high * 0.8, ...known);
  const span = high - low || 1;
  const points = values.map((value, index) =>
    value === null
      ? null
      : `${(index / (values.length - 1)) * 100},${28 - ((value - low) / span) * 24}`,
  );
  const line = points.filter(Boolean);
  const [first, last] = [line[0].split(",")[0], line.at(-1).split(",")[0]];
  return s(
    "svg",
    { class: "spark", viewBox: "0 0 100 30", preserveAspectRatio: "none", "aria-hidden": "true" },
    s("polygon", { points: `${first},30 ${line.join(" ")} ${last},30`, style: { fill: color } }),
    s("polyline", { points: line.join(" "), style: { stroke: color } }),
  );
}
