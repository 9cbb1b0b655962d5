// What the reader has chosen, kept in the address so that a reload and a link have it too.

import { rangeOf } from "./range.js";

const REFRESHES = { "5s": 5_000, off: null };

/** The choices in the address: the range, the refresh, and the selections of the variables. */
export class Settings {
  constructor(address = window.location.search) {
    const query = new URLSearchParams(address);
    this.range = rangeOf(query.get("from"));
    this.refresh = query.get("refresh") === "off" ? "off" : "5s";
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
    const query = new URLSearchParams({ from: this.range.from, to: "now" });
    if (this.refresh === "off") query.set("refresh", "off");
    return query;
  }

  /** Writes them into the address, without a new entry in the history. */
  save() {
    const query = this.shared;
    for (const [name, values] of Object.entries(this.selected))
      for (const value of values) query.append(`var-${name}`, value);
    history.replaceState(null, "", `?${query}`);
  }
}
