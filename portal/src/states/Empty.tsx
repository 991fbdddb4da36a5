/** Nothing here yet: one sentence, and what makes the first one. */

import type { ReactNode } from "react";

import { Snippet } from "./Snippet";
import styles from "./states.module.css";

interface EmptyProps {
  title: string;
  sentence?: string;
  snippet?: string | undefined;
  children?: ReactNode;
}

export function Empty({ title, sentence, snippet, children }: EmptyProps) {
  return (
    <section className={styles.empty}>
      <h2>{title}</h2>
      {sentence && <p>{sentence}</p>}
      {snippet && <Snippet code={snippet} />}
      {children}
    </section>
  );
}
