// One dashboard: its panels in their rows, and when they are asked again.

import { firing } from "./alerts.js";
import { connection, get, Unreachable } from "./api.js";
import { h } from "./dom.js";
import { Panel } from "./panel.js";
import { between, windowOf } from "./range.js";
import { played } from "./scenarios.js";
import { Selection } from "./selection.js";
import { ownVariables, pattern } from "./variables.js";

/** How often a lost connection is tried again, in milliseconds. */
const RETRY = 2_000;

/** A stack that has just been started, in seconds, gets its first samples: each second shows more. */
const YOUNG = 12;

export class Dashboard {
  #dashboard;
  #context;
  #panels = new Map();
  #visible = new Set();
  #selections;
  /** Which alerts fired and which scenarios were played, as the panels show it. */
  #alerts = [];
  #timer = 0;
  #lost = false;
  #closed = new AbortController();
  /** What the panels were asked for last, and one that comes into sight is asked for. */
  #view = null;

  /** `context` has the site, all dashboards, and the settings of the reader. */
  constructor(dashboard, context) {
    [this.#dashboard, this.#context] = [dashboard, context];
    this.#selections = this.#variables.map(
      (variable) => new Selection(variable, context.settings),
    );
    this.element = h(
      "div",
      {},
      dashboard.title && this.#head(),
      sections(dashboard.panels).map((section) => this.#section(section)),
    );
    this.#watch();
    context.settings.addEventListener("changed", () => this.refresh(), {
      signal: this.#closed.signal,
    });
    this.element.addEventListener("zoom", ({ detail: { start, end } }) =>
      context.settings.choose(between(start, end)),
    );
    const { signal } = this.#closed;
    connection.addEventListener("lost", () => this.#setLost(true), { signal });
    connection.addEventListener("back", () => this.#setLost(false), { signal });
    const seen = () => {
      // What is paused stays as it is while the reader looks elsewhere.
      if (context.settings.period || this.#lost || !this.#view) this.refresh();
    };
    document.addEventListener("visibilitychange", seen, { signal });
  }

  get #variables() {
    return this.#dashboard.templating?.list ?? [];
  }

  /** Asks for nothing any more. */
  close() {
    clearTimeout(this.#timer);
    this.#closed.abort();
  }

  /** Asks for all panels in sight, and again after the period. */
  async refresh() {
    clearTimeout(this.#timer);
    if (document.hidden || this.#closed.signal.aborted) return;
    const { settings, site } = this.#context;
    const isYoung = Date.now() / 1000 - site.started < YOUNG;
    const wait = this.#lost ? RETRY : isYoung ? settings.period && 1_000 : settings.period;
    if (wait) this.#timer = setTimeout(() => this.refresh(), wait);
    if (this.#lost) return this.#knock();
    this.#view = this.#viewOfNow();
    await Promise.all([
      this.#choices(this.#view),
      this.#annotate(this.#view),
      ...[...this.#visible].map((panel) => panel.refresh(this.#view)),
    ]);
  }

  /** One question is enough to hear that a server is back: then all panels ask. */
  async #knock() {
    try {
      const { site } = await get("/dashboards");
      // It may be another one, which has been started since.
      Object.assign(this.#context.site, site);
    } catch {
      // The next question comes by itself.
    }
  }

  #viewOfNow() {
    const { site, dashboards, settings } = this.#context;
    const window = windowOf(settings.range, site);
    const variables = ownVariables(window);
    for (const variable of this.#variables)
      variables[variable.name] = pattern(variable, settings.selected[variable.name] ?? []);
    const [trace] = settings.selected.trace ?? [];
    return { site, dashboards, range: settings.range, window, variables, trace };
  }

  async #choices(view) {
    try {
      await Promise.all(
        this.#selections.map((selection) => selection.refresh(view.variables, view.window)),
      );
    } catch (error) {
      // The panels say what is wrong; the pickers keep what they have.
      if (!(error instanceof Unreachable)) console.warn(error.message);
    }
  }

  async #annotate(view) {
    // Without an answer the panels say what is wrong.
    const asked = [firing(view.window), played(view.window)];
    const answers = await Promise.all(asked.map((answer) => answer.catch(() => [])));
    const alerts = answers.flat();
    if (alerts.length === 0 && this.#alerts.length === 0) return;
    this.#alerts = alerts;
    for (const panel of this.#visible) panel.annotate(alerts);
  }

  #head() {
    const { title, description } = this.#dashboard;
    return h(
      "div",
      { class: "title" },
      h("div", {}, h("h1", {}, title), description && h("p", {}, description)),
      h(
        "div",
        { class: "selections" },
        this.#selections.map(({ element }) => element),
      ),
    );
  }

  /** A row of the dashboard, which can be folded, with the panels below it. */
  #section({ title, learn, panels }) {
    const top = Math.min(...panels.map(({ gridPos }) => gridPos.y));
    const grid = h(
      "div",
      { class: "grid" },
      panels.map((definition) => {
        const panel = new Panel({
          ...definition,
          gridPos: { ...definition.gridPos, y: definition.gridPos.y - top },
        });
        this.#panels.set(panel.element, panel);
        // These are as high as their text on a narrow screen: drawn at once, they move nothing.
        if (["text", "dashlist"].includes(definition.type)) this.#visible.add(panel);
        return panel.element;
      }),
    );
    if (!title) return grid;
    return h(
      "details",
      { class: "section", open: true },
      h(
        "summary",
        {},
        h("h2", {}, title),
        learn && h("a", { class: "learn-more", href: learn.href }, `Learn: ${learn.title}`),
      ),
      grid,
    );
  }

  /** Only what is in sight, or soon will be, is asked for. */
  #watch() {
    const observer = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) {
          const panel = this.#panels.get(target);
          if (!isIntersecting) this.#visible.delete(panel);
          else if (!this.#visible.has(panel)) {
            this.#visible.add(panel);
            panel.annotate(this.#alerts);
            panel.refresh((this.#view ??= this.#viewOfNow()));
          }
        }
      },
      { rootMargin: "300px 0px" },
    );
    for (const element of this.#panels.keys()) observer.observe(element);
  }

  #setLost(lost) {
    this.#lost = lost;
    this.element.classList.toggle("stale", lost);
    // Not within the question that has just failed, or been answered.
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.refresh(), lost ? RETRY : 0);
  }
}

/** The panels by the rows above them. */
function sections(panels) {
  const found = [];
  for (const panel of panels) {
    const { type, title, learn } = panel;
    if (type === "row") found.push({ title, learn, panels: [...(panel.panels ?? [])] });
    else if (found.length === 0) found.push({ title: "", panels: [panel] });
    else found.at(-1).panels.push(panel);
  }
  return found.filter((section) => section.panels.length > 0);
}
