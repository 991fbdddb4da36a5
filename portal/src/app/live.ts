/** One event stream keeps the page in view current: what changed is asked for again. */

import { type Query, type QueryClient, useQueryClient } from "@tanstack/react-query";
import { createContext, useContext, useEffect, useState } from "react";

import type { Event } from "../api/types";

export type Liveness = "connecting" | "live" | "behind";

export const LivenessContext = createContext<Liveness>("connecting");
export const useLiveness = () => useContext(LivenessContext);

const STREAM = "/api/v1/events/stream";
/** Changes within this time are answered by one round of questions. */
const SETTLE_MS = 500;
const RETRY_MS = 5000;
/** A list scrolled further than this is not read anew under the reader's hands. */
const FEW_PAGES = 4;

/** What any change may touch, and what only a change of its own entity does. */
const SHARED: readonly unknown[] = ["entities/list", "entities/counts", "events/list", "lineage/walk"];
const OWN: readonly unknown[] = ["entities/show", "entities/provenance", "runs/show", "models/show"];

function isTouched(query: Query, refs: readonly string[]): boolean {
  const [path, what] = query.queryKey;
  if (SHARED.includes(path)) return true;
  if (!OWN.includes(path) || typeof what !== "string") return false;
  // A run is asked for by its id, which its reference ends in.
  const bare = what.replaceAll("-", "");
  return refs.length === 0 || refs.some((ref) => ref === what || ref.endsWith(bare) || what.startsWith(`${ref}@`));
}

function pagesOf(query: Query): number {
  const data = query.state.data;
  return data && typeof data === "object" && "pages" in data && Array.isArray(data.pages) ? data.pages.length : 1;
}

function refresh(queries: QueryClient, refs: readonly string[]): void {
  void queries.invalidateQueries({ predicate: (query) => isTouched(query, refs) && pagesOf(query) <= FEW_PAGES });
}

/**
 * Follow the events while the page is in view.
 *
 * A page out of view lets go of the stream: a browser keeps six connections to a server for all its tabs.
 */
export function useEventStream(): Liveness {
  const queries = useQueryClient();
  const [liveness, setLiveness] = useState<Liveness>("connecting");

  useEffect(() => {
    let source: EventSource | undefined;
    let settle: number | undefined;
    let retry: number | undefined;
    let wasLive = false;
    const changed = new Set<string>();

    const tell = () => {
      settle = undefined;
      refresh(queries, [...changed]);
      changed.clear();
    };
    const close = () => {
      source?.close();
      window.clearTimeout(settle);
      window.clearTimeout(retry);
      settle = undefined;
    };
    const open = () => {
      source = new EventSource(STREAM);
      source.onopen = () => {
        setLiveness("live");
        // What happened while the stream was away was missed.
        if (wasLive) refresh(queries, []);
        wasLive = true;
      };
      source.onerror = () => {
        setLiveness("behind");
        if (source?.readyState === EventSource.CLOSED) retry = window.setTimeout(open, RETRY_MS);
      };
      source.addEventListener("change", (message: MessageEvent<string>) => {
        const event = JSON.parse(message.data) as Event;
        if (event.entity_ref) changed.add(event.entity_ref);
        settle ??= window.setTimeout(tell, SETTLE_MS);
      });
    };
    const onVisibility = () => {
      close();
      if (!document.hidden) open();
    };

    onVisibility();
    document.addEventListener("visibilitychange", onVisibility);
    return () => {
      document.removeEventListener("visibilitychange", onVisibility);
      close();
    };
  }, [queries]);

  return liveness;
}
