// The part of Markdown that text panels use: headings, lists, paragraphs, code, emphasis, links.

import { h } from "./dom.js";

/** Elements for the text. Everything is built as nodes: no text becomes HTML. */
export function markdown(text) {
  return text
    .trim()
    .split(/\n{2,}/)
    .map(block);
}

function block(text) {
  const lines = text.split("\n");
  const heading = /^(#{1,4})\s+(.*)$/.exec(lines[0]);
  if (heading && lines.length === 1) return h(`h${heading[1].length + 1}`, {}, inline(heading[2]));
  if (lines.every((line) => /^\d+\.\s/.test(line))) return list("ol", lines, /^\d+\.\s+/);
  if (lines.every((line) => /^[-*]\s/.test(line))) return list("ul", lines, /^[-*]\s+/);
  return h("p", {}, inline(lines.join(" ")));
}

function list(name, lines, mark) {
  return h(
    name,
    {},
    lines.map((line) => h("li", {}, inline(line.replace(mark, "")))),
  );
}

const INLINE = /`([^`]+)`|\*\*(.+?)\*\*|\*([^*]+)\*|\[([^\]]+)\]\(([^)\s]+)\)/;

/** Nodes for a line of text. */
export function inline(text) {
  const nodes = [];
  let rest = text;
  for (let found = INLINE.exec(rest); found; found = INLINE.exec(rest)) {
    if (found.index > 0) nodes.push(rest.slice(0, found.index));
    nodes.push(element(found));
    rest = rest.slice(found.index + found[0].length);
  }
  if (rest) nodes.push(rest);
  return nodes;
}

function element([, code, strong, emphasis, label, address]) {
  if (code !== undefined) return h("code", {}, code);
  if (strong !== undefined) return h("strong", {}, inline(strong));
  if (emphasis !== undefined) return h("em", {}, inline(emphasis));
  // An address is followed only where it is one: no `javascript:`.
  if (!/^(https?:\/\/|\/)/.test(address)) return label;
  return h("a", { href: address, "data-key": address }, inline(label));
}
