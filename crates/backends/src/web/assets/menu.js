// The menu of a panel: its queries, the page that explains it, the whole screen.

import { h } from "./dom.js";
import { fill } from "./variables.js";

/** `view()` says what the panel shows, once it shows something. */
export function menu(panel, view) {
  const list = h("div", {});
  const element = h(
    "details",
    { class: "menu" },
    h("summary", { "aria-label": `Menu of ${panel.title}`, title: "Queries and more" }, "⋮"),
    list,
  );
  const close = () => (element.open = false);
  element.addEventListener("toggle", () => {
    if (element.open) list.replaceChildren(...items(panel, view(), close).filter(Boolean));
  });
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    close();
    element.querySelector("summary").focus();
  });
  document.addEventListener("pointerdown", (event) => {
    if (!element.contains(event.target)) close();
  });
  return element;
}

function items({ targets = [], learn }, view, close) {
  const whole = (event) => {
    close();
    event.currentTarget.closest(".panel").requestFullscreen();
  };
  return [
    learn && h("a", { href: learn.href }, `Learn: ${learn.title}`),
    h("button", { type: "button", onclick: whole }, "Full screen"),
    ...targets.filter(({ expr }) => expr && view).map((target) => query(target, view)),
  ];
}

function query({ refId, expr, datasource }, view) {
  if (datasource && datasource.type !== "prometheus") return null;
  const expression = fill(expr, view.variables);
  const { from, to } = view.range;
  const href = `/query?${new URLSearchParams({ "g0.expr": expression, from, to })}`;
  return h(
    "div",
    { class: "query" },
    h("a", { href }, `Query ${refId}: open it`),
    h("code", {}, expression),
  );
}
