// What the reader has chosen, kept in the address so that a reload and a link have it too.

import { rangeOf } from "./range.js";

const REFRESHES = { "5s": 5_000, off: null };

/**
 * The choices in the address: the range, the refresh, the selections of the variables, and the query
 * of the query page. Says `changed` when one of them is another, also by the browser's Back.
 */
export class Settings extends EventTarget {
  constructor(address = window.location.search) {
    super();
    this.#read(address);
    window.addEventListener("popstate", () => {
      this.#read(window.location.search);
      this.dispatchEvent(new Event("changed"));
    });
  }

  #read(address) {
    const query = new URLSearchParams(address);
    this.range = rangeOf(query.get("from"), query.get("to"));
    this.refresh = query.get("refresh") === "off" ? "off" : "5s";
    this.expression = query.get("g0.expr") ?? "";
    // Without a prototype: an address may name a variable `constructor`.
    this.selected = Object.create(null);
    for (const [name, value] of query) {
      if (name.startsWith("var-") && value !== "$__all")
        (this.selected[name.slice(4)] ??= []).push(value);
    }
  }

  /** Milliseconds between two refreshes; `null` while it is paused. */
  get period() {
    return REFRESHES[this.refresh];
  }

  /** What other dashboards are opened with: all but the selections, which are of this one. */
  get shared() {
    const query = new URLSearchParams({ from: this.range.from, to: this.range.to });
    if (this.refresh === "off") query.set("refresh", "off");
    return query;
  }

  /** Shows another range; Back shows the one before. */
  choose(range) {
    this.range = range;
    this.#write("pushState");
  }

  /** Shows the answer to another query; Back shows the one before. */
  ask(expression) {
    this.expression = expression;
    this.#write("pushState");
  }

  /** Writes the choices into the address, without a new entry in the history. */
  save() {
    this.#write("replaceState");
  }

  #write(how) {
    const query = this.shared;
    for (const [name, values] of Object.entries(this.selected))
      for (const value of values) query.append(`var-${name}`, value);
    // The name that the pages of Prometheus give it.
    if (this.expression) query.set("g0.expr", this.expression);
    history[how](null, "", `?${query}`);
    this.dispatchEvent(new Event("changed"));
  }
}
