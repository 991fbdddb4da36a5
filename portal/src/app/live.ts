/** One event stream keeps every open page current: what changed is asked for again. */

import { useQueryClient } from "@tanstack/react-query";
import { createContext, useContext, useEffect, useState } from "react";

import type { Event } from "../api/types";

export type Liveness = "connecting" | "live" | "behind";

const SETTLE_MS = 400;
const RETRY_MS = 5000;

export const LivenessContext = createContext<Liveness>("connecting");
export const useLiveness = () => useContext(LivenessContext);

/** Queries that any change may touch, and those that only a change of their own entity does. */
const SHARED = ["entities/list", "entities/counts", "events/list"];
const OWN = ["entities/show", "entities/provenance", "lineage/walk", "runs/show", "models/show"];

export function useEventStream(): Liveness {
  const queries = useQueryClient();
  const [liveness, setLiveness] = useState<Liveness>("connecting");

  useEffect(() => {
    let source: EventSource | undefined;
    let settle: number | undefined;
    let retry: number | undefined;
    let wasLive = false;
    const changed = new Set<string>();

    const refresh = () => {
      settle = undefined;
      const refs = [...changed];
      changed.clear();
      void queries.invalidateQueries({
        predicate: ({ queryKey: [path, what] }) => {
          if (SHARED.includes(path as string)) return true;
          if (!OWN.includes(path as string) || typeof what !== "string") return false;
          return path === "lineage/walk" || refs.length === 0 || refs.some((ref) => ref === what || ref.endsWith(what) || what.startsWith(`${ref}@`));
        },
      });
    };

    const connect = () => {
      source = new EventSource("/api/v1/events/stream");
      source.onopen = () => {
        setLiveness("live");
        // What happened while the stream was away was missed.
        if (wasLive) refresh();
        wasLive = true;
      };
      source.onerror = () => {
        setLiveness("behind");
        if (source?.readyState === EventSource.CLOSED) retry = window.setTimeout(connect, RETRY_MS);
      };
      source.addEventListener("change", (message: MessageEvent<string>) => {
        const event = JSON.parse(message.data) as Event;
        if (event.entity_ref) changed.add(event.entity_ref);
        settle ??= window.setTimeout(refresh, SETTLE_MS);
      });
    };

    connect();
    return () => {
      source?.close();
      window.clearTimeout(settle);
      window.clearTimeout(retry);
    };
  }, [queries]);

  return liveness;
}
