/** The head of every entity: icon, name, reference, owner, state and tags. */

import type { ReactNode } from "react";

import type { Entity } from "../api/types";
import { CopyButton } from "../states/CopyButton";
import { EntityLink } from "./EntityLink";
import styles from "./EntityHeader.module.css";
import { Standing } from "./StateMark";
import { When } from "./When";
import { Icon } from "./icons";
import { kindInfo, titleOfEntity } from "./kinds";

interface EntityHeaderProps {
  entity: Entity;
  actions?: ReactNode;
  level?: "h1" | "h2";
}

export function EntityHeader({ entity, actions, level: Heading = "h1" }: EntityHeaderProps) {
  const info = kindInfo(entity.kind);
  const runKind = entity.facts.run_kind;
  const kindWords = typeof runKind === "string" && runKind !== "tracking" ? `${runKind.charAt(0).toUpperCase()}${runKind.slice(1)} run` : info.one;
  return (
    <header className={styles.header} data-family={info.family}>
      <div className={styles.top}>
        <span className={styles.icon}>
          <Icon name={info.icon} size={20} />
        </span>
        <Heading className={styles.name}>{titleOfEntity(entity)}</Heading>
        {entity.aliases.map((alias) => (
          <span key={alias} className={styles.alias}>
            {alias}
          </span>
        ))}
        {entity.state !== "active" && <Standing entity={entity} withWord />}
        {actions && <div className={styles.actions}>{actions}</div>}
      </div>
      <div className={styles.line}>
        <span>{kindWords}</span>
        <span className={styles.ref}>
          <code>{entity.ref}</code>
          <CopyButton text={entity.ref} label="Copy the reference" />
        </span>
        {entity.project && (
          <span>
            in <EntityLink reference={`hx://${encodeURIComponent(entity.namespace)}/project/${encodeURIComponent(entity.project)}`} kind="project" name={entity.project} withIcon={false} />
          </span>
        )}
        <span>
          {entity.owner && entity.owner !== entity.created_by ? `owned by ${entity.owner}, made by ${entity.created_by}` : `by ${entity.created_by}`}, <When at={entity.created_at} />
        </span>
        {Object.entries(entity.tags).map(([name, value]) => (
          <span key={name} className={styles.tag} title={`${name}=${value}`}>
            {value ? `${name}: ${value}` : name}
          </span>
        ))}
      </div>
      {entity.description && <p className={styles.description}>{entity.description}</p>}
    </header>
  );
}
