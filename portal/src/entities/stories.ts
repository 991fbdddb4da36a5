/** A log of events made readable: one line per run, no line that only echoes another, and repetition folded. */

import type { Event } from "../api/types";
import { VERSION_KINDS } from "./kinds";

/** Events that are told together; the first is the newest. */
export type Story = [Event, ...Event[]];

const FOLDED_FROM = 4;

const verbOf = (event: Event) => event.kind.slice(event.kind.lastIndexOf(".") + 1);

/** What else is told on the page: the containers of new versions, and the versions that were promoted. */
interface Told {
  containers: ReadonlySet<string>;
  promoted: ReadonlySet<string>;
}

/** Whether a line says nothing that its neighbours do not say. */
function isEcho(event: Event, told: Told): boolean {
  if (event.entity_ref === null || verbOf(event) === "given_port") return true;
  if (verbOf(event) === "aliased") return told.promoted.has(event.entity_ref);
  if (event.entity_kind === null || !(event.entity_kind in VERSION_KINDS)) return false;
  if (verbOf(event) === "updated") return Object.keys(event.payload ?? {}).every((name) => name === "facts");
  return verbOf(event) === "created" && told.containers.has(event.entity_ref);
}

/** The events of a page, newest first, as stories. */
export function storiesOf(events: readonly Event[]): Story[] {
  const refsOf = (verb: string) => events.flatMap((event) => (event.entity_ref !== null && verbOf(event) === verb ? [event.entity_ref] : []));
  const told: Told = {
    containers: new Set(refsOf("created").flatMap((ref) => (ref.includes("@") ? [ref.replace(/@.*$/, "")] : []))),
    promoted: new Set(refsOf("promoted")),
  };
  const toldRuns = new Set<string>();
  const lines = events.filter((event) => {
    if (isEcho(event, told)) return false;
    if (event.entity_kind !== "run" || event.entity === null) return true;
    // The newest line of a run says how it stands; the earlier ones are on its own page.
    if (toldRuns.has(event.entity)) return false;
    toldRuns.add(event.entity);
    return true;
  });
  const stories: Story[] = [];
  for (let at = 0; at < lines.length; ) {
    const first = lines[at];
    if (!first) break;
    let end = at + 1;
    while (end < lines.length && lines[end]?.kind === first.kind && lines[end]?.principal === first.principal) end++;
    const alike = lines.slice(at + 1, end);
    if (alike.length + 1 >= FOLDED_FROM) stories.push([first, ...alike]);
    else stories.push([first], ...alike.map((event): Story => [event]));
    at = end;
  }
  return stories;
}
