// A table of instant queries: one row for each set of labels, one column for each query.

import { threshold } from "../color.js";
import { h } from "../dom.js";
import { format } from "../format.js";
import { linksOf } from "../links.js";
import { isFew } from "../query.js";

export function draw(panel, answer, view, state, _size, redraw) {
  if (answer.series.length === 0) return null;
  const columns = columnsOf(panel, answer.series);
  state.sort ??= startOf(panel.options.sortBy?.[0], columns);
  const rows = sorted(merged(answer.series), state.sort);
  return h(
    "div",
    { class: "scroll", "data-scroll": "", tabindex: 0, "data-key": "table" },
    h(
      "table",
      {},
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          columns.map((column) => head(column, state, redraw)),
        ),
      ),
      h(
        "tbody",
        {},
        rows.map((row) =>
          h(
            "tr",
            {},
            columns.map((column) => cell(column, row, view)),
          ),
        ),
      ),
    ),
  );
}

/** `merge`: the values of all queries with the same labels make one row. */
function merged(series) {
  const rows = new Map();
  for (const line of series) {
    const { labels, refId, values } = line;
    const { __name__: _, ...own } = labels;
    const key = JSON.stringify(Object.entries(own).sort());
    if (!rows.has(key)) rows.set(key, { ...own });
    rows.get(key)[`Value #${refId}`] = values[0];
    if (isFew(line, 0)) rows.get(key)[few(`Value #${refId}`)] = Math.round(line.counts[0]);
  }
  return [...rows.values()];
}

/** Where a row keeps of how many observations a value is, if they are few. */
const few = (key) => `${key} of`;

/** `organize`: which columns there are, in which order, with their titles and settings. */
function columnsOf(panel, series) {
  const {
    excludeByName = {},
    indexByName = {},
    renameByName = {},
  } = panel.transformations?.find(({ id }) => id === "organize")?.options ?? {};
  const labels = new Set(
    series.flatMap(({ labels }) => Object.keys(labels)).filter((name) => name !== "__name__"),
  );
  const values = (panel.targets ?? []).map(({ refId }) => `Value #${refId}`);
  return [...labels, ...values]
    .filter((key) => !excludeByName[key])
    .sort((a, b) => (indexByName[a] ?? 99) - (indexByName[b] ?? 99))
    .map((key) => {
      const title = renameByName[key] ?? key;
      return { key, title, isNumber: key.startsWith("Value #"), field: fieldOf(panel, title) };
    });
}

/** The settings of a column: the defaults, and what an override by its name changes. */
function fieldOf(panel, title) {
  const { defaults, overrides = [] } = panel.fieldConfig;
  const own = overrides.filter(
    ({ matcher }) => matcher.id === "byName" && matcher.options === title,
  );
  const changed = own.flatMap(({ properties }) => properties).map(({ id, value }) => [id, value]);
  return { ...defaults, links: undefined, ...Object.fromEntries(changed) };
}

function startOf(sortBy, columns) {
  const column = columns.find(({ title }) => title === sortBy?.displayName) ?? columns[0];
  return { key: column.key, down: Boolean(sortBy?.desc) };
}

/** The rows by a column. */
export function sorted(rows, { key, down }) {
  const compare = (a, b) =>
    typeof a === "number" && typeof b === "number"
      ? a - b
      : String(a ?? "").localeCompare(String(b ?? ""));
  const isMissing = (row) => row[key] === null || row[key] === undefined;
  // What has no value is last either way.
  return rows.sort(
    (a, b) => isMissing(a) - isMissing(b) || (down ? -1 : 1) * compare(a[key], b[key]),
  );
}

/** The head of a column, which sorts by it. */
export function head(column, state, redraw) {
  const { key, down } = state.sort;
  const sort = key !== column.key ? "none" : down ? "descending" : "ascending";
  const click = () => {
    state.sort = { key: column.key, down: key === column.key ? !down : column.isNumber };
    redraw();
  };
  return h(
    "th",
    { scope: "col", "aria-sort": sort, class: column.isNumber ? "number" : "" },
    h("button", { type: "button", onclick: click, "data-key": `sort ${column.key}` }, column.title),
  );
}

function cell({ key, isNumber, field }, row, view) {
  const value = row[key];
  if (!isNumber) {
    const [link] = linksOf(field, view, {}, encodeURIComponent(value ?? ""));
    const text = value ?? "";
    return h(
      "td",
      {},
      link
        ? h(
            "a",
            {
              href: link.href,
              target: link.newTab ? "_blank" : undefined,
              title: link.title,
              "data-key": `${key} of ${labelsOf(row)}`,
            },
            text,
          )
        : text,
    );
  }
  const text = format(value, field.unit, field.decimals);
  const count = row[few(key)];
  if (count !== undefined && typeof value === "number")
    return h("td", { class: "number few" }, h("small", {}, `of ${count} calls `), text);
  const coloured =
    field["custom.cellOptions"]?.type === "color-background" && typeof value === "number";
  return h(
    "td",
    { class: "number" },
    coloured
      ? h("span", { class: "chip", style: { "--color": threshold(value, field.thresholds) } }, text)
      : text,
  );
}

/** What tells a row from the others, whatever its numbers are. */
function labelsOf(row) {
  return Object.values(row)
    .filter((value) => typeof value === "string")
    .join(" ");
}
