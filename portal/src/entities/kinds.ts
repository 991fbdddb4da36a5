/** What each kind is called, how it is drawn, and in which family of the graph it belongs. */

import type { Entity, Kind, Node } from "../api/types";
import { shortId } from "../format/text";
import type { IconName } from "./icons";

export type Family = "data" | "features" | "work" | "models" | "evaluation" | "serving" | "other";

export interface KindInfo {
  one: string;
  many: string;
  icon: IconName;
  family: Family;
  /** The address of the list of this kind. */
  list: string;
}

export const KINDS: Record<Kind, KindInfo> = {
  namespace: { one: "Namespace", many: "Namespaces", icon: "namespace", family: "other", list: "/list/namespace" },
  project: { one: "Project", many: "Projects", icon: "project", family: "other", list: "/projects" },
  dataset: { one: "Dataset", many: "Datasets", icon: "data", family: "data", list: "/data" },
  dataset_version: { one: "Dataset version", many: "Dataset versions", icon: "data", family: "data", list: "/data" },
  feature_view: { one: "Feature view", many: "Feature views", icon: "feature", family: "features", list: "/features" },
  feature_view_version: { one: "Feature view version", many: "Feature view versions", icon: "feature", family: "features", list: "/features" },
  run: { one: "Run", many: "Runs", icon: "run", family: "work", list: "/runs" },
  workflow: { one: "Workflow", many: "Workflows", icon: "workflow", family: "work", list: "/list/workflow" },
  schedule: { one: "Schedule", many: "Schedules", icon: "schedule", family: "work", list: "/list/schedule" },
  logged_model: { one: "Logged model", many: "Logged models", icon: "model", family: "models", list: "/list/logged_model" },
  model: { one: "Model", many: "Models", icon: "model", family: "models", list: "/models" },
  model_version: { one: "Model version", many: "Model versions", icon: "model", family: "models", list: "/models" },
  evaluation: { one: "Evaluation", many: "Evaluations", icon: "evaluation", family: "evaluation", list: "/evaluations" },
  deployment: { one: "Deployment", many: "Deployments", icon: "deployment", family: "serving", list: "/deployments" },
  experiment: { one: "Experiment", many: "Experiments", icon: "experiment", family: "serving", list: "/list/experiment" },
  cluster: { one: "Cluster", many: "Clusters", icon: "cluster", family: "work", list: "/list/cluster" },
  workspace: { one: "Workspace", many: "Workspaces", icon: "workspace", family: "work", list: "/list/workspace" },
};

const UNKNOWN: KindInfo = { one: "Entity", many: "Entities", icon: "project", family: "other", list: "/" };

/** The words of a kind; a kind of a newer server still gets a page. */
export function kindInfo(kind: Kind): KindInfo {
  return (KINDS as Partial<Record<string, KindInfo>>)[kind] ?? UNKNOWN;
}

export const VERSION_KINDS: Partial<Record<Kind, Kind>> = {
  dataset: "dataset_version",
  feature_view: "feature_view_version",
  model: "model_version",
};

/** `delay v3`, or the beginning of the id of what was never named. */
export function titleOfEntity(entity: Pick<Entity | Node, "name" | "version" | "id">): string {
  const name = entity.name || shortId(entity.id);
  return entity.version == null ? name : `${name} v${entity.version}`;
}
