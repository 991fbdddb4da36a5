/** How an entity stands, in a mark and a word. */

import type { Entity, State } from "../api/types";
import { secondsBetween } from "../format/time";

export interface Standing {
  mark: State;
  word: string;
}

const WORDS: Record<State, string> = {
  active: "Active",
  queued: "Queued",
  running: "Running",
  waiting: "Waiting for a person",
  finished: "Finished",
  failed: "Failed",
  stopped: "Stopped",
  lost: "Lost",
  deleted: "Deleted",
};

/** What the agent sees of a deployment that should run. */
const SERVING: Partial<Record<string, Standing>> = {
  ready: { mark: "active", word: "Serving" },
  replacing: { mark: "active", word: "Serving, next version starting" },
  starting: { mark: "running", word: "Starting" },
  restarting: { mark: "running", word: "Restarting" },
  stopping: { mark: "running", word: "Stopping" },
  failed: { mark: "failed", word: "Failed" },
  "port-in-use": { mark: "failed", word: "Port in use" },
};

export function standingOfState(state: State): Standing {
  // A state of a newer server is shown by its own name.
  return { mark: state, word: (WORDS as Partial<Record<string, string>>)[state] ?? state };
}

const GOING_ON: ReadonlySet<State> = new Set<State>(["running", "waiting"]);

/** How long it ran, until now while it goes on; null where that was never said. */
export function secondsRun(entity: Entity, now: Date): number | null {
  return entity.ended_at === null && !GOING_ON.has(entity.state) ? null : secondsBetween(entity.started_at, entity.ended_at, now);
}

/** The state that should be, told by what is seen of it where somebody looks. */
export function standingOf(entity: Entity): Standing {
  const seen = entity.observed?.state;
  if (entity.kind === "deployment" && entity.state === "running" && typeof seen === "string") return SERVING[seen] ?? { mark: "running", word: seen };
  return standingOfState(entity.state);
}
