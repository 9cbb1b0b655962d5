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
    const name = `${metric.alertname} ${who}`.trim();
    return {
      kind: "alert",
      alert: metric.alertname,
      name,
      says: `${name} fires`,
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

/** The stretches of time without a gap between these values, each as long as its last step. */
export function stretches(values, step) {
  const found = [];
  for (const [time] of values) {
    const last = found.at(-1);
    if (last && time < last.to + step / 2) last.to = time + step;
    else found.push({ from: time, to: time + step });
  }
  return found;
}

/** The bars of a chart: of alerts above it, of scenarios at its top. */
export function bars(alerts, { inner, x }) {
  const isInside = ({ from, to }) => x(to) > inner.left && x(from) < inner.right;
  return alerts.flatMap(({ kind, says, stretches }) =>
    stretches.filter(isInside).map(({ from, to }) => {
      const left = Math.max(x(from), inner.left);
      const right = Math.min(x(to), inner.right);
      const y = kind === "alert" ? inner.top - 6 : inner.top;
      return s(
        "g",
        { class: kind },
        s("title", {}, says),
        s("rect", { x: left, y, width: Math.max(right - left, 2), height: 5 }),
        s("line", { x1: left, x2: left, y1: inner.top, y2: inner.bottom }),
      );
    }),
  );
}

/** The alerts and scenarios between two times, or at one. */
function between(alerts, since, until) {
  return alerts.filter(({ stretches }) =>
    stretches.some(({ from, to }) => from <= until && to > since),
  );
}

/** The alerts and scenarios between two times, as lines of a tooltip. */
export function saidBetween(alerts, since, until) {
  return between(alerts, since, until).map(({ kind, says }) => h("p", { class: kind }, says));
}

/** A link for each page that says what to do about them. */
export function runbooksOf(alerts, since, until) {
  const fired = between(alerts, since, until).filter(({ runbook }) => runbook);
  const pages = new Map(fired.map(({ alert, runbook }) => [runbook, alert]));
  return [...pages].map(([href, alert]) => h("a", { href }, `Runbook of ${alert}`));
}
