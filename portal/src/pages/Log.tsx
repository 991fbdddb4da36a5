/** A log, followed while it grows. */

import { Button, Checkbox } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState } from "react";

import type { ReadLog } from "../api/queries";
import { countOf } from "../format/numbers";
import { saveText } from "../lists/csv";
import { ProblemView } from "../states/ProblemView";
import { Lines } from "../states/Waiting";
import styles from "./pages.module.css";

const FOLLOW_MS = 1000;
const LINE_PX = 18;

interface LogState {
  lines: string[];
  isDone: boolean;
  isRead: boolean;
  error: Error | null;
}

const EMPTY: LogState = { lines: [""], isDone: false, isRead: false, error: null };

/** Lines so far and a piece of text: the last line may go on. */
export function appended(lines: readonly string[], text: string): string[] {
  if (!text) return [...lines];
  const pieces = text.split("\n");
  return [...lines.slice(0, -1), (lines.at(-1) ?? "") + (pieces[0] ?? ""), ...pieces.slice(1)];
}

function useLog(read: ReadLog): LogState & { retry: () => void } {
  const [state, setState] = useState(EMPTY);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    const gone = new AbortController();
    let timer: number | undefined;
    let lines = EMPTY.lines;
    const follow = async (offset: number): Promise<void> => {
      const part = await read(offset, gone.signal);
      lines = appended(lines, part.text);
      setState({ lines, isDone: part.done, isRead: true, error: null });
      if (part.next > offset && part.text) return follow(part.next);
      if (!part.done) timer = window.setTimeout(() => void follow(part.next).catch(fail), FOLLOW_MS);
    };
    const fail = (error: unknown) => {
      if (!gone.signal.aborted) setState((known) => ({ ...known, error: error instanceof Error ? error : new Error(String(error)) }));
    };
    follow(0).catch(fail);
    return () => {
      gone.abort();
      window.clearTimeout(timer);
    };
  }, [read, attempt]);
  return { ...state, retry: () => setAttempt(attempt + 1) };
}

/** `read` must stay the same function while the log does. */
export function Log({ name, read }: { name: string; read: ReadLog }) {
  const log = useLog(read);
  const [isFollowing, setFollowing] = useState(true);
  const scroller = useRef<HTMLDivElement>(null);
  const lines = log.lines.at(-1) === "" ? log.lines.slice(0, -1) : log.lines;
  const virtual = useVirtualizer({ count: lines.length, getScrollElement: () => scroller.current, estimateSize: () => LINE_PX, overscan: 40 });
  const count = lines.length;
  useEffect(() => {
    if (isFollowing && count > 0) virtual.scrollToIndex(count - 1, { align: "end" });
  }, [isFollowing, count, virtual]);

  if (log.error && !log.isRead) return <ProblemView error={log.error} retry={log.retry} />;
  if (!log.isRead) return <Lines count={14} height={LINE_PX} />;
  return (
    <div className={styles.logs}>
      <div className={styles.logBar}>
        <Checkbox size="xs" label="Follow" checked={isFollowing} onChange={(event) => setFollowing(event.currentTarget.checked)} />
        <span className="muted" role="status">
          {countOf(count, "line")}
          {log.isDone ? "" : ", live"}
        </span>
        <Button size="compact-sm" variant="default" onClick={() => saveText(`${name}.log`, "text/plain", lines.join("\n"))} disabled={count === 0}>
          Save
        </Button>
      </div>
      <div
        className={styles.log}
        ref={scroller}
        tabIndex={0}
        role="log"
        aria-label="Log"
        onWheel={(event) => {
          if (event.deltaY < 0) setFollowing(false);
        }}
      >
        {count === 0 && <p className="muted">{log.isDone ? "It printed nothing." : "Nothing printed yet."}</p>}
        <div style={{ height: virtual.getTotalSize(), position: "relative" }}>
          {virtual.getVirtualItems().map((item) => (
            <div key={item.key} className={styles.logLine} style={{ transform: `translateY(${item.start}px)` }}>
              <i aria-hidden="true">{item.index + 1}</i>
              {lines[item.index]}
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}
