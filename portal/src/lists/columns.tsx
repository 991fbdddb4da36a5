/** The columns that a list of each kind can show. */

import { createColumnHelper, metaHelper, tableFeatures, columnVisibilityFeature, rowSelectionFeature } from "@tanstack/react-table";
import type { ReactNode } from "react";

import type { Entity, Json, Kind } from "../api/types";
import { useNow } from "../app/clock";
import { EntityLink } from "../entities/EntityLink";
import { Standing } from "../entities/StateMark";
import { When } from "../entities/When";
import { secondsRun } from "../entities/states";
import { metricsOf } from "../entities/keyFigures";
import { kindInfo } from "../entities/kinds";
import { Value, isScalar } from "../entities/values";
import { formatExact, formatMetric } from "../format/numbers";
import { shortId, titleOf } from "../format/text";
import { formatDuration } from "../format/time";

interface ColumnMeta {
  /** A track of the row's grid. */
  width: string;
  align?: "end";
  label: string;
}

export const features = tableFeatures({ columnVisibilityFeature, rowSelectionFeature, columnMeta: metaHelper<ColumnMeta>() });
const helper = createColumnHelper<typeof features, Entity>();
export type EntityColumn = ReturnType<typeof column>;

function column(id: string, label: string, width: string, value: (entity: Entity) => unknown, draw: (entity: Entity) => ReactNode, align?: "end") {
  const meta: ColumnMeta = { width, label, ...(align ? { align } : {}) };
  return Object.assign(helper.accessor(value, { id, header: label, meta, cell: ({ row }) => draw(row.original) }), { id, meta });
}

function Duration({ entity }: { entity: Entity }) {
  const now = useNow();
  const seconds = secondsRun(entity, now);
  return <span title={seconds === null ? undefined : `${formatExact(Math.round(seconds * 1000) / 1000)} s`}>{formatDuration(seconds)}</span>;
}

function Tags({ entity }: { entity: Entity }) {
  return <>{Object.entries(entity.tags).map(([name, value]) => (value ? `${name}: ${value}` : name)).join(", ")}</>;
}

const Nothing = () => <span className="muted">–</span>;

const NAME = column("name", "Name", "minmax(180px, 2fr)", (entity) => entity.name, (entity) => <EntityLink reference={entity.ref} kind={entity.kind} name={entity.name} version={entity.version} withIcon={entity.kind !== "run"} />);
const STATE = column("state", "State", "112px", (entity) => entity.state, (entity) => <Standing entity={entity} withWord />);
const PROJECT = column("project", "Project", "minmax(80px, 1fr)", (entity) => entity.project, (entity) => entity.project ?? <Nothing />);
const OWNER = column("owner", "Owner", "minmax(80px, 120px)", (entity) => entity.owner ?? entity.created_by, (entity) => entity.owner ?? entity.created_by);
const CREATED = column("created", "Created", "124px", (entity) => entity.created_at, (entity) => <When at={entity.created_at} />);
const UPDATED = column("updated", "Changed", "132px", (entity) => entity.updated_at, (entity) => <When at={entity.updated_at} />);
const TAGS = column("tags", "Tags", "minmax(100px, 1fr)", (entity) => entity.tags, (entity) => <Tags entity={entity} />);
const DESCRIPTION = column("description", "Description", "minmax(140px, 2fr)", (entity) => entity.description, (entity) => entity.description || <Nothing />);
const ID = column("id", "ID", "92px", (entity) => entity.id, (entity) => <code title={entity.id}>{shortId(entity.id)}</code>);
const DURATION = column("duration", "Duration", "104px", (entity) => entity.ended_at, (entity) => <Duration entity={entity} />, "end");
const RUN_KIND = column("run_kind", "Kind", "96px", (entity) => entity.facts.run_kind, (entity) => (typeof entity.facts.run_kind === "string" ? titleOf(entity.facts.run_kind) : <Nothing />));
const ALIASES = column("aliases", "Aliases", "minmax(90px, 140px)", (entity) => entity.aliases, (entity) => entity.aliases.join(", ") || <Nothing />);

function fact(name: string, isNumeric: boolean): EntityColumn {
  return column(`fact.${name}`, titleOf(name), isNumeric ? "88px" : "minmax(72px, 1fr)", (entity) => entity.facts[name], (entity) => <Value name={name} value={entity.facts[name]} />, isNumeric ? "end" : undefined);
}

function metric(name: string): EntityColumn {
  const find = (entity: Entity) => metricsOf(entity.facts.metrics).find((each) => each.name === name)?.value;
  return column(`metric.${name}`, titleOf(name), "80px", find, (entity) => <span title={formatExact(find(entity))}>{formatMetric(find(entity))}</span>, "end");
}

const SHOWN_METRICS = 4;

/** The columns for a list of a kind, those of its own facts included, and which of them are shown at first. */
export function columnsFor(kind: Kind, entities: readonly Entity[], isInProject: boolean): { columns: EntityColumn[]; shown: string[] } {
  const isVersion = kind.endsWith("_version");
  const facts = new Map<string, Json>();
  const metrics = new Set<string>();
  for (const entity of entities.slice(0, 50)) {
    for (const [name, value] of Object.entries(entity.facts)) if (value !== null && isScalar(value) && name !== "run_kind") facts.set(name, value);
    for (const each of metricsOf(entity.facts.metrics)) metrics.add(each.name);
  }
  const ofFacts = [...facts].map(([name, value]) => fact(name, typeof value === "number"));
  const ofMetrics = [...metrics].map(metric);
  const own = [...(kind === "run" ? [RUN_KIND] : []), ...(isVersion ? [ALIASES] : kind === "project" || isInProject ? [] : [PROJECT]), ...(kind === "run" ? [DURATION] : [])];
  const hasStates = kind === "run" || kind === "deployment" || kind === "schedule" || kind === "cluster" || kind === "workspace";
  const columns = [...(kind === "run" ? [STATE, NAME] : hasStates ? [NAME, STATE] : [NAME]), ...own, ...ofMetrics, ...ofFacts, DESCRIPTION, OWNER, TAGS, ID, CREATED, UPDATED];
  const shownFacts = kind === "run" ? [] : ofFacts.filter(({ id }) => ["fact.rows", "fact.size", "fact.latest", "fact.source", "fact.flavour", "fact.model_class", "fact.port", "fact.version_ref", "fact.label"].includes(id));
  const shown = [...(hasStates ? [STATE] : []), NAME, ...own, ...ofMetrics.slice(0, SHOWN_METRICS), ...shownFacts, ...(kind === "project" || kind === kindInfo(kind).list.slice(1) ? [DESCRIPTION] : []), OWNER, CREATED];
  return { columns, shown: shown.map(({ id }) => id) };
}
