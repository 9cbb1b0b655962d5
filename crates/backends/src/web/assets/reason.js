// Why a query has nothing to show.

import { prometheus } from "./api.js";

/** A stack that is older than so many scrapes has had its first one. */
const FIRST_ROUNDS = 3;

/** What is no metric although no `(` follows: operators, numbers, and aggregations before `by`. */
const WORDS = new Set(
  `or and unless bool offset inf nan
   sum min max avg count group stddev stdvar topk bottomk quantile count_values`.split(/\s+/),
);

/** The pieces of an expression that matter here, in the order in which they are tried. */
const PIECES = [
  /"(?:[^"\\]|\\.)*"/, // a text
  /\{(?:[^"}]|"(?:[^"\\]|\\.)*")*\}/, // the labels of a metric
  /\[[^\]]*\]/, // a window
  /\d[\w.]*/, // a number, or a duration
  /\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/, // labels to group by
  /[a-zA-Z_:][\w:]*(\s*\()?/, // a name; with `(` that of a function
];
const PIECE = new RegExp(PIECES.map(({ source }) => source).join("|"), "g");

/** The series that an expression reads: each metric with its `{…}`, once. */
export function selectors(expression) {
  const found = [];
  for (const [token, call] of expression.matchAll(PIECE)) {
    if (token.startsWith("{")) {
      if (found.length > 0) found[found.length - 1] += token;
    } else if (/^[a-zA-Z_:][\w:]*$/.test(token) && !call && !WORDS.has(token.toLowerCase())) {
      found.push(token);
    }
  }
  return [...new Set(found)];
}

/** One sentence for a query that has answered with `count` series and no number. */
export async function reason(expression, count, view) {
  if (count > 0)
    return { kind: "empty", text: "Nothing was counted in this window, so there is no number." };
  const { started = 0, scrape_seconds: scrape } = view.site;
  const age = Date.now() / 1000 - started;
  if (age < FIRST_ROUNDS * scrape && (await without(["up"], view)).length > 0) {
    const seconds = Math.ceil(scrape - (age % scrape));
    return { kind: "waiting", text: `The first scrape is in ${seconds} s.` };
  }
  const read = selectors(expression);
  const missing = await without(read, view);
  // One side of an `or` is enough. Where both are missing the last one is named: what ought to be
  // there even if nothing has failed.
  const isEnough = missing.length < read.length && hasAlternative(expression);
  if (missing.length > 0 && !isEnough) {
    const text = `There are no series of ${missing.at(-1)}.`;
    return { kind: "empty", text: [text, ...(await down())].join(" ") };
  }
  if (/\b(rate|increase|irate|delta)\(/.test(expression)) {
    return {
      kind: "waiting",
      text: `Waits for a second sample: there is one every ${view.site.scrape_seconds} s.`,
    };
  }
  return { kind: "empty", text: "The query has no series." };
}

/** Those of the selectors that have no series. */
async function without(selectors, { window }) {
  const counts = await Promise.all(
    selectors.map((selector) =>
      prometheus("query", { query: `count(${selector})`, time: window.end }),
    ),
  );
  return selectors.filter((_, index) => counts[index].result.length === 0);
}

/** One sentence for each target whose metrics could not be read: it may be what is missing. */
async function down() {
  const asked = prometheus("targets", { state: "active" });
  // Without an answer the reason itself is still worth saying.
  const { activeTargets = [] } = await asked.catch(() => ({}));
  return activeTargets
    .filter(({ health }) => health === "down")
    .map(
      ({ labels, lastError }) =>
        `Target ${labels.service_name ?? labels.job} (${labels.instance}): ${lastError}.`,
    );
}

function hasAlternative(expression) {
  return /\bor\b/.test(expression.replace(/"(?:[^"\\]|\\.)*"/g, ""));
}
