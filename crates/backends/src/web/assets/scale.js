// From values to places: axes and their ticks.

/** A function from `[low, high]` to `[start, end]`. */
export function linear(low, high, start, end) {
  const span = high - low || 1;
  return (value) => start + ((value - low) / span) * (end - start);
}

/** About `count` round numbers between the two, both ends rounded outwards to the next. */
export function ticks(low, high, count, base = 10) {
  const raw = (high - low || 1) / Math.max(count, 1);
  const power = base ** Math.floor(Math.log(raw) / Math.log(base) + 1e-9);
  const round = base === 10 ? [1, 2, 5, 10] : [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];
  const step = round.map((factor) => factor * power).find((size) => size >= raw * 0.999) ?? raw;
  const [first, last] = [Math.floor(low / step + 1e-9), Math.ceil(high / step - 1e-9)];
  return Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
}

const STEPS = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];

/** Round times in the window, not more than `count`. */
export function times(window, count) {
  const step = STEPS.find((size) => window.seconds / size <= count) ?? STEPS.at(-1);
  const found = [];
  for (let time = Math.ceil(window.start / step) * step; time <= window.end; time += step)
    found.push(time);
  return { times: found, withSeconds: step < 60 };
}
