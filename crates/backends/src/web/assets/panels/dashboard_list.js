// The other dashboards, each with the question that it answers.

import { h } from "../dom.js";
import { dashboardAddress } from "../links.js";

export async function ask() {
  return {};
}

export function draw(panel, _answer, view) {
  const tags = panel.options.tags ?? [];
  const listed = view.dashboards.filter((dashboard) =>
    tags.every((tag) => dashboard.tags?.includes(tag)),
  );
  return h(
    "ul",
    { class: "dashboards", "data-scroll": "" },
    listed.map((dashboard) =>
      h(
        "li",
        {},
        h(
          "a",
          { href: dashboardAddress(dashboard.uid, view), "data-key": dashboard.uid },
          h("strong", {}, dashboard.title),
          h("span", {}, dashboard.description ?? ""),
        ),
      ),
    ),
  );
}
