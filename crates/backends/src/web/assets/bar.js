// The bar at the top: where one is, where else one can go, and what is shown.

import { h } from "./dom.js";
import { RANGES } from "./range.js";

/** Fills the bar. `changed` is called when the reader has chosen something. */
export function bar(element, { dashboards, current, settings, site, changed }) {
  const links = dashboards.map(({ uid, title }) =>
    h("a", { "aria-current": uid === current?.uid ? "page" : undefined, "data-uid": uid }, title),
  );
  const aim = () =>
    links.forEach((link) => (link.href = `/d/${link.dataset.uid}?${settings.shared}`));
  aim();
  const chosen = () => {
    aim();
    changed();
  };
  element.replaceChildren(
    h(
      "a",
      { class: "home", href: "/" },
      h("img", { src: "/assets/icon.svg", alt: "", width: 22, height: 22 }),
      "tracewalk",
    ),
    h(
      "nav",
      { "aria-label": "Dashboards" },
      links,
      h("a", { class: "out", href: site.jaeger, target: "_blank" }, "Traces"),
    ),
    ...(current ? [controls(settings, chosen)] : []),
  );
  // On a narrow screen there is no room for all of them.
  links
    .find((link) => link.dataset.uid === current?.uid)
    ?.scrollIntoView({ block: "nearest", inline: "center" });
}

function controls(settings, changed) {
  const choose = (from) => {
    settings.range = RANGES.find((range) => range.from === from);
    changed();
  };
  return h(
    "div",
    { class: "controls" },
    choice(
      "Range",
      RANGES.map(({ from, text }) => [from, text]),
      settings.range.from,
      choose,
    ),
    refreshButton(settings, changed),
  );
}

/** Buttons of which one is pressed. */
function choice(label, options, chosen, choose) {
  const buttons = options.map(([value, text]) =>
    h(
      "button",
      {
        type: "button",
        "aria-pressed": String(value === chosen),
        onclick: (event) => {
          for (const button of buttons)
            button.setAttribute("aria-pressed", String(button === event.currentTarget));
          choose(value);
        },
      },
      text,
    ),
  );
  return h("div", { class: "choice", role: "group", "aria-label": label }, buttons);
}

function refreshButton(settings, changed) {
  const words = () =>
    settings.refresh === "off"
      ? ["Paused", "Refresh every 5 s again"]
      : ["Every 5 s", "Pause the refresh"];
  const click = (event) => {
    settings.refresh = settings.refresh === "off" ? "5s" : "off";
    [event.currentTarget.lastChild.textContent, event.currentTarget.title] = words();
    event.currentTarget.classList.toggle("paused", settings.refresh === "off");
    changed();
  };
  return h(
    "button",
    {
      type: "button",
      class: settings.refresh === "off" ? "refresh paused" : "refresh",
      title: words()[1],
      onclick: click,
    },
    h("i", { "aria-hidden": "true" }),
    words()[0],
  );
}
