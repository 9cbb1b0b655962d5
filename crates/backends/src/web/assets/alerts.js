// The alerts that fired in the window: a bar above each chart over time, a line of its tooltip, and a link
// to the runbook.

import { prometheus } from "./api.js";
import { h, s } from "./dom.js";

const QUERY = 'ALERTS{alertstate="firing"}';

/**
 * Each alert with the name of its rule and its own, the address of its runbook if it has one, and the stretches of time,
 * `{ from, to }`, in which it fired: both in seconds since 1970, `to` a `step` after the last sample.
 */
export async function firing({ start, end, step }) {
  const { result } = await prometheus("query_range", { query: QUERY, start, end, step });
  const found = result.filter(({ metric }) => metric.alertname);
  if (found.length === 0) return [];
  const runbooks = await runbooksByAlert();
  return found.map(({ metric, values }) => {
    const who = [metric.service_name, metric.target, metric.slo].filter(Boolean).join(" ");
    return {
      alert: metric.alertname,
      name: `${metric.alertname} ${who}`.trim(),
      runbook: runbooks.get(metric.alertname),
      stretches: stretches(values, step),
    };
  });
}

async function runbooksByAlert() {
  const { groups } = await prometheus("rules", { type: "alert" });
  const rules = groups.flatMap((group) => group.rules);
  return new Map(rules.map((rule) => [rule.name, runbookAddress(rule)]));
}

/** The page that says what to do; `undefined` for a rule without one. */
export function runbookAddress({ annotations }) {
  return annotations?.runbook && `/learn/${annotations.runbook}`;
}

function stretches(values, step) {
  const found = [];
  for (const [time] of values) {
    const last = found.at(-1);
    if (last && time < last.to + step / 2) last.to = time + step;
    else found.push({ from: time, to: time + step });
  }
  return found;
}

/** The bars of a chart. */
export function bars(alerts, { inner, x }) {
  const isInside = ({ from, to }) => x(to) > inner.left && x(from) < inner.right;
  return alerts.flatMap(({ name, stretches }) =>
    stretches.filter(isInside).map(({ from, to }) => {
      const left = Math.max(x(from), inner.left);
      const right = Math.min(x(to), inner.right);
      return s(
        "g",
        { class: "alert" },
        s("title", {}, `${name} fired`),
        s("rect", { x: left, y: inner.top - 6, width: Math.max(right - left, 2), height: 5 }),
        s("line", { x1: left, x2: left, y1: inner.top, y2: inner.bottom }),
      );
    }),
  );
}

/** The alerts that fired between two times, or at one. */
function between(alerts, since, until) {
  return alerts.filter(({ stretches }) =>
    stretches.some(({ from, to }) => from <= until && to > since),
  );
}

/** The alerts that fired between two times, as lines of a tooltip. */
export function firedBetween(alerts, since, until) {
  return between(alerts, since, until).map(({ name }) => h("p", { class: "alert" }, `${name} fires`));
}

/** A link for each page that says what to do about them. */
export function runbooksOf(alerts, since, until) {
  const fired = between(alerts, since, until).filter(({ runbook }) => runbook);
  const pages = new Map(fired.map(({ alert, runbook }) => [runbook, alert]));
  return [...pages].map(([href, alert]) => h("a", { href }, `Runbook of ${alert}`));
}
