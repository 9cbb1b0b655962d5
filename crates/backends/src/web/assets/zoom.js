// Shows a stretch of time alone: by dragging over a chart, or by Shift and the arrow keys.

import { s } from "./dom.js";

/** A drag over less than this many pixels is a click. */
const CLICK = 6;

/**
 * Makes a chart one that can be dragged over. Says `zoom`, with the two times, when the reader has
 * chosen a stretch. While one drags, `state.dragging` is true: the chart must stay as it is.
 */
export class Zoom {
  #svg;
  #inner;
  #window;
  #state;
  #band;

  constructor(svg, { inner, x }, window, state) {
    [this.#svg, this.#inner, this.#window, this.#state] = [svg, inner, window, state];
    this.#band = s("rect", { class: "zoom", y: inner.top, height: inner.bottom - inner.top });
    svg.append(this.#band);
    this.place = x;
    this.hide();
    svg.addEventListener("pointerdown", (event) => this.#begin(event));
  }

  /** Marks the stretch between two times. */
  show(from, to) {
    const [left, right] = [this.place(from), this.place(to)].sort((a, b) => a - b);
    this.#band.setAttribute("x", left);
    this.#band.setAttribute("width", right - left);
    this.#band.setAttribute("visibility", "visible");
  }

  hide() {
    this.#band.setAttribute("visibility", "hidden");
  }

  /** Asks for the stretch between two times, in any order: two steps of the window at least. */
  go(from, to) {
    this.hide();
    const [start, end] = [from, to].sort((a, b) => a - b);
    const missing = Math.max(2 * this.#window.step - (end - start), 0) / 2;
    const detail = { start: start - missing, end: end + missing };
    this.#svg.dispatchEvent(new CustomEvent("zoom", { bubbles: true, detail }));
  }

  #timeAt({ clientX }) {
    const { left, right } = this.#inner;
    const place = clientX - this.#svg.getBoundingClientRect().left;
    const share = Math.min(Math.max((place - left) / (right - left), 0), 1);
    return this.#window.start + share * this.#window.seconds;
  }

  #begin(down) {
    if (down.button !== 0 || down.target.closest("a")) return;
    const from = this.#timeAt(down);
    const move = (event) => {
      if (Math.abs(event.clientX - down.clientX) < CLICK && !this.#state.dragging) return;
      this.#state.dragging = true;
      this.show(from, this.#timeAt(event));
    };
    const end = (event) => {
      for (const [name, listener] of listeners) document.removeEventListener(name, listener);
      if (!this.#state.dragging) return;
      // The click that follows is a part of the drag.
      setTimeout(() => (this.#state.dragging = false));
      if (event.type === "pointerup") this.go(from, this.#timeAt(event));
      else this.hide();
    };
    const listeners = [
      ["pointermove", move],
      ["pointerup", end],
      ["pointercancel", end],
    ];
    for (const [name, listener] of listeners) document.addEventListener(name, listener);
  }
}
