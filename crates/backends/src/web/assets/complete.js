// Completion of metric names in a query.

import { h } from "./dom.js";

const MOST = 10;

/**
 * The field with a list of names below it: those that have what stands before the caret in them. The
 * arrow keys choose one, Enter or Tab takes it, Escape closes the list. `names()` are all names.
 */
export function completing(field, names) {
  const list = h("ul", { id: "names", role: "listbox", "aria-label": "Metrics", hidden: true });
  for (const [name, value] of Object.entries({
    role: "combobox",
    autocomplete: "off",
    "aria-autocomplete": "list",
    "aria-controls": "names",
    "aria-expanded": "false",
  }))
    field.setAttribute(name, value);
  let chosen = 0;

  const close = () => show([]);
  const take = (name) => {
    const start = field.selectionStart - wordAt(field).length;
    field.setRangeText(name, start, field.selectionStart, "end");
    close();
    field.focus();
  };
  const mark = () => {
    [...list.children].forEach((item, index) =>
      item.setAttribute("aria-selected", String(index === chosen)),
    );
    field.setAttribute("aria-activedescendant", list.hidden ? "" : `name-${chosen}`);
    list.children[chosen]?.scrollIntoView({ block: "nearest" });
  };
  const show = (found) => {
    list.replaceChildren(
      ...found.map((name, index) =>
        h("li", { id: `name-${index}`, role: "option", onpointerdown: (event) => {
          event.preventDefault();
          take(name);
        } }, name),
      ),
    );
    list.hidden = found.length === 0;
    field.setAttribute("aria-expanded", String(!list.hidden));
    chosen = 0;
    mark();
  };

  field.addEventListener("input", () => show(matching(names(), wordAt(field))));
  field.addEventListener("blur", close);
  field.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) chosen = (chosen + by + list.children.length) % list.children.length;
    else if (event.key === "Enter" || event.key === "Tab") take(list.children[chosen].textContent);
    else if (event.key === "Escape") close();
    else return;
    // The page's own meaning of Enter is for a closed list.
    event.preventDefault();
    event.stopImmediatePropagation();
    mark();
  });
  return h("div", { class: "completing" }, field, list);
}

/** The name that ends at the caret; none inside of a text. */
function wordAt(field) {
  const before = field.value.slice(0, field.selectionStart);
  if ((before.match(/"/g) ?? []).length % 2 === 1) return "";
  return /[a-zA-Z_:][\w:]*$/.exec(before)?.[0] ?? "";
}

/** Those that begin with the word come first. */
export function matching(names, word) {
  if (word.length < 2) return [];
  const found = names.filter((name) => name.includes(word) && name !== word);
  return found
    .sort((a, b) => b.startsWith(word) - a.startsWith(word) || a.localeCompare(b))
    .slice(0, MOST);
}
