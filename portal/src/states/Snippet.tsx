/** Code to take away. */

import { CopyButton } from "./CopyButton";
import styles from "./states.module.css";

export function Snippet({ code, label = "Copy the code" }: { code: string; label?: string }) {
  return (
    <div className={styles.snippet}>
      <pre tabIndex={0}>{code}</pre>
      <CopyButton text={code} label={label} />
    </div>
  );
}
