// The scenarios that were played in the window: a bar in each chart over time, and a line of its tooltip.

import { stretches } from "./alerts.js";
import { prometheus } from "./api.js";

/**
 * Each scenario, as the alerts of alerts.js. A short one may lie between two steps: then the range of a step has it, and
 * the stretch begins a step before its first value.
 */
export async function played({ start, end, step }) {
  const range = `${Math.ceil(step)}s`;
  const query =
    "max by (scenario) (scenario_playing) or " +
    `max by (scenario) (max_over_time(scenario_playing[${range}]))`;
  const { result } = await prometheus("query_range", { query, start, end, step });
  return result
    .filter(({ metric }) => metric.scenario)
    .map(({ metric, values }) => ({
      kind: "scenario",
      name: metric.scenario,
      says: `scenario ${metric.scenario}`,
      stretches: stretches(values, step).map(({ from, to }) => ({ from: from - step, to: to - step })),
    }));
}
