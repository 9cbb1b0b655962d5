// One panel: its frame, what it asks, and what it says when there is nothing to draw.

import { Unreachable } from "./api.js";
import { Palette } from "./color.js";
import { h, replace } from "./dom.js";
import { inline } from "./markdown.js";
import { menu } from "./menu.js";
import { ask } from "./query.js";
import * as alertlist from "./panels/alert_list.js";
import * as dashlist from "./panels/dashboard_list.js";
import * as heatmap from "./panels/heatmap.js";
import * as logs from "./panels/logs.js";
import * as nodeGraph from "./panels/node_graph.js";
import * as stat from "./panels/stat.js";
import * as stateTimeline from "./panels/state_timeline.js";
import * as table from "./panels/table.js";
import * as text from "./panels/text.js";
import * as timeseries from "./panels/timeseries.js";
import * as traces from "./panels/traces.js";

/**
 * What draws a panel. `draw(panel, answer, view, state, size)` makes the nodes of the body;
 * `ask(panel, view)` gets the answer, where that is not by PromQL.
 */
const TYPES = {
  alertlist,
  dashlist,
  heatmap,
  logs,
  nodeGraph,
  stat,
  "state-timeline": stateTimeline,
  table,
  text,
  timeseries,
};

/** A table or a graph of Jaeger's is another thing than one of Prometheus. */
function typeOf(panel) {
  return panel.type === "table" && panel.datasource?.type === "jaeger" ? traces : TYPES[panel.type];
}

export class Panel {
  #panel;
  #type;
  #body = h("div", { class: "body loading" });
  #note = h("details", { class: "note", hidden: true });
  #state = { palette: new Palette(), alone: null };
  #answer = null;
  #view = null;
  #asking = false;
  #again = false;

  constructor(panel) {
    this.#panel = panel;
    this.#type = typeOf(panel);
    this.element = h(
      "section",
      {
        class: `panel ${panel.type}`,
        id: `panel-${panel.id}`,
        "data-panel": panel.id,
        "aria-label": panel.title || "Text",
        style: {
          "--w": panel.gridPos.w,
          "--h": panel.gridPos.h,
          "--x": panel.gridPos.x,
          "--y": panel.gridPos.y,
        },
      },
      this.#head(),
      this.#body,
    );
    new ResizeObserver(() => this.#draw()).observe(this.#body);
  }

  /** Asks anew and draws. A panel that still waits for its last answer asks when it has it. */
  async refresh(view) {
    this.#view = view;
    this.#again = this.#asking;
    if (this.#asking) return;
    this.#asking = true;
    try {
      do {
        this.#again = false;
        await this.#ask();
      } while (this.#again);
    } finally {
      this.#asking = false;
    }
  }

  /** Shows which alerts fired. */
  annotate(alerts) {
    this.#state.alerts = alerts;
    this.#draw();
  }

  async #ask() {
    try {
      this.#answer = this.#type
        ? await (this.#type.ask ?? ask)(this.#panel, this.#view)
        : { problems: [] };
      this.#draw();
    } catch (error) {
      // A lost connection is said once, at the top of the page; what was drawn stays.
      if (!(error instanceof Unreachable)) {
        this.#answer = { failed: true, problems: [{ kind: "error", text: error.message }] };
        this.#draw();
      }
    }
  }

  #head() {
    const { title, description } = this.#panel;
    if (!title) return null;
    const about =
      description &&
      h(
        "details",
        { class: "about" },
        h("summary", { "aria-label": `About ${title}`, title: description }, "i"),
        h("p", {}, inline(description)),
      );
    return h(
      "header",
      {},
      h("h3", {}, title),
      about,
      this.#note,
      menu(this.#panel, () => this.#view),
    );
  }

  #draw() {
    if (!this.#answer || this.#state.dragging) return;
    const size = { width: this.#body.clientWidth, height: this.#body.clientHeight };
    if (size.width === 0) return;
    const { failed, problems = [] } = this.#answer;
    const redraw = () => this.#draw();
    const drawn = failed
      ? null
      : this.#type?.draw(this.#panel, this.#answer, this.#view, this.#state, size, redraw);
    this.#body.className = `body ${drawn ? "drawn" : "silent"}`;
    replace(this.#body, drawn ?? this.#reasons(problems));
    this.#remark(drawn && this.#answer.series?.length ? problems : []);
  }

  /** What stands in the body of a panel without data. */
  #reasons(problems) {
    if (!this.#type)
      return h(
        "p",
        { class: "reason" },
        `This page does not draw panels of the type ${this.#panel.type}.`,
      );
    return h("div", { class: "reasons", "data-scroll": "" }, problems.map(reasonOf));
  }

  /** In the corner of a panel that has data: what part of it has none. */
  #remark(problems) {
    this.#note.hidden = problems.length === 0;
    if (problems.length === 0) return;
    const failed = problems.some((problem) => problem.kind === "error");
    this.#note.classList.toggle("error", failed);
    const all = this.#panel.targets?.length ?? 1;
    const label = `${problems.length} of ${all} queries ${failed ? "failed" : "without data"}`;
    replace(
      this.#note,
      h("summary", { title: label, "aria-label": label, "data-key": "note" }, failed ? "!" : "…"),
      h("div", {}, problems.map(reasonOf)),
    );
  }
}

function reasonOf(problem) {
  return h(
    "div",
    { class: `reason ${problem.kind}` },
    h("p", {}, problem.text),
    problem.expression &&
      h(
        "details",
        {},
        h("summary", { "data-key": `query ${problem.refId}` }, `Query ${problem.refId}`),
        h("code", {}, problem.expression),
      ),
  );
}
