// The bar at the top: where one is, where else one can go, and what is shown.

import { h, replace } from "./dom.js";
import { RANGES } from "./range.js";

/**
 * Fills the bar. `current` is the dashboard that is shown, if one is; `controls` says whether there is
 * something to choose. On the port of the query API the `site` has no other pages.
 */
export function bar(element, { dashboards, current, settings, site, controls }) {
  const here = (path) => (window.location.pathname.startsWith(path) ? "page" : undefined);
  const links = dashboards.map(({ uid, title }) =>
    h("a", { "aria-current": uid === current?.uid ? "page" : undefined, "data-uid": uid }, title),
  );
  const query = h("a", { "aria-current": here("/query") }, "Query");
  const aim = () => {
    links.forEach((link) => (link.href = `/d/${link.dataset.uid}?${settings.shared}`));
    query.href = `/query?${settings.shared}`;
  };
  aim();
  settings.addEventListener("changed", aim);
  element.replaceChildren(
    h(
      "a",
      { class: "home", href: "/" },
      h("img", { src: "/assets/icon.svg", alt: "", width: 22, height: 22 }),
      "tracewalk",
    ),
    h(
      "nav",
      { "aria-label": "Pages" },
      links,
      query,
      site.jaeger && h("a", { href: "/learn", "aria-current": here("/learn") }, "Learn"),
      site.jaeger && h("a", { class: "out", href: site.jaeger, target: "_blank" }, "Traces"),
    ),
    ...(controls ? [h("div", { class: "controls" }, ranges(settings), refresh(settings))] : []),
  );
  // On a narrow screen there is no room for all of them.
  element
    .querySelector("nav [aria-current]")
    ?.scrollIntoView({ block: "nearest", inline: "center" });
}

/** The ranges of the picker, and that of the address if it is another. */
function ranges(settings) {
  const group = h("div", { class: "choice", role: "group", "aria-label": "Range" });
  const button = (range) =>
    h(
      "button",
      {
        type: "button",
        "aria-pressed": String(range.from === settings.range.from),
        "data-key": range.from,
        onclick: () => settings.choose(range),
      },
      range.text,
    );
  const draw = () => {
    const own = RANGES.includes(settings.range) ? [] : [settings.range];
    replace(group, [...own, ...RANGES].map(button));
  };
  draw();
  settings.addEventListener("changed", draw);
  return group;
}

function refresh(settings) {
  const words = h("span", {});
  const click = () => {
    settings.refresh = settings.refresh === "off" ? "5s" : "off";
    settings.save();
  };
  const button = h(
    "button",
    { type: "button", onclick: click },
    h("i", { "aria-hidden": "true" }),
    words,
  );
  const draw = () => {
    const paused = settings.refresh === "off";
    button.className = paused ? "refresh paused" : "refresh";
    button.title = paused ? "Refresh every 5 s again" : "Pause the refresh";
    words.textContent = paused ? "Paused" : "Every 5 s";
  };
  draw();
  settings.addEventListener("changed", draw);
  return button;
}
