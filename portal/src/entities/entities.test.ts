import { expect, test } from "vitest";

import type { Event } from "../api/types";
import { parseRef, pathOf, refOf } from "./address";
import { happeningOf } from "./happenings";
import { metricsOf } from "./keyFigures";
import { storiesOf } from "./stories";

let made = 0;
function event(kind: string, over: Partial<Event> = {}): Event {
  made += 1;
  const entityKind = kind.slice(0, kind.indexOf(".")) as Event["entity_kind"];
  return {
    id: String(made), kind, entity: `e${made}`, entity_ref: `hx://default/${entityKind ?? ""}/e${made}`, entity_name: `e${made}`, entity_kind: entityKind, principal: "ada",
    recorded_at: "2026-01-01T00:00:00Z", occurred_at: "2026-01-01T00:00:00Z", before: null, after: null, digest: "", sequence: null, payload: {}, ...over,
  };
}

test("a reference and its address are each other's inverse, odd names included", () => {
  for (const ref of ["hx://default/model/delay@3", "hx://default/dataset/a%2Fb", "hx://team%20one/run/018f00000000700080000000000000aa"]) expect(refOf(pathOf(ref))).toBe(ref);
  expect([pathOf("hx://default/model/delay@3"), pathOf("hx://team/model/delay")]).toEqual(["/model/delay@3", "/hx/team/model/delay"]);
  expect(parseRef("hx://default/dataset/a%2Fb@latest")).toEqual({ namespace: "default", kind: "dataset", name: "a/b", selector: "latest" });
  expect([refOf("/runs"), refOf("/list/schedule"), refOf("/hx/default"), parseRef("delay@3"), parseRef("hx://default/model/%zz")]).toEqual([null, null, null, null, null]);
});

test("events read as sentences", () => {
  expect(happeningOf(event("run.created", { payload: { state: "running" } }))).toMatchObject({ verb: "started", noun: "run", state: "running" });
  expect(happeningOf(event("run.failed", { payload: { state: "failed", facts: { error: "ValueError: no\nmore" } } }))).toMatchObject({ verb: "failed", rest: "ValueError: no", byItself: true });
  expect(happeningOf(event("model_version.aliased", { payload: { alias: "champion" } }))).toMatchObject({ verb: "made", rest: "the champion" });
  expect(happeningOf(event("schedule.snoozed_twice"))).toMatchObject({ verb: "snoozed twice", noun: "schedule" });
});

test("a run is told once, by its newest event", () => {
  const of = (kind: string) => event(kind, { entity: "r1", entity_ref: "hx://default/run/r1" });
  expect(storiesOf([of("run.finished"), of("run.created")]).map(([first]) => first.kind)).toEqual(["run.finished"]);
});

test("a promotion is told once", () => {
  const ref = { entity_ref: "hx://default/model/delay@2", payload: { alias: "champion" } };
  expect(storiesOf([event("model_version.promoted", ref), event("model_version.aliased", ref)]).map(([first]) => happeningOf(first).rest)).toEqual(["to champion"]);
});

test("what only echoes a version is left out, and repetition is folded", () => {
  const version = event("dataset_version.created", { entity_ref: "hx://default/dataset/flights@1" });
  const echoes = [event("dataset.updated", { payload: { facts: {} } }), version, event("dataset.created", { entity_ref: "hx://default/dataset/flights" }), event("edges.linked", { entity_ref: null, entity_kind: null })];
  expect(storiesOf(echoes).map(([first]) => first.kind)).toEqual(["dataset_version.created"]);
  expect(storiesOf(Array.from({ length: 9 }, () => event("run.finished"))).map((story) => story.length)).toEqual([9]);
});

test("metrics are read from any of their shapes, in reading order", () => {
  const names = (value: Parameters<typeof metricsOf>[0]) => metricsOf(value).map((metric) => metric.name);
  expect(names({ recall: 0.5, auc: { value: 0.7, low: 0.6, high: 0.8 }, zeta: 1, gone: null })).toEqual(["auc", "recall", "zeta"]);
  expect(metricsOf([{ name: "auc", value: 0.7, low: 0.6, high: null }])).toEqual([{ name: "auc", value: 0.7, low: 0.6, high: null }]);
});
