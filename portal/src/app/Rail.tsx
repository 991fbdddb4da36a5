/** The left rail: the rooms, and how much is in each. */

import type { Counts } from "../api/types";
import { formatCount, formatExact } from "../format/numbers";
import { Icon } from "../entities/icons";
import { kindInfo } from "../entities/kinds";
import { parseRef, refOf } from "../entities/address";
import styles from "./Frame.module.css";
import { Link, usePathname } from "./navigation";
import type { Room } from "./rooms";

/** The list that a page belongs under. */
function sectionOf(path: string): string {
  const ref = refOf(path);
  const kind = ref ? parseRef(ref)?.kind : undefined;
  return kind ? kindInfo(kind).list : path;
}

function Mark() {
  return (
    <svg width="20" height="20" viewBox="0 0 24 24" fill="none" aria-hidden="true">
      <rect width="24" height="24" rx="6" fill="var(--accent)" />
      <path d="M7 5.5v13M17 5.5v13" stroke="var(--on-accent)" strokeWidth="2.2" strokeLinecap="round" />
      <path d="M7 12c1.7-3.4 3.3-3.4 5 0s3.3 3.4 5 0" stroke="var(--on-accent)" strokeWidth="2" strokeLinecap="round" />
    </svg>
  );
}

export function Rail({ rooms, counts }: { rooms: readonly Room[]; counts: Counts["kinds"] | undefined }) {
  const section = sectionOf(usePathname());
  return (
    <nav className={styles.rail} aria-label="Rooms">
      <Link to="/" className={styles.brand} aria-label="Hendrix, home">
        <Mark />
        <span>Hendrix</span>
      </Link>
      <div className={styles.rooms}>
        {rooms.map((room) => {
          const count = room.kind ? (counts?.[room.kind] ?? 0) : 0;
          return (
            <Link key={room.id} to={room.path} className={styles.room} aria-current={section === room.path ? "page" : undefined} title={room.key ? `${room.label} (g ${room.key})` : room.label}>
              <Icon name={room.icon} />
              <span>{room.label}</span>
              {count > 0 && (
                <span className={styles.count} title={formatExact(count)}>
                  {formatCount(count)}
                </span>
              )}
            </Link>
          );
        })}
      </div>
    </nav>
  );
}
