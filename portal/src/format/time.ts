/** Instants and durations as people read them. All instants are UTC on the wire and local on the screen. */

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const SHORT_DATE = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const LONG_DATE = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hour12: false });
const LONG_CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
const WEEKDAY = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long" });

function ago(amount: number, unit: string): string {
  const whole = Math.floor(amount);
  return `${whole} ${unit}${whole === 1 ? "" : "s"} ago`;
}

/** `just now`, `4 minutes ago`, `yesterday 14:03`, `3 Feb 14:03`, `3 Feb 2024`. */
export function formatAgo(instant: string | Date | null | undefined, now: Date): string {
  if (instant == null) return "\u2013";
  const date = new Date(instant);
  const seconds = (now.getTime() - date.getTime()) / 1000;
  if (seconds < -MINUTE) return `${LONG_DATE.format(date)} ${CLOCK.format(date)}`;
  if (seconds < 45) return "just now";
  if (seconds < HOUR) return ago(Math.max(1, seconds / MINUTE), "minute");
  if (seconds < 12 * HOUR) return ago(seconds / HOUR, "hour");
  const day = dayOf(date, now);
  if (day === "Today") return `today ${CLOCK.format(date)}`;
  if (day === "Yesterday") return `yesterday ${CLOCK.format(date)}`;
  if (seconds < 300 * DAY) return `${SHORT_DATE.format(date)} ${CLOCK.format(date)}`;
  return LONG_DATE.format(date);
}

/** The instant in full, in UTC, for a title. */
export function formatInstant(instant: string | Date | null | undefined): string {
  if (instant == null) return "";
  return `${new Date(instant).toISOString().replace("T", " ").replace("Z", "")} UTC`;
}

/** Which day it was for the reader: `Today`, `Yesterday`, `Monday 3 February`. */
export function dayOf(instant: string | Date, now: Date): string {
  const date = new Date(instant);
  const midnight = (at: Date) => new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();
  const days = Math.round((midnight(now) - midnight(date)) / (DAY * 1000));
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  return date.getFullYear() === now.getFullYear() ? WEEKDAY.format(date) : LONG_DATE.format(date);
}

/** The reader's clock: `14:03`, or `14:03:27`. */
export function formatClock(instant: string | Date, withSeconds = false): string {
  return (withSeconds ? LONG_CLOCK : CLOCK).format(new Date(instant));
}

/** The reader's day: `3 Feb`. */
export function formatDay(instant: string | Date): string {
  return SHORT_DATE.format(new Date(instant));
}

/** A span of seconds: `340 ms`, `4.2 s`, `2 min 10 s`, `3 h 5 min`, `4 d 2 h`. */
export function formatDuration(seconds: number | null | undefined): string {
  if (seconds == null || Number.isNaN(seconds)) return "\u2013";
  if (seconds < 0) return `\u2212${formatDuration(-seconds)}`;
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < MINUTE) return `${whole} s`;
  if (whole < HOUR) return pair(whole, MINUTE, "min", 1, "s");
  if (whole < DAY) return pair(whole, HOUR, "h", MINUTE, "min");
  return pair(whole, DAY, "d", HOUR, "h");
}

function pair(seconds: number, large: number, largeName: string, small: number, smallName: string): string {
  const first = Math.floor(seconds / large);
  const rest = Math.floor((seconds - first * large) / small);
  return rest === 0 ? `${first} ${largeName}` : `${first} ${largeName} ${rest} ${smallName}`;
}

/** Seconds between two instants; an open end counts until now. */
export function secondsBetween(start: string | null | undefined, end: string | null | undefined, now: Date): number | null {
  if (start == null) return null;
  return (new Date(end ?? now).getTime() - new Date(start).getTime()) / 1000;
}
