/** The rooms of the portal: what the rail, the jump box and the keys lead to. */

import type { Counts, Kind } from "../api/types";
import type { IconName } from "../entities/icons";

export interface Room {
  id: string;
  label: string;
  path: string;
  icon: IconName;
  /** Pressed after `g`. */
  key?: string;
  /** The kind that its list shows; its count stands in the rail. */
  kind?: Kind;
  /** Shown even when nothing of its kind exists yet. */
  always: boolean;
}

export const ROOMS: readonly Room[] = [
  { id: "home", label: "Home", path: "/", icon: "home", key: "h", always: true },
  { id: "projects", label: "Projects", path: "/projects", icon: "project", key: "p", kind: "project", always: true },
  { id: "data", label: "Data", path: "/data", icon: "data", key: "d", kind: "dataset", always: true },
  { id: "features", label: "Features", path: "/features", icon: "feature", key: "f", kind: "feature_view", always: true },
  { id: "runs", label: "Runs", path: "/runs", icon: "run", key: "r", kind: "run", always: true },
  { id: "models", label: "Models", path: "/models", icon: "model", key: "m", kind: "model", always: true },
  { id: "evaluations", label: "Evaluations", path: "/evaluations", icon: "evaluation", key: "e", kind: "evaluation", always: true },
  { id: "deployments", label: "Deployments", path: "/deployments", icon: "deployment", key: "s", kind: "deployment", always: true },
  { id: "workflow", label: "Workflows", path: "/list/workflow", icon: "workflow", key: "w", kind: "workflow", always: false },
  { id: "schedule", label: "Schedules", path: "/list/schedule", icon: "schedule", kind: "schedule", always: false },
  { id: "experiment", label: "Experiments", path: "/list/experiment", icon: "experiment", kind: "experiment", always: false },
  { id: "cluster", label: "Clusters", path: "/list/cluster", icon: "cluster", kind: "cluster", always: false },
  { id: "workspace", label: "Workspaces", path: "/list/workspace", icon: "workspace", kind: "workspace", always: false },
];

export function roomOfPath(path: string): Room | undefined {
  return ROOMS.find((room) => room.path === path);
}

/** The rooms to show, given how many there are of each kind. */
export function openRooms(counts: Counts["kinds"] | undefined): readonly Room[] {
  return ROOMS.filter((room) => room.always || (room.kind && (counts?.[room.kind] ?? 0) > 0));
}
