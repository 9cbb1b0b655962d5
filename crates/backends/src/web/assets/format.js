// Numbers as people read them, in the units that our dashboards use and as Grafana writes them.

const THOUSANDS = ["", "K", "Mil", "Bil", "Tri"];
const PREFIXES = ["", "K", "M", "B", "T"];
const BYTES = ["B", "KiB", "MiB", "GiB", "TiB"];

/** What would be rounded up to the next unit has it already: 999.7 µs are 1.00 ms. */
const NEARLY = 0.9995;

/** From the largest: how many seconds a unit has, and its name. */
const TIMES = [
  [31_536_000, "years"],
  [604_800, "weeks"],
  [86_400, "days"],
  [3_600, "hours"],
  [60, "mins"],
  [1, "s"],
  [1e-3, "ms"],
  [1e-6, "µs"],
  [1e-9, "ns"],
];

/** Each takes a number and says `[scaled number, unit with its space]`. */
const UNITS = {
  short: (value) => scaled(value, 1000, THOUSANDS, " "),
  none: (value) => [value, ""],
  reqps: (value) => counted(value, "req/s"),
  cps: (value) => counted(value, "c/s"),
  percentunit: (value) => [value * 100, "%"],
  percent: (value) => [value, "%"],
  bytes: (value) => scaled(value, 1024, BYTES, " "),
  s: seconds,
};

/** The number with its unit: `4.92 ms`. Three significant digits, or as many `decimals`. */
export function format(value, unit = "short", decimals) {
  const { text, suffix } = parts(value, unit, decimals);
  return text + suffix;
}

/** The number of an axis: without the zeros that say how exact it is. */
export function rounded(value, unit) {
  const { text, suffix } = parts(value, unit);
  return (text.includes(".") ? text.replace(/\.?0+$/, "") : text) + suffix;
}

/** The same in two, for those who write the unit smaller. */
export function parts(value, unit = "short", decimals) {
  if (value === null || value === undefined || Number.isNaN(value))
    return { text: "–", suffix: "" };
  if (!Number.isFinite(value)) return { text: value > 0 ? "∞" : "-∞", suffix: "" };
  const [number, suffix] = (UNITS[unit] ?? UNITS.short)(value);
  const text = number.toFixed(decimals ?? significant(number));
  // What rounds to nothing has no sign.
  return { text: /^-0(\.0*)?$/.test(text) ? text.slice(1) : text, suffix };
}

/** How many decimals leave three significant digits; none for a whole number. */
function significant(number) {
  if (Number.isInteger(number)) return 0;
  const shown = Math.abs(Number(number.toPrecision(3)));
  return Math.min(Math.max(2 - Math.floor(Math.log10(shown)), 0), 6);
}

function scaled(value, factor, names, space) {
  let [number, index] = [value, 0];
  while (Math.abs(number) >= factor * NEARLY && index < names.length - 1) {
    number /= factor;
    index += 1;
  }
  return [number, names[index] ? space + names[index] : ""];
}

function counted(value, what) {
  const [number, prefix] = scaled(value, 1000, PREFIXES, "");
  return [number, `${prefix} ${what}`];
}

function seconds(value) {
  if (value === 0) return [0, " s"];
  const [unit, name] = TIMES.find(([unit]) => Math.abs(value) >= unit * NEARLY) ?? TIMES.at(-1);
  const number = value / unit;
  return [number, ` ${number === 1 ? name.replace(/^(year|week|day|hour|min)s$/, "$1") : name}`];
}

/** `17:04:05`, in the reader's zone; `17:04` without seconds. */
export function clock(time, withSeconds = true) {
  const date = new Date(time * 1000);
  const two = (number) => String(number).padStart(2, "0");
  const minutes = `${two(date.getHours())}:${two(date.getMinutes())}`;
  return withSeconds ? `${minutes}:${two(date.getSeconds())}` : minutes;
}
