// The alerts that fired in the window: a bar above each chart over time, and a line of its tooltip.

import { prometheus } from "./api.js";
import { h, s } from "./dom.js";

const QUERY = 'ALERTS{alertstate="firing"}';

/** Each alert with its name and the stretches of time, `{ from, to }`, in which it fired. */
export async function firing({ start, end, step }) {
  const { result } = await prometheus("query_range", { query: QUERY, start, end, step });
  return result
    .filter(({ metric }) => metric.alertname)
    .map(({ metric, values }) => {
      const who = [metric.service_name, metric.target, metric.slo].filter(Boolean).join(" ");
      return { name: `${metric.alertname} ${who}`.trim(), stretches: stretches(values, step) };
    });
}

function stretches(values, step) {
  const found = [];
  for (const [time] of values) {
    const last = found.at(-1);
    if (last && time - last.to < 1.5 * step) last.to = time;
    else found.push({ from: time, to: time });
  }
  return found;
}

/** The bars of a chart. */
export function bars(alerts, { inner, x }, window) {
  const step = x(window.start + window.step) - x(window.start);
  return alerts.flatMap(({ name, stretches }) =>
    stretches.map(({ from, to }) => {
      const left = Math.max(x(from), inner.left);
      const right = Math.min(x(to) + step, inner.right);
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

/** The alerts that fired at a time, as lines of a tooltip. */
export function firedAt(alerts, time) {
  const fired = alerts.filter(({ stretches }) =>
    stretches.some(({ from, to }) => time >= from && time <= to),
  );
  return fired.map(({ name }) => h("p", { class: "alert" }, `${name} fires`));
}
