// The pickers of a dashboard's variables.

import { h, replace } from "./dom.js";
import { choices } from "./variables.js";

/** A picker for one variable: all, or some of what is there. */
export class Selection {
  #variable;
  #settings;
  #summary = h("summary", {});
  #list = h("div", { class: "options", "data-scroll": "" });
  #found = [];

  constructor(variable, settings) {
    [this.#variable, this.#settings] = [variable, settings];
    this.element = h("details", { class: "selection" }, this.#summary, this.#list);
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      this.element.open = false;
      this.#summary.focus();
    });
    document.addEventListener("pointerdown", (event) => {
      if (!this.element.contains(event.target)) this.element.open = false;
    });
    settings.addEventListener("changed", () => this.#draw());
    this.#draw();
  }

  /** Asks again what can be chosen, and draws it only if it is something else. */
  async refresh(values, window) {
    const found = await choices(this.#variable, values, window);
    if (found.join("\n") === this.#found.join("\n")) return;
    this.#found = found;
    this.#draw();
  }

  get #chosen() {
    return this.#settings.selected[this.#variable.name] ?? [];
  }

  #draw() {
    const chosen = this.#chosen;
    const { name, label } = this.#variable;
    this.#summary.replaceChildren(
      h("small", {}, label ?? name),
      " ",
      chosen.length === 0 ? "All" : chosen.join(" + "),
    );
    // What was chosen stays on the list when it has gone silent.
    const texts = [...new Set([...this.#found, ...chosen])].sort();
    replace(
      this.#list,
      this.#option("All", chosen.length === 0, () => []),
      texts.map((text) =>
        this.#option(text, chosen.includes(text), (on) =>
          on ? [...chosen, text] : chosen.filter((other) => other !== text),
        ),
      ),
    );
  }

  #option(text, isOn, choose) {
    const change = (event) => {
      this.#settings.selected[this.#variable.name] = choose(event.currentTarget.checked);
      this.#settings.save();
    };
    return h(
      "label",
      {},
      h("input", { type: "checkbox", checked: isOn, onchange: change, "data-key": text }),
      text,
    );
  }
}
