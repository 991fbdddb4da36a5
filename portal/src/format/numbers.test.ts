import { expect, test } from "vitest";

import { countOf, formatBytes, formatCount, formatMetric, formatMilliseconds, formatShare, formatTick } from "./numbers";

test("counts are in full below ten thousand and short above, without losing zeros of whole numbers", () => {
  expect([0, 999, 9_999, 10_000, 100_000, 336_776, 999_950, 1_234_567, 2e9].map(formatCount)).toEqual(["0", "999", "9,999", "10\u2009k", "100\u2009k", "337\u2009k", "1\u2009M", "1.23\u2009M", "2\u2009bn"]);
});

test("what is not there is a dash", () => {
  expect([formatCount(null), formatBytes(undefined), formatMetric(null), formatShare(NaN)]).toEqual(["–", "–", "–", "–"]);
});

test("sizes are decimal", () => {
  expect([0, 999, 1000, 3_412_000_000].map(formatBytes)).toEqual(["0\u2009B", "999\u2009B", "1\u2009kB", "3.41\u2009GB"]);
});

test("metrics keep four significant digits", () => {
  expect([0.81274, 0.7, 12.3456, 1234.56, 12_345.6, 3, 0, -0.5, 1.2e-7, NaN, Infinity].map(formatMetric)).toEqual(["0.8127", "0.7000", "12.35", "1235", "12,346", "3", "0", "−0.5000", "1.200e−7", "NaN", "∞"]);
});

test("ticks carry no empty zeros", () => {
  expect([0, 0.5, 0.30000000000000004, 1500, 150_000, 200_000, -0.25].map(formatTick)).toEqual(["0", "0.5", "0.3", "1,500", "150\u2009k", "200\u2009k", "−0.25"]);
});

test("shares and latencies", () => {
  expect([formatShare(0.1234), formatShare(1), formatShare(0.00001)]).toEqual(["12.3%", "100%", "<\u20090.01%"]);
  expect([formatMilliseconds(0.84), formatMilliseconds(100), formatMilliseconds(1234)]).toEqual(["840\u2009µs", "100\u2009ms", "1.23\u2009s"]);
  expect([countOf(1, "run"), countOf(2, "run"), countOf(2, "entity", "entities")]).toEqual(["1 run", "2 runs", "2 entities"]);
});
