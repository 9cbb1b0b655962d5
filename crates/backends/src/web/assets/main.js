// Where each page starts: the list of dashboards at `/`, one dashboard at `/d/{uid}`, the query page at
// `/query`. A document below `/learn` comes complete, but for the bar.

import { connection, get } from "./api.js";
import { bar } from "./bar.js";
import { Dashboard } from "./dashboard.js";
import { h } from "./dom.js";
import { clock } from "./format.js";
import { queryPage } from "./query_page.js";
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
  const context = { site, dashboards, settings };
  const { pathname } = window.location;
  const uid = /^\/d\/([^/]+)/.exec(pathname)?.[1];
  const asks = /^\/(query|graph)$/.test(pathname);
  const current = dashboards.find((dashboard) => dashboard.uid === uid);
  bar(header, { dashboards, current, settings, site, controls: asks || current });
  if (pathname.startsWith("/learn")) return;
  document.title = `${asks ? "Query" : (current?.title ?? "Dashboards")} · tracewalk`;
  if (asks) return main.replaceChildren(queryPage(context));
  if (!current) return main.replaceChildren(uid ? unknown(uid) : overview(dashboards));
  const dashboard = new Dashboard(current, context);
  main.replaceChildren(dashboard.element);
  dashboard.refresh();
  // The browser looked for it before it was there.
  document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

start();
