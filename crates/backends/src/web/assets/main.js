// Where the page starts: the list of dashboards at `/`, one dashboard at `/d/{uid}`.

import { connection, get } from "./api.js";
import { bar } from "./bar.js";
import { Dashboard } from "./dashboard.js";
import { h } from "./dom.js";
import { clock } from "./format.js";
import { Settings } from "./settings.js";

const [header, outage, main] = ["header.bar", ".outage", "main"].map((selector) =>
  document.querySelector(selector),
);

/** Tries until the server answers: the page may be open before it is. */
async function load() {
  for (;;) {
    try {
      return await get("/dashboards");
    } catch {
      await new Promise((later) => setTimeout(later, 1_000));
    }
  }
}

function overview(dashboards) {
  return h(
    "div",
    { class: "overview" },
    h("h1", {}, "Dashboards"),
    h("p", {}, "The same dashboards as in Grafana, drawn without it. Each answers one question."),
    h(
      "ul",
      { class: "dashboards" },
      dashboards.map(({ uid, title, description }) =>
        h(
          "li",
          {},
          h("a", { href: `/d/${uid}` }, h("strong", {}, title), h("span", {}, description ?? "")),
        ),
      ),
    ),
  );
}

function unknown(uid) {
  return h(
    "div",
    { class: "overview" },
    h("h1", {}, "No such dashboard"),
    h("p", {}, `There is none with the uid ${uid}. `, h("a", { href: "/" }, "These are there.")),
  );
}

/** A lost connection is said here and nowhere else. */
function watchConnection() {
  connection.addEventListener("lost", ({ detail: asked }) => {
    const since = clock(asked / 1000);
    outage.textContent =
      `No answer since ${since}. ` +
      "The panels show what was known then; this page goes on by itself.";
    outage.hidden = false;
  });
  connection.addEventListener("back", () => (outage.hidden = true));
}

async function start() {
  watchConnection();
  const { site, dashboards } = await load();
  const settings = new Settings();
  const uid = /^\/d\/([^/]+)/.exec(window.location.pathname)?.[1];
  const definition = dashboards.find((dashboard) => dashboard.uid === uid);
  const dashboard = definition && new Dashboard(definition, { site, dashboards, settings });
  bar(header, {
    dashboards,
    current: definition,
    settings,
    site,
    changed: () => dashboard?.changed(),
  });
  main.replaceChildren(dashboard?.element ?? (uid ? unknown(uid) : overview(dashboards)));
  document.title = `${definition?.title ?? "Dashboards"} · tracewalk`;
  dashboard?.refresh();
}

start();
