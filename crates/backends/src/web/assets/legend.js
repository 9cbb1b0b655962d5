// The names below a chart. A click shows that series alone, another one shows all again.

import { h } from "./dom.js";
import { format } from "./format.js";

const CALCULATIONS = {
  mean: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
  max: (values) => Math.max(...values),
  min: (values) => Math.min(...values),
  lastNotNull: (values) => values.at(-1),
};

/**
 * `entries` are `{ name, color, values }`; `state.alone` is the name that is shown alone, if any,
 * and `redraw` is called when it changes.
 */
export function legend(entries, options, field, state, redraw) {
  const calculations = (options?.calcs ?? []).filter((name) => CALCULATIONS[name]);
  const items = entries.map(({ name, color, values }) => {
    const known = values.filter((value) => value !== null);
    const numbers = calculations.map((calculation) =>
      h(
        "span",
        { class: "calc" },
        h("small", {}, calculation),
        " ",
        known.length ? format(CALCULATIONS[calculation](known), field.unit, field.decimals) : "–",
      ),
    );
    const click = () => {
      state.alone = state.alone === name ? null : name;
      redraw();
    };
    return h(
      "button",
      {
        type: "button",
        class: state.alone && state.alone !== name ? "off" : "",
        "aria-pressed": state.alone === name ? "true" : "false",
        title: state.alone === name ? "Show all" : `Show ${name} alone`,
        "data-key": `legend ${name}`,
        onclick: click,
      },
      h("i", { class: "mark", style: { background: color } }),
      name,
      numbers,
    );
  });
  return h("div", { class: "legend", "data-scroll": "" }, items);
}
