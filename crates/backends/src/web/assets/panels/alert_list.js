// The alerting rules, the loudest first.

import { runbookAddress } from "../alerts.js";
import { prometheus } from "../api.js";
import { h } from "../dom.js";
import { clock } from "../format.js";

const ORDER = ["firing", "pending", "inactive"];
const WORDS = { firing: "firing", pending: "pending", inactive: "quiet" };

export async function ask() {
  const { groups } = await prometheus("rules", { type: "alert" });
  const rules = groups.flatMap((group) => group.rules).filter((rule) => rule.type === "alerting");
  if (rules.length > 0) return { rules };
  return { rules, problems: [{ kind: "empty", text: "There are no alerting rules." }] };
}

export function draw(_panel, { rules }) {
  if (!rules?.length) return null;
  const sorted = [...rules].sort(
    (a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || a.name.localeCompare(b.name),
  );
  return h("ul", { class: "alerts", "data-scroll": "" }, sorted.map(item));
}

/** The name leads to what to do. */
function named(rule) {
  const { name } = rule;
  const href = runbookAddress(rule);
  if (!href) return h("strong", {}, name);
  const title = `Runbook of ${name}`;
  return h("a", { href, title, "data-key": href }, h("strong", {}, name));
}

function item(rule) {
  const active = rule.alerts ?? [];
  const since = active.map((alert) => Date.parse(alert.activeAt) / 1000).sort()[0];
  const said = active.map((alert) => alert.annotations?.summary).filter(Boolean);
  return h(
    "li",
    { class: rule.state },
    h("span", { class: "state" }, WORDS[rule.state] ?? rule.state),
    h(
      "div",
      {},
      named(rule),
      " ",
      h("span", {}, said.length ? said.join("; ") : (rule.annotations?.description ?? "")),
    ),
    since ? h("time", {}, `since ${clock(since)}`) : null,
  );
}
