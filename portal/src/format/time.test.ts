import { expect, test } from "vitest";

import { dayOf, formatAgo, formatDuration, formatInstant, secondsBetween } from "./time";

const NOW = new Date(2026, 4, 20, 15, 0, 0);
const before = (seconds: number) => new Date(NOW.getTime() - seconds * 1000);

test("durations are told in at most two units", () => {
  expect([0.0123, 4.21, 59, 130, 3600, 11_100, 180_000].map(formatDuration)).toEqual(["12 ms", "4.2 s", "59 s", "2 min 10 s", "1 h", "3 h 5 min", "2 d 2 h"]);
  expect(formatDuration(null)).toBe("–");
});

test("the past is told from now", () => {
  expect([3, 60, 250, 7300].map((seconds) => formatAgo(before(seconds), NOW))).toEqual(["just now", "1 minute ago", "4 minutes ago", "2 hours ago"]);
  expect(formatAgo(new Date(2026, 4, 19, 14, 3), NOW)).toBe("yesterday 14:03");
  expect(formatAgo(new Date(2026, 1, 3, 9, 5), NOW)).toBe("3 Feb 09:05");
});

test("days are the reader's", () => {
  expect(dayOf(new Date(2026, 4, 20, 0, 1), NOW)).toBe("Today");
  expect(dayOf(new Date(2026, 4, 19, 23, 59), NOW)).toBe("Yesterday");
});

test("exact instants are in UTC, and an open end counts until now", () => {
  expect(formatInstant("2026-05-20T15:00:00.123Z")).toBe("2026-05-20 15:00:00.123 UTC");
  expect(secondsBetween(before(90).toISOString(), null, NOW)).toBe(90);
  expect(secondsBetween(null, null, NOW)).toBeNull();
});
