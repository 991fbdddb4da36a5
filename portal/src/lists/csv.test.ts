import { expect, test } from "vitest";

import { appended } from "../pages/Log";
import { toCsv } from "./csv";

test("fields are quoted where they must be, and no text becomes a formula", () => {
  expect(toCsv(["name", "value"], [['a "b", c', -1], ["=SUM(A1)", null]])).toBe('name,value\r\n"a ""b"", c",-1\r\n\'=SUM(A1),');
});

test("a log grows by pieces that may end within a line", () => {
  expect(appended(appended([""], "one\ntw"), "o\n")).toEqual(["one", "two", ""]);
});
