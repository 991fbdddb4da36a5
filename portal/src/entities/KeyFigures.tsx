/** The strip of key figures under an entity's header. */

import styles from "./KeyFigures.module.css";
import type { KeyFigure } from "./keyFigures";

export function KeyFigures({ figures }: { figures: readonly KeyFigure[] }) {
  if (figures.length === 0) return null;
  return (
    <dl className={styles.strip}>
      {figures.map((figure) => (
        <div key={figure.label} title={figure.exact} data-bad={figure.isBad}>
          <dt>{figure.label}</dt>
          <dd>{figure.value}</dd>
          {figure.note && <dd className={styles.note}>{figure.note}</dd>}
        </div>
      ))}
    </dl>
  );
}
