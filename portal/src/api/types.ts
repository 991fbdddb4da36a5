/** The records of the API. Times are ISO 8601 in UTC. */

export type Kind =
  | "namespace" | "project" | "dataset" | "dataset_version" | "feature_view" | "feature_view_version" | "run" | "workflow" | "schedule"
  | "logged_model" | "model" | "model_version" | "evaluation" | "deployment" | "experiment" | "cluster" | "workspace";

export type State = "active" | "queued" | "running" | "waiting" | "finished" | "failed" | "stopped" | "lost" | "deleted";

export type EdgeType = "consumed" | "produced" | "derived_from" | "evaluated" | "deployed" | "served" | "called";

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

export interface Entity {
  id: string;
  key: number;
  ref: string;
  kind: Kind;
  namespace: string;
  name: string;
  state: State;
  version: number | null;
  container: string | null;
  project: string | null;
  parent: string | null;
  owner: string | null;
  description: string;
  tags: Record<string, string>;
  facts: Record<string, Json>;
  digest: string | null;
  aliases: string[];
  created_at: string;
  created_by: string;
  updated_at: string;
  updated_by: string;
  started_at: string | null;
  ended_at: string | null;
  deleted_at: string | null;
  observed: Record<string, Json> | null;
  observed_at: string | null;
}

export interface Edge {
  type: EdgeType;
  upstream: string;
  downstream: string;
  run: string | null;
  created_at: string;
}

export interface Node {
  id: string;
  ref: string;
  kind: Kind;
  name: string;
  version: number | null;
  state: State;
  depth: number;
  detail: string;
}

export interface Lineage {
  root: string;
  nodes: Node[];
  edges: Edge[];
  truncated: boolean;
}

export interface Event {
  id: string;
  kind: string;
  entity: string | null;
  entity_ref: string | null;
  entity_name: string | null;
  entity_kind: Kind | null;
  principal: string;
  recorded_at: string;
  occurred_at: string;
  before: string | null;
  after: string | null;
  digest: string;
  sequence: number | null;
  payload: Record<string, Json> | null;
}

export interface Page<T> {
  items: T[];
  next: string | null;
  total: number | null;
}

export interface Provenance {
  sentences: { label: string; upstream: boolean; items: Node[] }[];
}

export interface Counts {
  kinds: Partial<Record<Kind, number>>;
}

export interface MetricSummary {
  name: string;
  last: number | null;
  step: number;
  least: number | null;
  greatest: number | null;
  points: number;
}

export interface RunDetail {
  entity: Entity;
  params: Record<string, string>;
  metrics: MetricSummary[];
  artifacts: { path: string; size: number; digest: string }[];
  children: number;
}

export interface LogPart {
  text: string;
  next: number;
  done: boolean;
}

export interface ServingLive {
  url: string | null;
  state: State;
  port: number | null;
  pid: number | null;
  restarts: number | null;
  version_ref: string | null;
  started_at: string | null;
  rate: number | null;
  requests: number | null;
  errors: number | null;
  rows: number | null;
  p50_ms: number | null;
  p95_ms: number | null;
  p99_ms: number | null;
  unseen_keys: number | null;
  history: { t: number; rate: number | null; p95_ms: number | null; errors: number | null }[] | null;
}
