// Text in Markdown.

import { h } from "../dom.js";
import { markdown } from "../markdown.js";

export async function ask() {
  return {};
}

export function draw(panel) {
  return h("div", { class: "prose", "data-scroll": "" }, markdown(panel.options.content));
}
