/** One JSON value as a person reads it, by what its name says it is. */

import type { Json } from "../api/types";
import { formatBytes, formatCount, formatExact, formatMetric, formatMilliseconds } from "../format/numbers";
import { shortId } from "../format/text";
import { formatDuration } from "../format/time";
import { parseRef } from "./address";
import { EntityLink } from "./EntityLink";
import { When } from "./When";

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const IN_BYTES = /(^|_)(bytes|size|memory)$/;
const IN_COUNTS = /(^|_)(rows|files|count|requests|errors|positives|total|points|keys|weight|left_out|restarts)$/;
const IN_MICROSECONDS = /(^|_)us$/;
const IN_SECONDS = /(^|_)(seconds|ttl|duration)$/;
const AS_IS = /(^|_)(port|pid|year|version|seed|id)$/;

export function formatNumber(name: string, value: number): string {
  if (AS_IS.test(name)) return String(value);
  if (IN_BYTES.test(name)) return formatBytes(value);
  if (IN_COUNTS.test(name) && Number.isInteger(value)) return formatCount(value);
  if (name.endsWith("_ms")) return formatMilliseconds(value);
  if (IN_MICROSECONDS.test(name)) return formatDuration(value / 1e6);
  if (IN_SECONDS.test(name)) return formatDuration(value);
  return formatMetric(value);
}

export function isScalar(value: Json | undefined): value is string | number | boolean | null {
  return value == null || typeof value !== "object";
}

/** A value as bare text. */
export function plainText(value: Json | undefined): string {
  return isScalar(value) ? String(value) : JSON.stringify(value);
}

/** A value that fits on one line. */
export function Value({ name, value }: { name: string; value: Json | undefined }) {
  if (value == null || value === "") return <span className="muted">–</span>;
  if (typeof value === "number") return <span title={formatExact(value)}>{formatNumber(name, value)}</span>;
  if (typeof value === "boolean") return <>{value ? "Yes" : "No"}</>;
  if (typeof value === "string") {
    if (INSTANT.test(value)) return <When at={value} />;
    const ref = parseRef(value);
    if (ref) {
      const version = ref.selector && /^\d+$/.test(ref.selector) ? Number(ref.selector) : null;
      return <EntityLink reference={value} kind={ref.kind} name={version === null && ref.selector ? `${ref.name}@${ref.selector}` : ref.name} version={version} />;
    }
    if (/^https?:\/\//.test(value)) {
      return (
        <a href={value} className="link" target="_blank" rel="noreferrer">
          {value}
        </a>
      );
    }
    if (UUID.test(value)) return <code title={value}>{shortId(value)}</code>;
    if (/^(sha256:)?[0-9a-f]{64}$/.test(value)) return <code title={value}>{value.replace("sha256:", "").slice(0, 12)}</code>;
    return <>{value}</>;
  }
  if (Array.isArray(value)) return <>{value.map(plainText).join(", ")}</>;
  const entries = Object.entries(value);
  if (entries.every(([, item]) => isScalar(item))) return <>{entries.map(([key, item]) => `${key}: ${plainText(item)}`).join(", ")}</>;
  return <code>{JSON.stringify(value)}</code>;
}
