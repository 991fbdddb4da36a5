/** The frame around every page: rail, top bar, keys and the jump box. */

import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useCallback, useState } from "react";

import { countsQuery } from "../api/queries";
import { CommandBox } from "./CommandBox";
import styles from "./Frame.module.css";
import { KeysHelp } from "./KeysHelp";
import { useKeys } from "./keys";
import { LivenessContext, useEventStream } from "./live";
import { navigate } from "./navigation";
import { Rail } from "./Rail";
import { openRooms } from "./rooms";
import { TopBar } from "./TopBar";

export function Frame({ children }: { children: ReactNode }) {
  const liveness = useEventStream();
  const counts = useQuery(countsQuery);
  const rooms = openRooms(counts.data?.kinds);
  const [isJumping, setJumping] = useState(false);
  const [isHelping, setHelping] = useState(false);
  const jump = useCallback(() => setJumping(true), []);

  useKeys([
    { keys: "mod+k", does: "Find anything", run: jump },
    { keys: "?", does: "Show these keys", run: () => setHelping(true) },
    ...rooms.flatMap((room) => (room.key ? [{ keys: `g ${room.key}`, does: `Go to ${room.label}`, run: () => navigate(room.path) }] : [])),
  ]);

  return (
    <LivenessContext value={liveness}>
      <a className={styles.skip} href="#page">
        Skip to the page
      </a>
      <div className={styles.frame}>
        <Rail rooms={rooms} counts={counts.data?.kinds} />
        <div className={styles.column}>
          <TopBar onJump={jump} onHelp={() => setHelping(true)} />
          <main id="page" className={styles.page} tabIndex={-1}>
            {children}
          </main>
        </div>
      </div>
      {isJumping && <CommandBox rooms={rooms} onClose={() => setJumping(false)} />}
      {isHelping && <KeysHelp onClose={() => setHelping(false)} />}
    </LivenessContext>
  );
}
