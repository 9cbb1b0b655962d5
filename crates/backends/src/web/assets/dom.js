// Elements in one call each, and a rewrite that does not take the focus away.

/** An HTML element: `h("a", { href: "/", class: "x", onclick }, "text", child)`. */
export function h(name, attributes = {}, ...children) {
  return build(document.createElement(name), attributes, children);
}

/** An SVG element. */
export function s(name, attributes = {}, ...children) {
  return build(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function build(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "style")
      for (const [key, text] of Object.entries(value)) element.style.setProperty(key, text);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(
    ...children
      .flat(Infinity)
      .filter((child) => child !== null && child !== undefined && child !== false),
  );
  return element;
}

/**
 * Puts other children into the element. What had the focus, was open or was scrolled is so again:
 * it is found by its `data-key`, and a refresh disturbs neither the keyboard nor the reader.
 */
export function replace(element, ...children) {
  const find = (key) => element.querySelector(`[data-key="${CSS.escape(key)}"]`);
  const open = [...element.querySelectorAll("details[open] > summary[data-key]")].map(
    (node) => node.dataset.key,
  );
  const focused = element.contains(document.activeElement)
    ? document.activeElement.dataset?.key
    : undefined;
  const scrolled = [...element.querySelectorAll("[data-scroll]")].map((node) => ({
    left: node.scrollLeft,
    top: node.scrollTop,
  }));
  element.replaceChildren(...children.flat(Infinity));
  [...element.querySelectorAll("[data-scroll]")].forEach((node, index) =>
    node.scrollTo(scrolled[index] ?? {}),
  );
  for (const key of open) find(key)?.parentElement.setAttribute("open", "");
  // What has gone leaves the focus to the list that it was in.
  if (focused)
    (find(focused) ?? element.querySelector("[data-scroll][tabindex]"))?.focus({
      preventScroll: true,
    });
}
