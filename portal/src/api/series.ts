/** The points of one metric, as the server packs them. */

import { Problem } from "./client";

export interface Series {
  /** Steps; where points were thinned, the first step of each group. */
  steps: Float64Array;
  /** Epoch seconds. */
  times: Float64Array;
  least: Float64Array;
  greatest: Float64Array;
  /** The value, or the mean of a group. */
  values: Float64Array;
  /** Whether some points stand for a group. */
  thinned: boolean;
}

const COLUMNS = 5;

/** Unpack little-endian bytes: a uint32 count, then steps, times, least, greatest and values as float64. */
export function decodeSeries(bytes: ArrayBuffer): Series {
  const count = bytes.byteLength >= 4 ? new DataView(bytes).getUint32(0, true) : 0;
  const expected = 4 + count * COLUMNS * 8;
  if (bytes.byteLength !== expected) {
    throw new Problem(0, "The points can't be read", `${bytes.byteLength} bytes came where ${expected} were announced.`, "Reload the page; the server may be of another version.");
  }
  // A Float64Array must begin at a multiple of eight, and the points begin at byte four.
  const body = bytes.slice(4);
  const column = (index: number) => new Float64Array(body, index * count * 8, count);
  const least = column(2);
  const greatest = column(3);
  let thinned = false;
  for (let index = 0; index < count && !thinned; index++) thinned = (least[index] ?? 0) < (greatest[index] ?? 0);
  return { steps: column(0), times: column(1), least, greatest, values: column(4), thinned };
}
