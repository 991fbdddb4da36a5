/** Where nodes stand: layers from left to right along the flow of data (dagre). */

import dagre from "@dagrejs/dagre";

import type { Shape } from "./graph";

export const NODE_WIDTH = 192;
export const NODE_HEIGHT = 46;

export interface Place {
  x: number;
  y: number;
}

/** What a layout covers, from the corner of the first node to that of the last. */
export function boundsOf(places: ReadonlyMap<string, Place>): { x: number; y: number; width: number; height: number } {
  const xs = [...places.values()].map((place) => place.x);
  const ys = [...places.values()].map((place) => place.y);
  const x = Math.min(...xs);
  const y = Math.min(...ys);
  return { x, y, width: Math.max(...xs) - x + NODE_WIDTH, height: Math.max(...ys) - y + NODE_HEIGHT };
}

/** The upper left corner of every node. */
export function layOut(shape: Shape): Map<string, Place> {
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({ rankdir: "LR", nodesep: 14, ranksep: 60, marginx: 8, marginy: 8 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const node of shape.nodes) graph.setNode(node.id, { width: NODE_WIDTH, height: NODE_HEIGHT });
  for (const edge of shape.edges) graph.setEdge(edge.from, edge.to);
  dagre.layout(graph);
  return new Map(
    shape.nodes.map((node) => {
      const { x, y } = graph.node(node.id) as Place;
      return [node.id, { x: x - NODE_WIDTH / 2, y: y - NODE_HEIGHT / 2 }];
    }),
  );
}
