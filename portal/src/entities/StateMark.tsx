/** A state as a shape and a colour, so that neither alone has to carry it. */

import type { Entity, State } from "../api/types";
import styles from "./StateMark.module.css";
import { standingOf, standingOfState } from "./states";

function Shape({ state }: { state: State }) {
  switch (state) {
    case "queued":
      return <circle cx="8" cy="8" r="5.2" className={styles.outline} />;
    case "running":
      return (
        <g className={styles.turning}>
          <circle cx="8" cy="8" r="5.2" className={styles.outline} />
          <path d="M8 2.8a5.2 5.2 0 0 1 0 10.4z" className={styles.solid} />
        </g>
      );
    case "waiting":
      return (
        <path
          d="M5.2 8.6V4.4a1 1 0 0 1 2 0V7m0-3.6a1 1 0 0 1 2 0V7m0-2.6a1 1 0 0 1 2 0v5.4a4 4 0 0 1-4 4c-2 0-2.8-.9-4.3-3.6-.5-.9.7-1.7 1.4-.9z"
          className={styles.outline}
        />
      );
    case "failed":
      return (
        <>
          <circle cx="8" cy="8" r="6" className={styles.solid} />
          <path d="M5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4" className={styles.cut} />
        </>
      );
    case "lost":
      return <path d="M4.5 4.5l7 7M11.5 4.5l-7 7" className={styles.outline} />;
    case "stopped":
      return <rect x="2.5" y="6" width="11" height="4" rx="1.5" className={styles.solid} />;
    case "deleted":
      return <circle cx="8" cy="8" r="5.2" className={styles.dashed} />;
    case "active":
      return <circle cx="8" cy="8" r="4" className={styles.solid} />;
    default:
      return (
        <>
          <circle cx="8" cy="8" r="6" className={styles.solid} />
          <path d="M5.3 8.2l1.9 1.9 3.5-4" className={styles.cut} />
        </>
      );
  }
}

interface StateMarkProps {
  state: State;
  /** In place of the state's own word. */
  word?: string;
  withWord?: boolean;
}

export function StateMark({ state, word = standingOfState(state).word, withWord = false }: StateMarkProps) {
  return (
    <span className={styles.mark} data-state={state} title={withWord ? undefined : word}>
      <svg width="14" height="14" viewBox="0 0 16 16" role="img" aria-label={word}>
        <Shape state={state} />
      </svg>
      {withWord && <span aria-hidden="true">{word}</span>}
    </span>
  );
}

/** How an entity stands, as far as anybody sees it. */
export function Standing({ entity, withWord = false }: { entity: Entity; withWord?: boolean }) {
  const { mark, word } = standingOf(entity);
  return <StateMark state={mark} word={word} withWord={withWord} />;
}
