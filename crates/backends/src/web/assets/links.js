// Where a panel, a series or a value leads.

import { fill } from "./variables.js";

/**
 * The links of a panel's field, ready to follow. Grafana's own Explore is not here, so links to it
 * are left out. `field` has the labels of a series, `value` the text of a cell.
 */
export function linksOf(config, view, field = {}, value = "") {
  const variables = {
    ...view.variables,
    ...timeVariables(view),
    "__value.text": value,
    "__value.raw": value,
  };
  for (const [label, text] of Object.entries(field))
    variables[`__field.labels.${label}`] = encodeURIComponent(text);
  return (config?.links ?? [])
    .filter((link) => !link.url.startsWith("/explore"))
    .map((link) => ({
      title: fill(link.title, variables).replaceAll("%20", " "),
      href: fill(link.url, variables),
      newTab: Boolean(link.targetBlank),
    }))
    .filter((link) => !link.href.includes("${"));
}

/** The address of a dashboard of this page, with the range of now. */
export function dashboardAddress(uid, view) {
  return `/d/${uid}?${timeVariables(view).__url_time_range}`;
}

/** The page of a trace in the Jaeger UI. */
export function traceAddress(traceId, view) {
  return `${view.site.jaeger}/trace/${traceId}`;
}

function timeVariables(view) {
  return {
    __url_time_range: `from=${view.range.from}&to=${view.range.to}`,
    __from: Math.round(view.window.start * 1000),
    __to: Math.round(view.window.end * 1000),
  };
}
