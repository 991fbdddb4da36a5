/** Lineage as a graph to draw: parts merged as they are grown, and crowds of alike nodes folded into one. */

import type { Edge, EdgeType, Kind, Lineage, Node } from "../api/types";

export interface Graph {
  root: string;
  nodes: Map<string, Node>;
  edges: Map<string, Edge>;
  truncated: boolean;
}

export interface Crowd {
  id: string;
  kind: Kind;
  members: Node[];
}

export interface Shape {
  nodes: (Node | Crowd)[];
  edges: { id: string; from: string; to: string; types: EdgeType[] }[];
}

/** From how many alike neighbours on they are folded. */
const CROWDED = 6;

export function isCrowd(node: Node | Crowd): node is Crowd {
  return "members" in node;
}

const edgeId = (edge: Edge) => `${edge.upstream} ${edge.type} ${edge.downstream}`;

/** Join parts of the graph; the first one's root and depths lead. */
export function mergeLineages(parts: readonly Lineage[]): Graph {
  const nodes = new Map<string, Node>();
  const edges = new Map<string, Edge>();
  for (const part of parts) {
    for (const node of part.nodes) if (!nodes.has(node.id)) nodes.set(node.id, node);
    for (const edge of part.edges) edges.set(edgeId(edge), edge);
  }
  return { root: parts[0]?.root ?? "", nodes, edges, truncated: parts.some((part) => part.truncated) };
}

/**
 * Fold nodes of one kind that hang on the same neighbours in the same way, unless they were opened.
 * The root, and whatever was grown, stay on their own.
 */
export function foldCrowds(graph: Graph, opened: ReadonlySet<string>): Shape {
  const touching = new Map<string, string[]>();
  for (const edge of graph.edges.values()) {
    touching.set(edge.upstream, [...(touching.get(edge.upstream) ?? []), `>${edge.downstream}${edge.type}`]);
    touching.set(edge.downstream, [...(touching.get(edge.downstream) ?? []), `<${edge.upstream}${edge.type}`]);
  }
  const alike = Map.groupBy(graph.nodes.values(), (node) => `${node.kind} ${(touching.get(node.id) ?? []).toSorted().join(" ")}`);
  const standsIn = new Map<string, string>();
  const nodes: Shape["nodes"] = [];
  for (const members of alike.values()) {
    const first = members[0];
    const isFolded = first && members.length >= CROWDED && !members.some((node) => node.id === graph.root || opened.has(node.id));
    if (!isFolded) {
      nodes.push(...members);
      continue;
    }
    const crowd = { id: `crowd ${first.id}`, kind: first.kind, members };
    nodes.push(crowd);
    for (const member of members) standsIn.set(member.id, crowd.id);
  }
  const edges = new Map<string, Shape["edges"][number]>();
  for (const edge of graph.edges.values()) {
    const from = standsIn.get(edge.upstream) ?? edge.upstream;
    const to = standsIn.get(edge.downstream) ?? edge.downstream;
    const id = `${from} ${to}`;
    const known = edges.get(id);
    if (!known) edges.set(id, { id, from, to, types: [edge.type] });
    else if (!known.types.includes(edge.type)) known.types.push(edge.type);
  }
  return { nodes, edges: [...edges.values()] };
}

/** All that lies upstream and downstream of one node, itself included. */
export function threadOf(shape: Shape, id: string): Set<string> {
  const found = new Set([id]);
  const walk = (from: "from" | "to", to: "from" | "to") => {
    const frontier = [id];
    const seen = new Set([id]);
    for (let at = frontier.pop(); at !== undefined; at = frontier.pop()) {
      for (const edge of shape.edges) {
        if (edge[from] !== at || seen.has(edge[to])) continue;
        seen.add(edge[to]);
        found.add(edge[to]);
        frontier.push(edge[to]);
      }
    }
  };
  walk("from", "to");
  walk("to", "from");
  return found;
}
