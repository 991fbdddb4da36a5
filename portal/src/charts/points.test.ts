import { expect, test } from "vitest";

import type { Series } from "../api/series";
import { linesOf, smoothed, windowBetween } from "./points";

const series: Series = {
  steps: Float64Array.of(0, 10, 20, 30),
  times: Float64Array.of(100, 101, 102, 103),
  least: Float64Array.of(1, -1, 2, NaN),
  greatest: Float64Array.of(1, 3, 2, NaN),
  values: Float64Array.of(1, 1, 2, NaN),
  thinned: true,
};

test("smoothing a constant changes nothing, from the first point on", () => {
  expect(smoothed([2, 2, null, 2], 0.9).map((value) => value && Number(value.toFixed(9)))).toEqual([2, 2, null, 2]);
});

test("axes: steps, seconds since the origin, the clock", () => {
  expect(linesOf(series, "step", 0, false, 0).x).toEqual([0, 10, 20, 30]);
  expect(linesOf(series, "relative", 100, false, 0).x).toEqual([0, 1, 2, 3]);
  expect(linesOf(series, "wall", 100, false, 0).x).toEqual([100, 101, 102, 103]);
});

test("NaN is a gap, and a logarithm leaves out what is not positive", () => {
  const lines = linesOf(series, "step", 0, true, 0);
  expect(lines.value).toEqual([1, 1, 2, null]);
  expect(lines.least).toEqual([1, null, 2, null]);
});

test("a zoom on any axis is a window of steps", () => {
  expect(windowBetween(series, [0, 1, 2, 3], 0.5, 3)).toEqual({ first: 10, last: 30 });
  expect(windowBetween(series, [0, 1, 2, 3], 0.5, 1.5)).toBeNull();
});
