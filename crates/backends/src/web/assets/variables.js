// The variables of a dashboard and those that Grafana has by itself, in queries and in links.

import { prometheus } from "./api.js";

/**
 * The text with `$name`, `${name}` and `${name:format}` filled in; what is no variable stays. A
 * name may have dots: `${__field.labels.code}`.
 */
export function fill(text, values) {
  return text.replace(/\$(\w+)|\$\{([\w.]+)(?::\w+)?\}/g, (whole, bare, braced) => {
    const value = values[bare ?? braced];
    return value === undefined ? whole : String(value);
  });
}

/** What stands for Grafana's own variables in a query about this window. */
export function ownVariables(window) {
  return {
    __interval: `${window.step}s`,
    __rate_interval: `${window.rateInterval}s`,
    __range: `${window.seconds}s`,
    __range_s: window.seconds,
  };
}

/**
 * The selection as a regular expression for `=~"…"`: all, or any of the chosen texts. What means
 * something in a regular expression is escaped first, and then what does in a text of PromQL.
 */
export function pattern(variable, chosen) {
  if (chosen.length === 0) return variable.allValue ?? ".+";
  return chosen
    .map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"))
    .join("|")
    .replace(/["\\]/g, "\\$&")
    .replaceAll("\n", "\\n");
}

/** What can be chosen: the answer to `label_values(selector, label)`, sorted. */
export async function choices(variable, values, window) {
  const query = variable.query?.query ?? variable.query;
  const [, selector, label] = /^label_values\(\s*(.*?)\s*,\s*(\w+)\s*\)$/s.exec(query) ?? [];
  if (!label)
    throw new Error(`the variable ${variable.name} asks what this page does not know: ${query}`);
  const found = await prometheus(`label/${label}/values`, {
    "match[]": fill(selector, values),
    start: window.start,
    end: window.end,
  });
  return found.sort();
}
