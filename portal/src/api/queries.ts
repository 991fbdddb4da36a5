/** What the pages ask for, as options of TanStack Query. The first part of a key is the API's path. */

import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";

import { type Params, Problem, read, readBytes, readLines } from "./client";
import { decodeSeries } from "./series";
import type { Counts, Entity, Event, Lineage, LogPart, Page, Provenance, RunDetail, ServingLive, VersionDetail } from "./types";

const PAGE_SIZE = 200;
const LIVE_MS = 2000;

/** Refusals are answers; only what may pass by itself is tried again. */
export function worthRetrying(failures: number, error: Error): boolean {
  return failures < 2 && error instanceof Problem && error.status >= 502;
}

export const countsQuery = queryOptions({
  queryKey: ["entities/counts"],
  queryFn: ({ signal }) => read<Counts>("entities/counts", {}, signal),
});

export const entityQuery = (ref: string) =>
  queryOptions({
    queryKey: ["entities/show", ref],
    queryFn: ({ signal }) => read<Entity>("entities/show", { ref }, signal),
  });

export const entitiesQuery = (params: Params) =>
  infiniteQueryOptions({
    queryKey: ["entities/list", params],
    queryFn: ({ signal, pageParam }) => read<Page<Entity>>("entities/list", { limit: PAGE_SIZE, ...params, cursor: pageParam }, signal),
    initialPageParam: "",
    getNextPageParam: (page: Page<Entity>) => page.next,
    placeholderData: keepPreviousData,
  });

export const fewEntitiesQuery = (params: Params) =>
  queryOptions({
    queryKey: ["entities/list", "few", params],
    queryFn: ({ signal }) => read<Page<Entity>>("entities/list", params, signal),
    placeholderData: keepPreviousData,
  });

export const provenanceQuery = (ref: string) =>
  queryOptions({
    queryKey: ["entities/provenance", ref],
    queryFn: ({ signal }) => read<Provenance>("entities/provenance", { ref }, signal),
  });

export const lineageQuery = (ref: string, depth: number) =>
  queryOptions({
    queryKey: ["lineage/walk", ref, depth],
    queryFn: ({ signal }) => read<Lineage>("lineage/walk", { ref, direction: "both", depth }, signal),
  });

export const eventsQuery = (ref?: string) =>
  infiniteQueryOptions({
    queryKey: ["events/list", ref ?? null],
    queryFn: ({ signal, pageParam }) => read<Page<Event>>("events/list", { ref, limit: ref ? 60 : 200, cursor: pageParam }, signal),
    initialPageParam: "",
    getNextPageParam: (page: Page<Event>) => page.next,
  });

export const runQuery = (run: string, live = false) =>
  queryOptions({
    queryKey: ["runs/show", run],
    queryFn: ({ signal }) => read<RunDetail>("runs/show", { run }, signal),
    refetchInterval: live ? LIVE_MS : false,
  });

export interface Window {
  first?: number | undefined;
  last?: number | undefined;
}

export const seriesQuery = (run: string, metric: string, points: number, window: Window, live: boolean) =>
  queryOptions({
    queryKey: ["runs/series", run, metric, points, window],
    queryFn: async ({ signal }) => decodeSeries(await readBytes("runs/series", { run, metric, points, ...window }, signal)),
    placeholderData: keepPreviousData,
    refetchInterval: live ? LIVE_MS : false,
    structuralSharing: false,
  });

/** Reads a log from an offset on. */
export type ReadLog = (offset: number, signal: AbortSignal) => Promise<LogPart>;

export const runLog =
  (run: string): ReadLog =>
  (offset, signal) =>
    read<LogPart>("runs/logs", { run, offset }, signal);

export const deploymentLog =
  (ref: string): ReadLog =>
  async (offset, signal) => {
    const parts = await readLines<{ text: string; next: number }>("deployments/logs", { ref, offset }, signal);
    return { text: parts.map((part) => part.text).join(""), next: parts.at(-1)?.next ?? offset, done: false };
  };

export const modelQuery = (ref: string) =>
  queryOptions({
    queryKey: ["models/show", ref],
    queryFn: ({ signal }) => read<VersionDetail>("models/show", { ref }, signal),
  });

export const servingQuery = (deployment: string) =>
  queryOptions({
    queryKey: ["serving/live", deployment],
    queryFn: ({ signal }) => read<ServingLive>("serving/live", { deployment }, signal),
    refetchInterval: LIVE_MS,
  });
