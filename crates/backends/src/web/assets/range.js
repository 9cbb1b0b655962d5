// The window of time that the panels show, and the steps in it.

/** What the picker offers, in seconds. */
export const RANGES = [
  { text: "5 min", from: "now-5m", seconds: 300 },
  { text: "15 min", from: "now-15m", seconds: 900 },
  { text: "1 h", from: "now-1h", seconds: 3600 },
];

/** The most points in a line; more than this cannot be told apart on a panel. */
const MOST_POINTS = 240;

/**
 * The shortest window of a rate, in seconds: what Grafana takes where Prometheus scrapes each 5 s,
 * as in the stack with Docker, so that the same panel looks the same here.
 */
const RATE = 20;

/**
 * The range of the picker with this `from`, as Grafana writes it in addresses: `now-15m`. Without
 * one it is the shortest: who opens this page has mostly just started the stack.
 */
export function rangeOf(from) {
  return RANGES.find((range) => range.from === from) ?? RANGES[0];
}

/** The window of a stack that has just been started grows from this many seconds. */
const SHORTEST = 60;

/**
 * The window that ends now, in seconds since 1970. It does not begin before the stack has started,
 * and its step fits what there is to show. Its ends are multiples of the step, so that a line keeps
 * its shape while it moves. `rateInterval` follows Grafana: a step and a scrape, four scrapes at
 * least.
 */
export function windowOf(range, { scrape_seconds: scrape, started = 0 }, now = Date.now() / 1000) {
  const shown = Math.min(range.seconds, Math.max(now - started, SHORTEST));
  const step = Math.max(Math.ceil(shown / MOST_POINTS / scrape), 1) * scrape;
  const steps = Math.ceil(shown / step);
  const end = Math.floor(now / step) * step;
  return {
    start: end - steps * step,
    end,
    step,
    count: steps + 1,
    seconds: steps * step,
    rateInterval: Math.max(step + scrape, 4 * scrape, RATE),
  };
}
