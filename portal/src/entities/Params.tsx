/** The params of a run, by the very names that the program gave them. */

import styles from "./Params.module.css";

export function Params({ params, columns }: { params: Record<string, string>; columns: 1 | 2 }) {
  const entries = Object.entries(params);
  if (entries.length === 0) return <p className="muted">No params logged.</p>;
  return (
    <dl className={styles.params} data-columns={columns}>
      {entries.map(([name, value]) => (
        <div key={name}>
          <dt title={name}>{name}</dt>
          <dd title={value}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
