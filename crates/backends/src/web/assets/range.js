// The window of time that the panels show, and the steps in it.

import { clock } from "./format.js";

/** What the picker offers, in seconds. */
export const RANGES = [
  { text: "5 min", from: "now-5m", to: "now", seconds: 300 },
  { text: "15 min", from: "now-15m", to: "now", seconds: 900 },
  { text: "1 h", from: "now-1h", to: "now", seconds: 3600 },
];

const UNITS = { s: 1, m: 60, h: 3600, d: 86_400 };

/** The most points in a line; more than this cannot be told apart on a panel. */
const MOST_POINTS = 240;

/**
 * The shortest window of a rate, in seconds: what Grafana takes where Prometheus scrapes each 5 s,
 * as in the stack with Docker, so that the same panel looks the same here.
 */
const RATE = 20;

/**
 * The range of an address, as Grafana writes it: from `now-15m` to `now`, or two times in
 * milliseconds. Without one it is the shortest of the picker: who opens this page has mostly just
 * started the stack.
 */
export function rangeOf(from, to) {
  const offered = RANGES.find((range) => range.from === from);
  if (offered) return offered;
  const [, count, unit] = /^now-([1-9]\d{0,3})([smhd])$/.exec(from ?? "") ?? [];
  if (count) return { text: `${count} ${unit}`, from, to: "now", seconds: count * UNITS[unit] };
  if (!/^\d{9,14}$/.test(from ?? "") || !/^\d{9,14}$/.test(to ?? "")) return RANGES[0];
  return Number(to) > Number(from) ? between(from / 1000, to / 1000) : RANGES[0];
}

/** The range between two times, in seconds since 1970. */
export function between(start, end) {
  const [from, to] = [start, end].map((time) => String(Math.round(time * 1000)));
  return { text: `${clock(start)} – ${clock(end)}`, from, to, seconds: end - start, end };
}

/** The window of a stack that has just been started grows from this many seconds. */
const SHORTEST = 60;

/**
 * The window of a range, in seconds since 1970. One that ends now does not begin before the stack has
 * started, and its step fits what there is to show, but is `least` seconds or more. Its ends are
 * multiples of the step, so that a line keeps its shape while it moves. `rateInterval` follows
 * Grafana: a step and a scrape, four scrapes at least.
 */
export function windowOf(range, site, now = Date.now() / 1000, least = 0) {
  const { scrape_seconds: scrape, started = 0 } = site;
  const last = range.end ?? now;
  const shown = range.end
    ? range.seconds
    : Math.min(range.seconds, Math.max(now - started, SHORTEST));
  const step =
    Math.max(Math.ceil(shown / MOST_POINTS / scrape), Math.ceil(least / scrape), 1) * scrape;
  const steps = Math.ceil(shown / step);
  const end = (range.end ? Math.ceil(last / step) : Math.floor(last / step)) * step;
  return {
    start: end - steps * step,
    end,
    step,
    count: steps + 1,
    seconds: steps * step,
    rateInterval: Math.max(step + scrape, 4 * scrape, RATE),
  };
}
