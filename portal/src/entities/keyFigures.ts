/** The four to six figures that say most about an entity. */

import type { Entity, Json, MetricSummary, RunDetail } from "../api/types";
import { formatBytes, formatCount, formatExact, formatMetric } from "../format/numbers";
import { titleOf } from "../format/text";
import { formatAgo, formatDuration, formatInstant } from "../format/time";
import { secondsRun } from "./states";
import { formatNumber, plainText } from "./values";

export interface KeyFigure {
  label: string;
  value: string;
  exact?: string;
  note?: string;
  isBad?: boolean;
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
  return [{ label: "Entity", value: entity.name, note: Array.isArray(entity.keys) ? `by ${entity.keys.map(plainText).join(", ")}` : "" }];
}

function textOf(facts: Entity["facts"], name: string, label = titleOf(name)): KeyFigure[] {
  const value = facts[name];
  if (typeof value === "number") return [{ label, value: formatNumber(name, value), exact: formatExact(value) }];
  return typeof value === "string" && value ? [{ label, value }] : [];
}

export interface MetricFact {
  name: string;
  value: number;
  low: number | null;
  high: number | null;
}

function metricOf(name: Json | undefined, item: Json | undefined): MetricFact[] {
  if (typeof name !== "string") return [];
  if (typeof item === "number") return [{ name, value: item, low: null, high: null }];
  if (!isRecord(item) || typeof item.value !== "number") return [];
  return [{ name, value: item.value, low: typeof item.low === "number" ? item.low : null, high: typeof item.high === "number" ? item.high : null }];
}

/** How people read a report: ranking, then the quality of scores, then decisions. The rest follows by name. */
const READING_ORDER = ["auc", "roc_auc", "log_loss", "brier", "precision", "recall", "f1", "accuracy"];

function byReading(one: MetricFact, other: MetricFact): number {
  const rank = ({ name }: MetricFact) => (READING_ORDER.indexOf(name) + READING_ORDER.length + 1) % (READING_ORDER.length + 1);
  return rank(one) - rank(other);
}

/** Metrics, whether they are a list of records or a mapping of names to records or bare figures. */
export function metricsOf(value: Json | undefined): MetricFact[] {
  if (Array.isArray(value)) return value.flatMap((item) => (isRecord(item) ? metricOf(item.name, item) : [])).toSorted(byReading);
  return isRecord(value) ? Object.entries(value).flatMap(([name, item]) => metricOf(name, item)).toSorted(byReading) : [];
}

function metricFigures(value: Json | undefined): KeyFigure[] {
  return metricsOf(value).map((metric) => {
    const note = metric.low !== null && metric.high !== null ? `${formatMetric(metric.low)} to ${formatMetric(metric.high)}` : undefined;
    return { label: titleOf(metric.name), value: formatMetric(metric.value), exact: formatExact(metric.value), ...(note ? { note } : {}) };
  });
}

/** What people look at first: held-out before training, quality before housekeeping. */
const WEIGHTY = [/^(valid|val|test|eval)/, /(auc|accuracy|acc|f1|score|loss|rmse|mae|error|precision|recall)/];

function byWeight(one: MetricSummary, other: MetricSummary): number {
  const weight = ({ name }: MetricSummary) => WEIGHTY.filter((pattern) => pattern.test(name.toLowerCase())).length;
  return weight(other) - weight(one);
}

/** Of a run: how long, how it went, and its first metrics. */
export function runFigures(detail: RunDetail, now: Date): KeyFigure[] {
  const { entity } = detail;
  const seconds = secondsRun(entity, now);
  return [
    ...(seconds === null ? [] : [{ label: "Duration", value: formatDuration(seconds), exact: `${formatExact(Math.round(seconds * 1000) / 1000)} s` }]),
    ...detail.metrics.toSorted(byWeight).slice(0, 4).map((metric) => ({ label: metric.name, value: formatMetric(metric.last), exact: formatExact(metric.last) })),
    ...(detail.children > 0 ? figure("Children", detail.children, formatCount) : []),
    ...(detail.artifacts.length > 0 ? figure("Artifacts", detail.artifacts.length, formatCount) : []),
    ...textOf(entity.facts, "host"),
  ].slice(0, MOST);
}

/** Of a container: how many versions, the newest, and which ones the aliases point at. */
export function containerFigures(container: Entity, versions: readonly Entity[], total: number | null, speaker: Entity | undefined, now: Date, metrics?: Json): KeyFigure[] {
  const newest = versions[0];
  if (!newest) return keyFigures(container, now);
  const aliased = versions.flatMap((version) => version.aliases.map((alias) => ({ label: titleOf(alias), value: `v${version.version ?? ""}`, exact: version.ref })));
  const own = keyFigures(speaker ?? newest, now, metrics).slice(0, -1);
  return [
    { label: "Versions", value: formatCount(total ?? versions.length) },
    ...aliased.slice(0, 2),
    ...own.slice(0, 3),
    { label: "Newest", value: formatAgo(newest.created_at, now), exact: formatInstant(newest.created_at) },
  ].slice(0, MOST);
}

/**
 * Of anything else: by its kind, then by whatever figures its facts hold.
 * A model version's metrics are those of its newest evaluation, which others keep.
 */
export function keyFigures(entity: Entity, now: Date, metrics?: Json): KeyFigure[] {
  const { facts } = entity;
  const known: Partial<Record<Entity["kind"], () => KeyFigure[]>> = {
    dataset_version: () => [...count(facts, "rows"), ...lengthOf(facts, "columns", "Columns"), ...lengthOf(facts, "files", "Files"), ...figure("Size", numberOf(facts, "size"), formatBytes), ...textOf(facts, "timestamp", "Event time"), ...textOf(facts, "known_at", "Known at")],
    feature_view_version: () => [...lengthOf(facts, "features", "Features"), ...entityOf(facts), ...textOf(facts, "ttl_us", "TTL"), ...textOf(facts, "source")],
    model_version: () => [...metricFigures(metrics).slice(0, 3), ...textOf(facts, "flavour"), ...figure("Size", numberOf(facts, "size"), formatBytes)],
    evaluation: () => [...metricFigures(facts.metrics).slice(0, 4), ...count(facts, "rows"), ...textOf(facts, "threshold")],
  };
  const own = known[entity.kind]?.() ?? [];
  const rest = own.length > 0 ? [] : Object.entries(facts).flatMap(([name, value]) => (typeof value === "number" ? [{ label: titleOf(name), value: formatNumber(name, value), exact: formatExact(value) }] : []));
  const figures = [...own, ...rest].slice(0, MOST - 1);
  const time = { label: entity.version === null ? "Created" : "Registered", value: formatAgo(entity.created_at, now), exact: formatInstant(entity.created_at) };
  return [...figures, time];
}
