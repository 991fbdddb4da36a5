/** Numbers as people read them. The exact value belongs in a title beside each. */

const GROUPED = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 20 });
const THIN_SPACE = "\u2009";
const MINUS = "\u2212";
const NOTHING = "\u2013";

const STEPS: readonly (readonly [number, string])[] = [
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
];

function threeDigits(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  const text = value.toFixed(digits);
  return digits === 0 ? text : text.replace(/\.?0+$/, "");
}

function scaled(value: number, unit: string): string {
  const size = Math.abs(value);
  const sign = value < 0 ? MINUS : "";
  for (const [step, letter] of STEPS) {
    // 999,950 is 1 M, not 1000 k.
    if (size >= step * 0.9995) return `${sign}${threeDigits(size / step)}${THIN_SPACE}${letter}${unit}`;
  }
  const plain = Number.isInteger(size) ? String(size) : threeDigits(size);
  return unit ? `${sign}${plain}${THIN_SPACE}${unit}` : `${sign}${plain}`;
}

/** A count: `9,999` in full, then `1.2 M`. */
export function formatCount(value: number | null | undefined): string {
  if (value == null || Number.isNaN(value)) return NOTHING;
  if (Math.abs(value) < 10_000 && Number.isInteger(value)) return GROUPED.format(value).replace("-", MINUS);
  return scaled(value, "").replace(/G$/, "bn");
}

/** A size in bytes, by decimal units: `3.4 GB`. */
export function formatBytes(value: number | null | undefined): string {
  return value == null || Number.isNaN(value) ? NOTHING : scaled(value, "B");
}

/** A measured figure, to four significant digits: `0.8127`, `1.204e-7`. */
export function formatMetric(value: number | null | undefined): string {
  if (value == null) return NOTHING;
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "\u221e" : `${MINUS}\u221e`;
  if (value === 0) return "0";
  const size = Math.abs(value);
  let text: string;
  if (Number.isInteger(value) && size < 1e7) text = GROUPED.format(value);
  else if (size < 1e-4 || size >= 1e7) text = value.toExponential(3).replace("e+", "e");
  else if (size >= 1e4) text = GROUPED.format(Math.round(value));
  else text = value.toPrecision(4);
  return text.replace(/^-/, MINUS).replace("e-", `e${MINUS}`);
}

/** A round figure on an axis, without the zeros that say nothing: `0.25`, `1.5 M`. */
export function formatTick(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e5) return scaled(value, "");
  if (size !== 0 && size < 1e-4) return value.toExponential().replace("e-", `e${MINUS}`);
  return GROUPED.format(Number(value.toPrecision(6))).replace(/^-/, MINUS);
}

/** A share of one: `12.3%`. */
export function formatShare(value: number | null | undefined): string {
  if (value == null || Number.isNaN(value)) return NOTHING;
  if (value > 0 && value < 1e-4) return `<${THIN_SPACE}0.01%`;
  return `${threeDigits(Math.round(value * 1e4) / 100)}%`;
}

/** A time of milliseconds: `840 µs`, `12.3 ms`, `1.2 s`. */
export function formatMilliseconds(value: number | null | undefined): string {
  if (value == null || Number.isNaN(value)) return NOTHING;
  if (value !== 0 && value < 1) return `${threeDigits(value * 1000)}${THIN_SPACE}\u00b5s`;
  if (value < 1000) return `${threeDigits(value)}${THIN_SPACE}ms`;
  return `${threeDigits(value / 1000)}${THIN_SPACE}s`;
}

/** The whole value with its thousands apart, for a title. */
export function formatExact(value: number | null | undefined): string {
  return value == null ? "" : Number.isFinite(value) ? GROUPED.format(value) : String(value);
}

/** `1 run`, `2 runs`, `1.2 M runs`. */
export function countOf(value: number, one: string, many = `${one}s`): string {
  return `${formatCount(value)} ${value === 1 ? one : many}`;
}
