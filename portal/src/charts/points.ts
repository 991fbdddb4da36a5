/** From a series of the server to the columns of a chart: axis, scale and smoothing. */

import type { Window } from "../api/queries";
import type { Series } from "../api/series";

export type Axis = "step" | "relative" | "wall";
export type Points = (number | null)[];

export interface Lines {
  x: number[];
  value: Points;
  smooth: Points | null;
  least: Points | null;
  greatest: Points | null;
}

/** The x of every point: steps, seconds since `origin`, or epoch seconds. */
export function abscissae(series: Series, axis: Axis, origin: number): number[] {
  if (axis === "step") return [...series.steps];
  return axis === "wall" ? [...series.times] : Array.from(series.times, (time) => time - origin);
}

/** Exponential smoothing without the bias of its start (Kingma and Ba 2015, section 3); gaps stay gaps. */
export function smoothed(values: Points, weight: number): Points {
  let sum = 0;
  let mass = 0;
  return values.map((value) => {
    if (value === null) return null;
    sum = weight * sum + (1 - weight) * value;
    mass = weight * mass + (1 - weight);
    return sum / mass;
  });
}

/** NaN can't be drawn, and a logarithm has no place for what is not positive. */
function drawable(values: Float64Array, isLog: boolean): Points {
  return Array.from(values, (value) => (Number.isFinite(value) && (!isLog || value > 0) ? value : null));
}

export function linesOf(series: Series, axis: Axis, origin: number, isLog: boolean, smoothing: number): Lines {
  const value = drawable(series.values, isLog);
  return {
    x: abscissae(series, axis, origin),
    value,
    smooth: smoothing > 0 ? smoothed(value, smoothing) : null,
    least: series.thinned ? drawable(series.least, isLog) : null,
    greatest: series.thinned ? drawable(series.greatest, isLog) : null,
  };
}

/** The steps that lie between two places on the axis: what the server is asked for when one zooms. */
export function windowBetween(series: Series, x: readonly number[], from: number, to: number): Window | null {
  let first: number | undefined;
  let last: number | undefined;
  x.forEach((at, index) => {
    if (at < from || at > to) return;
    first ??= series.steps[index];
    last = series.steps[index];
  });
  return first === undefined || last === undefined || first === last ? null : { first, last };
}
