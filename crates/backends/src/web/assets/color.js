// Which colour a name or a value has. The colours themselves are in style/theme.css.

const SERIES = 10;
const NAMED = new Set(["green", "red", "orange", "yellow", "blue", "purple", "text", "transparent"]);

/**
 * Colours for the series of one panel. A name starts from the same colour on every panel, takes the
 * next one where that is taken, and keeps what it has as long as the page is open.
 */
export class Palette {
  #taken = new Map();

  of(name) {
    let index = this.#taken.get(name);
    if (index === undefined) {
      index = hash(name) % SERIES;
      const used = new Set(this.#taken.values());
      for (let tries = 0; used.has(index) && tries < SERIES; tries += 1)
        index = (index + 1) % SERIES;
      this.#taken.set(name, index);
    }
    return `var(--series-${index})`;
  }
}

/** The services of the chain have the same colour everywhere, as in the dashboards' files. */
const SERVICES = { gateway: "blue", user: "purple", profile: "orange" };

/** The colour of a service of the chain, or `undefined`. */
export function ofService(name) {
  return Object.hasOwn(SERVICES, name) ? named(SERVICES[name]) : undefined;
}

/**
 * The colour of each series of a panel: that of the override for its name, that of its service if it
 * has no other label, or the next one of the palette. With `shades`, the lines of one override differ in their lightness.
 */
export function colors({ overrides = [] }, series, palette) {
  const shades = new Map();
  return series.map(({ name, labels = {} }) => {
    const found = overrides.find(
      ({ matcher, properties }) =>
        matcher.id === "byRegexp" &&
        pattern(matcher.options).test(name) &&
        properties.some(({ id }) => id === "color"),
    );
    const isOfService = Object.keys(labels).join() === "service_name";
    if (!found) return (isOfService && ofService(labels.service_name)) || palette.of(name);
    const { mode, fixedColor } = found.properties.find(({ id }) => id === "color").value;
    const shade = shades.get(found) ?? 0;
    shades.set(found, shade + 1);
    if (mode !== "shades" || shade === 0) return named(fixedColor);
    return `color-mix(in oklab, ${named(fixedColor)}, var(--text) ${Math.min(shade * 22, 66)}%)`;
  });
}

/** As Grafana writes it: `/^user/`, or without the slashes. */
function pattern(text) {
  return new RegExp(text.match(/^\/(.*)\/\w*$/)?.[1] ?? text);
}

/** FNV-1a: short, and spreads names that differ in a letter. */
function hash(text) {
  let value = 0x811c9dc5;
  for (const letter of text) value = Math.imul(value ^ letter.codePointAt(0), 0x01000193) >>> 0;
  return (value ^ (value >>> 15)) >>> 0;
}

/** The colour of the highest step that the value has reached; no value is neither good nor bad. */
export function threshold(value, thresholds) {
  if (value === undefined || value === null) return "var(--muted)";
  const steps = thresholds?.steps ?? [];
  const reached = steps.filter((step) => step.value === null || value >= step.value);
  return named((reached.at(-1) ?? steps[0])?.color ?? "blue");
}

/** What the mappings make of a value, or `undefined`. */
export function mapped(value, mappings) {
  const mapping = mappings?.find(({ type, options }) => type === "value" && options[value]);
  return mapping?.options[value];
}

/** A colour of the dashboards, by its name, as this page has it. */
export function named(color) {
  return NAMED.has(color) ? `var(--${color})` : color;
}
