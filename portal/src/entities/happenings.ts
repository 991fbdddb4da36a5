/** Events as sentences: who did what to which. */

import { countOf } from "../format/numbers";
import type { Event, Json, Kind, State } from "../api/types";
import { kindInfo } from "./kinds";

export interface Happening {
  verb: string;
  /** The kind of what it was done to, in lower case; empty where the verb says it. */
  noun: string;
  /** What stands behind the noun, such as an alias or the reason of a failure. */
  rest: string;
  /** The state that the entity came to by this. */
  state: State | null;
  /** Whether the thing itself did it: `run baseline failed` rather than `ada failed run baseline`. */
  byItself: boolean;
}

const MADE: Partial<Record<Kind, string>> = {
  dataset: "registered", dataset_version: "registered", feature_view: "defined", feature_view_version: "defined", model: "registered", model_version: "registered",
  logged_model: "logged", deployment: "deployed", evaluation: "evaluated", schedule: "scheduled",
};

/** `ada deployed delay` needs no `deployment`. */
const SAID_BY_VERB: ReadonlySet<Kind> = new Set<Kind>(["deployment", "evaluation"]);

const VERBS: Record<string, string> = {
  updated: "changed",
  deployed: "deployed",
  restarted: "restarted",
  promoted: "promoted",
  edited: "edited",
  deleted: "deleted",
  resumed: "resumed",
  found: "is back",
  lost: "was lost",
};

const ENDS: Partial<Record<string, State>> = { finished: "finished", failed: "failed", stopped: "stopped", lost: "lost", found: "running" };
const STATES: ReadonlySet<string> = new Set(["queued", "running", "waiting", "finished", "failed", "stopped", "lost"]);
const BECAME: Partial<Record<string, string>> = { queued: "is queued", running: "is running", waiting: "waits for a person", lost: "was lost" };

function text(value: Json | undefined): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

function reasonOf(payload: Record<string, Json>): string {
  const facts = payload.facts;
  const within = facts && typeof facts === "object" && !Array.isArray(facts) ? text(facts.error) : "";
  return (text(payload.error) || within).split("\n")[0] ?? "";
}

/** Read an event; a verb that this portal does not know is spelled out. */
export function happeningOf(event: Event): Happening {
  const payload = event.payload ?? {};
  const word = event.kind.slice(event.kind.lastIndexOf(".") + 1);
  const noun = event.entity_kind ? kindInfo(event.entity_kind).one.toLowerCase() : "";
  const stateNow = text(payload.state);
  const state = event.entity_kind === "run" ? ((STATES.has(stateNow) ? (stateNow as State) : null) ?? ENDS[word] ?? null) : null;
  const alias = text(payload.alias);

  if (event.kind === "edges.linked") {
    const edges = Array.isArray(payload.edges) ? payload.edges.length : 0;
    return { verb: `joined ${countOf(edges, "pair")} in the graph`, noun: "", rest: "", state: null, byItself: false };
  }
  if (word === "promoted" && alias) return { verb: "promoted", noun: "", rest: `to ${alias}`, state: null, byItself: false };
  if (word === "aliased") return { verb: "made", noun: "", rest: `the ${alias}`, state: null, byItself: false };
  if (word === "unaliased") return { verb: `took the name ${alias} from`, noun: "", rest: "", state: null, byItself: false };
  if (word === "created") {
    const verb = event.entity_kind === "run" ? (stateNow === "queued" ? "queued" : "started") : ((event.entity_kind && MADE[event.entity_kind]) ?? "made");
    return { verb, noun: event.entity_kind && SAID_BY_VERB.has(event.entity_kind) ? "" : noun, rest: "", state, byItself: false };
  }
  if (word in ENDS && event.entity_kind === "run") return { verb: VERBS[word] ?? word, noun, rest: reasonOf(payload), state, byItself: true };
  if (word === "updated" && state) return { verb: BECAME[stateNow] ?? stateNow, noun, rest: reasonOf(payload), state, byItself: true };
  const isSaid = event.entity_kind !== null && SAID_BY_VERB.has(event.entity_kind) && word !== "updated";
  return { verb: VERBS[word] ?? word.replaceAll("_", " "), noun: isSaid ? "" : noun, rest: reasonOf(payload), state, byItself: false };
}
