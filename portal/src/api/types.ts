/** The records of the API, as generated from its OpenAPI document (`npm run types`), with free JSON given its type. */

import type { components } from "./schema";

type Schemas = components["schemas"];

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonRecord = Record<string, Json>;

export type Kind = Schemas["Kind"];
export type State = Schemas["State"];
export type EdgeType = Schemas["EdgeType"];
export type Edge = Schemas["Edge"];
export type Node = Schemas["Node"];
export type Lineage = Schemas["Lineage"];
export type Provenance = Schemas["Provenance"];
export type MetricSummary = Schemas["MetricSummary"];
export type LogPart = Schemas["RunLog"];
export type ServingLive = Schemas["Live"];
export type VersionDetail = Pick<Schemas["VersionDetail"], "metrics">;

export type Entity = Omit<Schemas["Entity"], "facts" | "observed" | "tags"> & { facts: JsonRecord; observed: JsonRecord | null; tags: Record<string, string> };
export type Event = Omit<Schemas["Event"], "payload"> & { payload: JsonRecord | null };
export type RunDetail = Omit<Schemas["RunDetail"], "entity"> & { entity: Entity };
export type Counts = { kinds: Partial<Record<Kind, number>> };
export type Page<T> = Omit<Schemas["Page_Entity_"], "items"> & { items: T[] };
