// The query page: one query in PromQL, its graph and its table.

import { prometheus } from "./api.js";
import { completing } from "./complete.js";
import { h } from "./dom.js";
import { Dashboard } from "./dashboard.js";

/** What to try first. */
const EXAMPLES = [
  "up",
  "sum by (service_name) (rate(grpc_rpc_duration_seconds_count[1m]))",
  "histogram_quantile(0.9, sum by (le) (rate(grpc_rpc_duration_seconds_bucket[1m])))",
];

/** `context` is that of a dashboard: the site, all dashboards, the settings of the reader. */
export function queryPage(context) {
  const { settings } = context;
  let names = [];
  prometheus("label/__name__/values", {}).then(
    (found) => (names = found),
    // Without names there is no completion; the answer to the query says what is wrong.
    () => {},
  );
  const field = h("textarea", {
    rows: 2,
    spellcheck: "false",
    "aria-label": "Query in PromQL",
    placeholder: "A query in PromQL: Enter runs it, Shift and Enter begins a line",
  });
  const results = h("div", { class: "results" });
  let dashboard = null;
  const run = () => {
    if (field.value.trim() === settings.expression) dashboard?.refresh();
    else settings.ask(field.value.trim());
  };
  const draw = () => {
    if (dashboard?.expression === settings.expression) return;
    dashboard?.close();
    dashboard = null;
    field.value = settings.expression;
    if (!settings.expression) return results.replaceChildren(examples(settings));
    dashboard = new Dashboard(definition(settings.expression, context), context);
    dashboard.expression = settings.expression;
    results.replaceChildren(dashboard.element);
    dashboard.refresh();
  };
  settings.addEventListener("changed", draw);
  const element = h(
    "div",
    { class: "query-page" },
    h("h1", {}, "Query"),
    h(
      "form",
      {
        onsubmit: (event) => {
          event.preventDefault();
          run();
        },
      },
      completing(field, () => names),
      h("button", { type: "submit", class: "run" }, "Run"),
    ),
    results,
  );
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.defaultPrevented) return;
    event.preventDefault();
    run();
  });
  draw();
  return element;
}

function examples(settings) {
  return h(
    "div",
    { class: "examples" },
    h("p", {}, "For example:"),
    EXAMPLES.map((text) =>
      h("button", { type: "button", onclick: () => settings.ask(text) }, h("code", {}, text)),
    ),
  );
}

/** A dashboard of two panels, as Grafana would have it. */
function definition(expr, { site }) {
  const target = { refId: "A", expr };
  const fieldConfig = { defaults: { custom: { lineWidth: 1.5, fillOpacity: 8 } }, overrides: [] };
  const organize = { id: "organize", options: { renameByName: { "Value #A": "Value" } } };
  return {
    title: "",
    panels: [
      {
        id: 1,
        type: "timeseries",
        title: "Graph",
        gridPos: { x: 0, y: 0, w: 24, h: 11 },
        // A dot is a link to a trace, which is on another port.
        targets: [{ ...target, exemplar: Boolean(site.jaeger) && expr.includes("_bucket") }],
        fieldConfig,
        options: { legend: { showLegend: true, calcs: ["lastNotNull"] } },
      },
      {
        id: 2,
        type: "table",
        title: "Table",
        description: "The last value of each series.",
        gridPos: { x: 0, y: 11, w: 24, h: 10 },
        targets: [{ ...target, instant: true }],
        fieldConfig: { defaults: {} },
        transformations: [organize],
        options: {},
      },
    ],
  };
}
