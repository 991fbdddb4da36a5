/** The drawn graph. The outline beside it says the same to the keyboard and to screen readers. */

import "@xyflow/react/dist/base.css";

import { Background, BackgroundVariant, Controls, type Edge as FlowEdge, Handle, MarkerType, type Node as FlowNode, type NodeProps, Position, ReactFlow, ReactFlowProvider, getViewportForBounds, useReactFlow, useStore } from "@xyflow/react";
import { useComputedColorScheme } from "@mantine/core";
import { createContext, useContext, useEffect, useMemo } from "react";

import type { Node } from "../api/types";
import { Link } from "../app/navigation";
import { StateMark } from "../entities/StateMark";
import { pathOf } from "../entities/address";
import { Icon } from "../entities/icons";
import { kindInfo, titleOfEntity } from "../entities/kinds";
import { countOf } from "../format/numbers";
import { type Crowd, type Shape, isCrowd } from "./graph";
import { NODE_HEIGHT, NODE_WIDTH, boundsOf, layOut } from "./layout";
import styles from "./lineage.module.css";

export interface LineageActions {
  root: string;
  chosen: string | null;
  grown: ReadonlySet<string>;
  choose: (id: string | null) => void;
  grow: (node: Node) => void;
  open: (crowd: Crowd) => void;
}

const ActionsContext = createContext<LineageActions | null>(null);

type EntityNode = FlowNode<{ node: Node | Crowd; isFaint: boolean }, "entity">;

function NodeCard({ id, data: { node, isFaint } }: NodeProps<EntityNode>) {
  const actions = useContext(ActionsContext);
  const info = kindInfo(node.kind);
  const isOne = !isCrowd(node);
  return (
    <div className={styles.node} data-family={info.family} data-root={id === actions?.root} data-chosen={id === actions?.chosen} data-faint={isFaint} data-crowd={!isOne}>
      <Handle type="target" position={Position.Left} isConnectable={false} />
      <Icon name={info.icon} size={18} />
      <div className={styles.words}>
        {isOne ? (
          <Link to={pathOf(node.ref)} className={styles.title} title={`Open ${titleOfEntity(node)}`} tabIndex={-1}>
            {titleOfEntity(node)}
          </Link>
        ) : (
          <span className={styles.title}>{countOf(node.members.length, info.one.toLowerCase(), info.many.toLowerCase())}</span>
        )}
        <span className={styles.kind}>{isOne ? [info.one, node.detail].filter(Boolean).join(", ") : "Click to show each"}</span>
      </div>
      {isOne && node.kind === "run" && <StateMark state={node.state} />}
      {isOne && !actions?.grown.has(id) && id !== actions?.root && (
        <button
          type="button"
          className={`${styles.grow} nodrag`}
          tabIndex={-1}
          title="Show what lies around it"
          aria-label={`Grow at ${titleOfEntity(node)}`}
          onClick={(event) => {
            event.stopPropagation();
            actions?.grow(node);
          }}
        >
          <Icon name="grow" size={12} />
        </button>
      )}
      <Handle type="source" position={Position.Right} isConnectable={false} />
    </div>
  );
}

const NODE_TYPES = { entity: NodeCard };

/** Without these, edges of nodes out of view are not drawn. */
const HANDLES = [
  { type: "target" as const, position: Position.Left, x: 0, y: NODE_HEIGHT / 2 },
  { type: "source" as const, position: Position.Right, x: NODE_WIDTH, y: NODE_HEIGHT / 2 },
];

/** Above this many nodes only those in view are drawn. */
const MANY = 150;
const LEAST_ZOOM = 0.1;

function Flow({ shape, thread, actions }: { shape: Shape; thread: ReadonlySet<string> | null; actions: LineageActions }) {
  const scheme = useComputedColorScheme("light");
  const places = useMemo(() => layOut(shape), [shape]);
  const { setViewport } = useReactFlow();
  const width = useStore((state) => state.width);
  const height = useStore((state) => state.height);
  const nodes = shape.nodes.map(
    (node): EntityNode => ({
      id: node.id,
      type: "entity",
      position: places.get(node.id) ?? { x: 0, y: 0 },
      data: { node, isFaint: thread !== null && !thread.has(node.id) },
      width: NODE_WIDTH,
      height: NODE_HEIGHT,
      handles: HANDLES,
      draggable: false,
      connectable: false,
      focusable: false,
    }),
  );
  const edges = shape.edges.map((edge): FlowEdge => {
    const isLit = thread !== null && thread.has(edge.from) && thread.has(edge.to);
    const isNear = actions.chosen === edge.from || actions.chosen === edge.to;
    return {
      id: edge.id,
      source: edge.from,
      target: edge.to,
      className: isLit ? styles.lit : thread ? styles.faint : styles.edge,
      markerEnd: { type: MarkerType.ArrowClosed, width: 14, height: 14, color: isLit ? "var(--accent)" : "var(--line-strong)" },
      focusable: false,
      ...(isNear ? { label: edge.types.map((type) => type.replaceAll("_", " ")).join(", ") } : {}),
    } as FlowEdge;
  });

  useEffect(() => {
    // The layout is known before the canvas has measured anything, so the view need not wait for it.
    if (width > 0 && height > 0) void setViewport(getViewportForBounds(boundsOf(places), width, height, LEAST_ZOOM, 1, 0.05));
  }, [places, width, height, setViewport]);

  return (
    <ReactFlow
      nodes={nodes}
      edges={edges}
      nodeTypes={NODE_TYPES}
      colorMode={scheme}
      fitViewOptions={{ padding: 0.05, maxZoom: 1 }}
      minZoom={LEAST_ZOOM}
      maxZoom={1.6}
      nodesDraggable={false}
      nodesConnectable={false}
      elementsSelectable={false}
      onlyRenderVisibleElements={shape.nodes.length > MANY}
      onNodeClick={(event, { id, data: { node } }) => {
        if (event.defaultPrevented) return;
        if (isCrowd(node)) actions.open(node);
        else actions.choose(id === actions.chosen ? null : id);
      }}
      onPaneClick={() => actions.choose(null)}
      aria-label="Lineage graph"
    >
      <Background variant={BackgroundVariant.Dots} gap={20} size={1} color="var(--line-strong)" />
      <Controls showInteractive={false} />
    </ReactFlow>
  );
}

export function Canvas(props: { shape: Shape; thread: ReadonlySet<string> | null; actions: LineageActions }) {
  return (
    <ActionsContext value={props.actions}>
      <ReactFlowProvider>
        <Flow {...props} />
      </ReactFlowProvider>
    </ActionsContext>
  );
}
