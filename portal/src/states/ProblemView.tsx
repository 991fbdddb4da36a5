/** A failure as a page of help: what happened, what to do, and a way to try again. */

import { Button } from "@mantine/core";

import { Problem } from "../api/client";
import { Prose } from "./Prose";
import styles from "./states.module.css";

const SIGN_IN = "This server asks who you are. Run `hendrix open` where it runs, and it opens this portal with a link that signs you in once.";

/** The server begins its messages in lower case, so that a program can put them behind a colon. */
function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function ProblemView({ error, retry }: { error: Error; retry?: (() => void) | undefined }) {
  const problem = error instanceof Problem ? error : new Problem(0, "This page could not be drawn", error.message, "Reload it; if it happens again, it is our bug.");
  const hint = problem.status === 401 ? SIGN_IN : problem.hint;
  return (
    <section className={styles.problem} role="alert">
      <h2>{problem.title}</h2>
      <p>
        <Prose text={sentence(problem.message)} />
      </p>
      {hint && (
        <p className={styles.hint}>
          <Prose text={hint} />
        </p>
      )}
      <div className={styles.problemFoot}>
        {retry && (
          <Button variant="default" size="xs" onClick={retry}>
            Try again
          </Button>
        )}
        {problem.code && (
          <code title={`HTTP ${problem.status}`}>
            {problem.status ? `${problem.status} ` : ""}
            {problem.code}
          </code>
        )}
      </div>
    </section>
  );
}
