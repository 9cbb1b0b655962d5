// From the queries of a panel to what it draws: series, exemplars, and what is wrong.

import { prometheus, Unreachable } from "./api.js";
import { windowOf } from "./range.js";
import { reason } from "./reason.js";
import { fill, ownVariables } from "./variables.js";

/**
 * Asks all queries of a panel at once. A query that fails, or has nothing to say, is a problem with
 * a text, and the others are drawn.
 */
export async function ask(panel, shared) {
  const view = viewOf(panel, shared);
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

/** The view of a panel whose points are not closer than its `interval`, as `15s`. */
function viewOf({ interval }, view) {
  if (!interval) return view;
  const window = windowOf(view.range, view.site, view.window.end, parseFloat(interval));
  return { ...view, window, variables: { ...view.variables, ...ownVariables(window) } };
}

async function one(target, panel, view) {
  const expression = fill(target.expr, view.variables);
  const { window } = view;
  try {
    const values = target.instant ? instant : range;
    const of = observations(expression);
    const [result, counts, exemplars] = await Promise.all([
      values(expression, window),
      of ? values(of, window) : [],
      target.exemplar ? dots(expression, window) : [],
    ]);
    const counted = new Map(counts.map(({ labels, values }) => [keyOf(labels), values]));
    const series = result.map((found) => ({
      ...found,
      counts: counted.get(keyOf(found.labels)),
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

/** A quantile of fewer observations than these says little: it is drawn in grey, with their number. */
export const FEW = 20;

/** Whether the value at the index is a quantile of few observations. */
export function isFew({ counts }, index) {
  const count = counts?.[index];
  return count !== undefined && count !== null && count < FEW - 0.5;
}

/** The query for how many observations a quantile is of; `null` where the query is no quantile. */
export function observations(expression) {
  const inner = /^\s*histogram_quantile\(\s*[\d.]+\s*,(.*)\)(?:\s*>=\s*0)?\s*$/s.exec(expression)?.[1];
  if (!inner || !inner.includes("_bucket")) return null;
  return inner
    .trim()
    .replace(/\bby\s*\(([^)]*)\)/, (_, labels) => {
      const others = labels.split(",").filter((label) => label.trim() !== "le");
      return `by (${others.join(",").trim()})`;
    })
    .replace(/_bucket\b/g, "_count")
    .replace(/\brate\(/g, "increase(");
}

function keyOf(labels) {
  return JSON.stringify(Object.entries(labels).sort());
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

/**
 * Single calls: time, value and trace. Of a query about unary calls there are none of streams. A panel
 * is not without data for want of dots.
 */
async function dots(query, window) {
  try {
    const { start, end } = window;
    const isUnary = query.includes('type="unary"');
    const [found, unary] = await Promise.all([
      prometheus("query_exemplars", { query, start, end }),
      isUnary ? instant(UNARY, window) : [],
    ]);
    const methods = new Set(unary.map(({ labels }) => `${labels.service}/${labels.method}`));
    const isMeant = ({ service, method }) => !isUnary || methods.has(`${service}/${method}`);
    return found.filter(({ seriesLabels }) => isMeant(seriesLabels)).flatMap(({ seriesLabels, exemplars }) =>
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

const UNARY = 'count by (service, method) (grpc_rpc_started_total{type="unary"})';

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
