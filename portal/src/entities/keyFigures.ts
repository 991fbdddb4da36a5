/** The four to six figures that say most about an entity. */

import type { Entity, Json, RunDetail } from "../api/types";
import { formatBytes, formatCount, formatExact, formatMetric } from "../format/numbers";
import { titleOf } from "../format/text";
import { formatAgo, formatDuration, formatInstant, secondsBetween } from "../format/time";
import { parseRef } from "./address";
import { formatNumber } from "./values";

export interface KeyFigure {
  label: string;
  value: string;
  exact?: string;
  note?: string;
}

const MOST = 6;

const isRecord = (value: Json | undefined): value is Record<string, Json> => value != null && typeof value === "object" && !Array.isArray(value);

function figure(label: string, value: number | null | undefined, format: (value: number) => string): KeyFigure[] {
  return value == null ? [] : [{ label, value: format(value), exact: formatExact(value) }];
}

function numberOf(facts: Entity["facts"], name: string): number | undefined {
  const value = facts[name];
  return typeof value === "number" ? value : undefined;
}

function count(facts: Entity["facts"], name: string): KeyFigure[] {
  return figure(titleOf(name), numberOf(facts, name), formatCount);
}

function lengthOf(facts: Entity["facts"], name: string, label: string): KeyFigure[] {
  const value = facts[name];
  return Array.isArray(value) ? figure(label, value.length, formatCount) : [];
}

/** The entity that a feature view is about, and its key columns. */
function entityOf(facts: Entity["facts"]): KeyFigure[] {
  const entity = facts.entity;
  if (!isRecord(entity) || typeof entity.name !== "string") return [];
  return [{ label: "Entity", value: entity.name, note: Array.isArray(entity.keys) ? `by ${entity.keys.join(", ")}` : "" }];
}

function textOf(facts: Entity["facts"], name: string, label = titleOf(name)): KeyFigure[] {
  const value = facts[name];
  if (typeof value === "number") return [{ label, value: formatNumber(name, value), exact: formatExact(value) }];
  return typeof value === "string" && value ? [{ label, value }] : [];
}

/** Metrics in either shape: a mapping of names to figures, or a list of records with intervals. */
export function metricsOf(value: Json | undefined): { name: string; value: number; low: number | null; high: number | null }[] {
  if (Array.isArray(value)) {
    return value.flatMap((item) =>
      isRecord(item) && typeof item.name === "string" && typeof item.value === "number"
        ? [{ name: item.name, value: item.value, low: typeof item.low === "number" ? item.low : null, high: typeof item.high === "number" ? item.high : null }]
        : [],
    );
  }
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([name, item]) => (typeof item === "number" ? [{ name, value: item, low: null, high: null }] : []));
}

function metricFigures(value: Json | undefined): KeyFigure[] {
  return metricsOf(value).map((metric) => {
    const note = metric.low !== null && metric.high !== null ? `${formatMetric(metric.low)} to ${formatMetric(metric.high)}` : undefined;
    return { label: titleOf(metric.name), value: formatMetric(metric.value), exact: formatExact(metric.value), ...(note ? { note } : {}) };
  });
}

/** Of a run: how long, how it went, and its first metrics. */
export function runFigures(detail: RunDetail, now: Date): KeyFigure[] {
  const { entity } = detail;
  const seconds = secondsBetween(entity.started_at, entity.ended_at, now);
  return [
    ...(seconds === null ? [] : [{ label: "Duration", value: formatDuration(seconds), exact: `${formatExact(Math.round(seconds * 1000) / 1000)} s` }]),
    ...detail.metrics.slice(0, 4).map((metric) => ({ label: titleOf(metric.name), value: formatMetric(metric.last), exact: formatExact(metric.last) })),
    ...(detail.children > 0 ? figure("Children", detail.children, formatCount) : []),
    ...(detail.artifacts.length > 0 ? figure("Artifacts", detail.artifacts.length, formatCount) : []),
    ...textOf(entity.facts, "host"),
  ].slice(0, MOST);
}

/** Of anything else: by its kind, then by whatever figures its facts hold. */
export function keyFigures(entity: Entity, now: Date): KeyFigure[] {
  const { facts } = entity;
  const known: Partial<Record<Entity["kind"], () => KeyFigure[]>> = {
    dataset_version: () => [...count(facts, "rows"), ...lengthOf(facts, "columns", "Columns"), ...lengthOf(facts, "files", "Files"), ...figure("Size", numberOf(facts, "size"), formatBytes), ...textOf(facts, "timestamp", "Event time"), ...textOf(facts, "known_at", "Known at")],
    feature_view_version: () => [...lengthOf(facts, "features", "Features"), ...entityOf(facts), ...textOf(facts, "ttl_us", "TTL"), ...textOf(facts, "source")],
    model_version: () => [...metricFigures(facts.metrics), ...textOf(facts, "flavor"), ...figure("Size", numberOf(facts, "size") ?? numberOf(facts, "bytes"), formatBytes)],
    evaluation: () => [...metricFigures(facts.metrics).slice(0, 4), ...count(facts, "rows"), ...textOf(facts, "threshold")],
  };
  const own = known[entity.kind]?.() ?? [];
  const rest = own.length > 0 ? [] : Object.entries(facts).flatMap(([name, value]) => (typeof value === "number" ? [{ label: titleOf(name), value: formatNumber(name, value), exact: formatExact(value) }] : []));
  const figures = [...own, ...rest].slice(0, MOST - 1);
  const time = { label: entity.version === null ? "Created" : "Registered", value: formatAgo(entity.created_at, now), exact: formatInstant(entity.created_at) };
  return [...figures, time];
}

/** The version that a pinned reference names, as people write it. */
export function versionLabel(ref: string): string {
  const parts = parseRef(ref);
  if (!parts) return ref;
  return parts.selector ? `${parts.name} v${parts.selector}` : parts.name;
}
