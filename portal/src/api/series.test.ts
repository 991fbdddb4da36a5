import { expect, test } from "vitest";

import { decodeSeries } from "./series";

function pack(columns: number[][]): ArrayBuffer {
  const count = columns[0]?.length ?? 0;
  const bytes = new ArrayBuffer(4 + columns.length * count * 8);
  const view = new DataView(bytes);
  view.setUint32(0, count, true);
  columns.flat().forEach((value, index) => view.setFloat64(4 + index * 8, value, true));
  return bytes;
}

test("columns come apart in their order, NaN kept", () => {
  const series = decodeSeries(pack([[0, 10], [1.5, 2.5], [0.1, NaN], [0.1, NaN], [0.1, NaN]]));
  expect([...series.steps]).toEqual([0, 10]);
  expect([...series.times]).toEqual([1.5, 2.5]);
  expect([...series.values]).toEqual([0.1, NaN]);
  expect(series.thinned).toBe(false);
});

test("a group that spans a range says that points were thinned", () => {
  expect(decodeSeries(pack([[0], [1], [0.1], [0.3], [0.2]])).thinned).toBe(true);
});

test("an empty series is empty, and a cut one is refused", () => {
  expect(decodeSeries(pack([[], [], [], [], []])).steps).toHaveLength(0);
  expect(() => decodeSeries(pack([[0], [1], [1], [1], [1]]).slice(0, 20))).toThrow("20 bytes");
});
