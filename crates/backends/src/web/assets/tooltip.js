// One tooltip for the whole page: it follows the pointer, or stays where it was pinned.

import { h } from "./dom.js";

/** A status, so that who reads values by the keyboard and by ear hears them. */
const box = h("div", { class: "tooltip", role: "status", hidden: true });
let unpin = null;

/** Shows the content beside the place `{ x, y }` of the viewport. */
export function show(content, { x, y }) {
  if (unpin) return;
  place(content, x, y);
}

export function hide() {
  if (!unpin) box.hidden = true;
}

/**
 * Keeps the content there, with its links within reach, until Escape or a click elsewhere. The
 * first link has the focus, and `back` gives it away afterwards.
 */
export function pin(content, { x, y }, back) {
  unpin?.();
  place([...content, h("p", { class: "hint" }, "Esc closes")], x, y);
  box.classList.add("pinned");
  const close = (event) => {
    if (event.type === "keydown" ? event.key !== "Escape" : box.contains(event.target)) return;
    unpin();
    if (event.type === "keydown") back();
  };
  unpin = () => {
    unpin = null;
    box.hidden = true;
    box.classList.remove("pinned");
    document.removeEventListener("keydown", close, true);
    document.removeEventListener("pointerdown", close, true);
  };
  document.addEventListener("keydown", close, true);
  document.addEventListener("pointerdown", close, true);
  box.querySelector("a")?.focus({ preventScroll: true });
}

function place(content, x, y) {
  if (!box.isConnected) document.body.append(box);
  box.replaceChildren(...content);
  box.hidden = false;
  const { width, height } = box.getBoundingClientRect();
  const right = x + 16 + width <= document.documentElement.clientWidth;
  const left = right ? x + 16 : Math.max(x - 16 - width, 4);
  const top = Math.min(Math.max(y - height / 2, 4), Math.max(window.innerHeight - height - 4, 4));
  box.style.left = `${left}px`;
  box.style.top = `${top}px`;
}

/** A line of a tooltip: the mark of a series, its name, its value. */
export function row(color, name, value, strong = false) {
  return h(
    "div",
    { class: strong ? "row strong" : "row" },
    h("i", { class: "mark", style: { background: color } }),
    h("span", { class: "name" }, name),
    h("span", { class: "value" }, value),
  );
}
