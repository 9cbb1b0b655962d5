// From the queries of a panel to what it draws: series, exemplars, and what is wrong.

import { prometheus, Unreachable } from "./api.js";
import { fill } from "./variables.js";
import { reason } from "./reason.js";

/**
 * Asks all queries of a panel at once. A query that fails, or has nothing to say, is a problem with
 * a text, and the others are drawn.
 */
export async function ask(panel, view) {
  const answers = await Promise.all(
    (panel.targets ?? []).map((target) => one(target, panel, view)),
  );
  return {
    window: view.window,
    series: answers.flatMap((answer) => answer.series ?? []),
    exemplars: answers.flatMap((answer) => answer.exemplars ?? []),
    problems: answers.flatMap((answer) => answer.problem ?? []),
  };
}

async function one(target, panel, view) {
  const expression = fill(target.expr, view.variables);
  const { window } = view;
  try {
    const [result, exemplars] = await Promise.all([
      target.instant ? instant(expression, window) : range(expression, window),
      target.exemplar ? dots(expression, window) : [],
    ]);
    const series = result.map((found) => ({
      ...found,
      refId: target.refId,
      name: nameOf(target, found.labels, panel),
    }));
    if (series.some((found) => found.values.some((value) => value !== null)))
      return { series, exemplars };
    return {
      problem: {
        refId: target.refId,
        expression,
        ...(await reason(expression, series.length, view)),
      },
    };
  } catch (error) {
    if (error instanceof Unreachable) throw error;
    return { problem: { refId: target.refId, expression, kind: "error", text: error.message } };
  }
}

/** Values on the grid of the window; `null` where there is none. */
async function range(query, window) {
  const { start, end, step, count } = window;
  const { result } = await prometheus("query_range", { query, start, end, step });
  return result.map(({ metric, values }) => {
    const line = new Array(count).fill(null);
    for (const [time, text] of values) line[Math.round((time - start) / step)] = number(text);
    return { labels: metric, values: line };
  });
}

async function instant(query, window) {
  const { result } = await prometheus("query", { query, time: window.end });
  return result.map(({ metric, value }) => ({ labels: metric, values: [number(value[1])] }));
}

/** Single calls: time, value and trace. A panel is not without data for want of dots. */
async function dots(query, window) {
  try {
    const found = await prometheus("query_exemplars", {
      query,
      start: window.start,
      end: window.end,
    });
    return found.flatMap(({ seriesLabels, exemplars }) =>
      exemplars
        .filter(({ labels }) => labels.trace_id)
        .map(({ labels, value, timestamp }) => ({
          time: timestamp,
          value: Number(value),
          traceId: labels.trace_id,
          labels: seriesLabels,
        })),
    );
  } catch (error) {
    if (error instanceof Unreachable) throw error;
    return [];
  }
}

function number(text) {
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

/** The legend's text: `{{label}}` filled in, or else the title of the panel, or the labels. */
export function nameOf(target, labels, panel) {
  if (target.legendFormat) {
    const name = target.legendFormat.replace(
      /\{\{\s*(\w+)\s*\}\}/g,
      (_, label) => labels[label] ?? "",
    );
    return name.replace(/\s+/g, " ").trim();
  }
  const texts = Object.entries(labels)
    .filter(([label]) => label !== "__name__")
    .map(([, text]) => text);
  return texts.join(" ") || panel.title;
}
