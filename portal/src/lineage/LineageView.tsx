/** Lineage of one entity: the neighbourhood first, more where one clicks. */

import { SegmentedControl } from "@mantine/core";
import { useQueries, useQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";

import { lineageQuery } from "../api/queries";
import type { Lineage, Node } from "../api/types";
import { useAddress } from "../app/navigation";
import { countOf } from "../format/numbers";
import { Empty } from "../states/Empty";
import { ProblemView } from "../states/ProblemView";
import { Canvas, type LineageActions } from "./Canvas";
import { type Crowd, foldCrowds, mergeLineages, threadOf } from "./graph";
import styles from "./lineage.module.css";
import { Outline } from "./Outline";

const DEPTHS = ["1", "2", "4", "10"] as const;
const NEIGHBOURHOOD = "2";

export function LineageView({ reference }: { reference: string }) {
  const [search, change] = useAddress();
  const depth = search.depth ?? NEIGHBOURHOOD;
  const [grownNodes, setGrown] = useState<readonly Node[]>([]);
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const [chosen, setChosen] = useState<string | null>(null);

  const first = useQuery(lineageQuery(reference, Number(depth)));
  const more = useQueries({ queries: grownNodes.map((node) => lineageQuery(node.ref, 1)) });
  const stamp = more.map((answer) => answer.dataUpdatedAt).join();

  const graph = useMemo(() => {
    if (!first.data) return null;
    // What was grown counts its steps from the root, not from where it was grown.
    const grownParts = more.flatMap(({ data }, index): Lineage[] => {
      const from = grownNodes[index]?.depth ?? 0;
      return data ? [{ ...data, nodes: data.nodes.map((node) => ({ ...node, depth: from + node.depth })) }] : [];
    });
    return mergeLineages([first.data, ...grownParts]);
    // `stamp` changes when any grown part does.
  }, [first.data, stamp, grownNodes]); // eslint-disable-line react-hooks/exhaustive-deps
  const grown = useMemo(() => new Set(grownNodes.map((node) => node.id)), [grownNodes]);
  const shape = useMemo(() => graph && foldCrowds(graph, new Set([...opened, ...grown])), [graph, opened, grown]);
  const thread = useMemo(() => (shape && chosen ? threadOf(shape, chosen) : null), [shape, chosen]);

  const grow = useCallback((node: Node) => setGrown((known) => (known.some((each) => each.id === node.id) ? known : [...known, node])), []);
  const open = useCallback((crowd: Crowd) => setOpened((known) => new Set([...known, ...crowd.members.map((node) => node.id)])), []);

  if (first.isError && !first.data) return <ProblemView error={first.error} retry={() => void first.refetch()} />;
  if (graph?.nodes.size === 1) return <Empty title="Nothing hangs on it yet" sentence="Lineage writes itself: whatever reads this, makes it or serves it will stand here." />;
  const actions: LineageActions = { root: graph?.root ?? "", chosen, grown, choose: setChosen, grow, open };
  return (
    <div className={styles.view}>
      <div className={styles.bar}>
        <SegmentedControl size="xs" aria-label="How far" value={depth} onChange={(value) => change({ depth: value === NEIGHBOURHOOD ? undefined : value }, { replace: true })} data={DEPTHS.map((value) => ({ value, label: value === "10" ? "All" : countOf(Number(value), "step") }))} />
        <span className="muted">
          {graph && `${countOf(graph.nodes.size, "entity", "entities")}, ${countOf(graph.edges.size, "join")}`}
          {graph?.truncated && ". There is more than is shown: grow where you need it."}
        </span>
        <span className={styles.legend}>Data flows from left to right</span>
      </div>
      <div className={styles.split}>
        <div className={styles.canvas} aria-busy={!shape}>
          {shape && <Canvas shape={shape} thread={thread} actions={actions} />}
        </div>
        {graph && <Outline nodes={[...graph.nodes.values()]} actions={actions} />}
      </div>
    </div>
  );
}
