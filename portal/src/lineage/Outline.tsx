/** The graph as a list, by distance: for the keyboard, for screen readers, and for whoever likes lists. */

import type { Node } from "../api/types";
import { EntityLink } from "../entities/EntityLink";
import { Icon } from "../entities/icons";
import { titleOfEntity } from "../entities/kinds";
import type { LineageActions } from "./Canvas";
import styles from "./lineage.module.css";

function titleOfDepth(depth: number, isRoot: boolean): string {
  if (depth === 0) return isRoot ? "In view" : "Beside it";
  const steps = Math.abs(depth) === 1 ? "one step" : `${Math.abs(depth)} steps`;
  return depth < 0 ? `Upstream, ${steps}` : `Downstream, ${steps}`;
}

export function Outline({ nodes, actions }: { nodes: readonly Node[]; actions: LineageActions }) {
  const byDepth = Map.groupBy(nodes.toSorted((one, other) => one.depth - other.depth), (node) => titleOfDepth(node.depth, node.id === actions.root));
  return (
    <nav className={styles.outline} aria-label="Lineage as a list">
      {[...byDepth].map(([title, list]) => (
        <section key={title}>
          <h2>{title}</h2>
          <ul>
            {list.map((node) => (
              <li key={node.id} data-chosen={node.id === actions.chosen} onMouseEnter={() => actions.choose(node.id)}>
                <EntityLink reference={node.ref} kind={node.kind} name={node.name} version={node.version} />
                {!actions.grown.has(node.id) && node.id !== actions.root && (
                  <button type="button" aria-label={`Show what lies around ${titleOfEntity(node)}`} title="Show what lies around it" onClick={() => actions.grow(node)}>
                    <Icon name="grow" size={12} />
                  </button>
                )}
              </li>
            ))}
          </ul>
        </section>
      ))}
    </nav>
  );
}
