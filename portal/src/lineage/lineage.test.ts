import { expect, test } from "vitest";

import type { EdgeType, Kind, Lineage, Node } from "../api/types";
import { foldCrowds, isCrowd, mergeLineages, threadOf } from "./graph";
import { NODE_WIDTH, layOut } from "./layout";

const node = (id: string, kind: Kind, depth: number): Node => ({ id, ref: `hx://default/${kind}/${id}`, kind, name: id, version: null, state: "active", depth, detail: "" });
const edge = (upstream: string, downstream: string, type: EdgeType = "consumed") => ({ type, upstream, downstream, run: null, created_at: "2026-01-01T00:00:00Z" });

const runs = Array.from({ length: 8 }, (_, index) => node(`run${index}`, "run", 1));
const lineage: Lineage = {
  root: "data",
  nodes: [node("data", "dataset_version", 0), ...runs, node("model", "model_version", 2)],
  edges: [...runs.map((run) => edge("data", run.id)), edge("run0", "model", "produced")],
  truncated: false,
};

test("parts merge without doubling what they share", () => {
  const graph = mergeLineages([lineage, { ...lineage, root: "model", truncated: true }]);
  expect([graph.root, graph.nodes.size, graph.edges.size, graph.truncated]).toEqual(["data", 10, 9, true]);
});

test("a crowd of alike nodes is folded; who differs stays on its own", () => {
  const shape = foldCrowds(mergeLineages([lineage]), new Set());
  expect(shape.nodes.filter(isCrowd).map((crowd) => crowd.members.length)).toEqual([7]);
  expect(shape.nodes.map((each) => each.id)).toContain("run0");
  expect(shape.edges).toHaveLength(3);
});

test("an opened crowd stands apart", () => {
  const shape = foldCrowds(mergeLineages([lineage]), new Set(["run3"]));
  expect(shape.nodes).toHaveLength(10);
});

test("the thread of a node is all before and after it, and nothing beside it", () => {
  const shape = foldCrowds(mergeLineages([lineage]), new Set());
  expect([...threadOf(shape, "run0")].toSorted()).toEqual(["data", "model", "run0"]);
});

test("data stands left of what it flows into, and no two nodes overlap", () => {
  const shape = foldCrowds(mergeLineages([lineage]), new Set(["run0", "run1"]));
  const places = layOut(shape);
  for (const { from, to } of shape.edges) expect((places.get(from)?.x ?? 0) + NODE_WIDTH).toBeLessThan(places.get(to)?.x ?? 0);
  expect(new Set([...places.values()].map(({ x, y }) => `${x} ${y}`)).size).toBe(places.size);
});
