/** What is not there yet, in the size that it will have. */

import { Skeleton } from "@mantine/core";

import styles from "./states.module.css";

export function Lines({ count, height = 20 }: { count: number; height?: number }) {
  return (
    <div className={styles.lines} aria-hidden="true">
      {Array.from({ length: count }, (_, index) => (
        <Skeleton key={index} height={12} width={`${88 - ((index * 23) % 46)}%`} my={(height - 12) / 2} />
      ))}
    </div>
  );
}

export function PageSkeleton() {
  return (
    <div className={styles.page} aria-busy="true">
      <span className="hidden-text" role="status">
        Loading
      </span>
      <Skeleton height={24} width={260} />
      <Skeleton height={14} width={380} mt={12} />
      <div className={styles.figures}>
        {Array.from({ length: 5 }, (_, index) => (
          <Skeleton key={index} height={48} />
        ))}
      </div>
      <Lines count={8} />
    </div>
  );
}
