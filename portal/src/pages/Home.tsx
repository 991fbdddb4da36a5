/** Home: what happened lately, and what is going on now. */

import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect } from "react";

import { countsQuery, fewEntitiesQuery } from "../api/queries";
import type { Entity } from "../api/types";
import { Link } from "../app/navigation";
import { ROOMS } from "../app/rooms";
import { EntityLink } from "../entities/EntityLink";
import { Happenings } from "../entities/Happenings";
import { Standing } from "../entities/StateMark";
import { When } from "../entities/When";
import { Icon } from "../entities/icons";
import { kindInfo } from "../entities/kinds";
import { formatCount, formatExact } from "../format/numbers";
import { Snippet } from "../states/Snippet";
import { Lines } from "../states/Waiting";
import { beginning } from "./lessons";
import styles from "./pages.module.css";

const FEW = 6;

function Counts() {
  const counts = useQuery(countsQuery);
  return (
    <nav className={styles.counts} aria-label="What there is">
      {ROOMS.filter((room) => room.kind && room.always).map((room) => {
        const count = room.kind ? (counts.data?.kinds[room.kind] ?? 0) : 0;
        const info = room.kind ? kindInfo(room.kind) : undefined;
        return (
          <Link key={room.id} to={room.path} data-family={info?.family}>
            <Icon name={room.icon} size={18} />
            <span>{room.label}</span>
            <b title={formatExact(count)}>{counts.data ? formatCount(count) : "\u2007"}</b>
          </Link>
        );
      })}
    </nav>
  );
}

function Few({ title, all, entities, empty, note }: { title: string; all: string; entities: readonly Entity[] | undefined; empty: string; note: (entity: Entity) => ReactNode }) {
  return (
    <section className={styles.few}>
      <h2>
        {title}
        <Link to={all}>all</Link>
      </h2>
      {!entities && <Lines count={3} />}
      {entities?.length === 0 && <p className="muted">{empty}</p>}
      <ul>
        {entities?.map((entity) => (
          <li key={entity.id}>
            <Standing entity={entity} />
            <EntityLink reference={entity.ref} kind={entity.kind} name={entity.name} version={entity.version} withIcon={false} />
            <small>{note(entity)}</small>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function Home() {
  const running = useQuery(fewEntitiesQuery({ kind: "run", state: "running", limit: FEW }));
  const failed = useQuery(fewEntitiesQuery({ kind: "run", state: "failed", limit: FEW }));
  const deployments = useQuery(fewEntitiesQuery({ kind: "deployment", limit: FEW }));
  useEffect(() => {
    document.title = "Hendrix";
  }, []);
  return (
    <div className={styles.home}>
      <div className={styles.homeMain}>
        <h1>What happened lately</h1>
        <Happenings
          empty={
            <div className={styles.welcome}>
              <h2>Nothing has happened here yet</h2>
              <p>Data goes in, a live prediction service comes out, and every step between shows up here by itself.</p>
              <Snippet code={beginning(window.location.origin)} />
            </div>
          }
        />
      </div>
      <aside className={styles.homeSide} aria-label="At a glance">
        <Counts />
        <Few title="Serving" all="/deployments" entities={deployments.data?.items} empty="Nothing is deployed." note={(entity) => <When at={entity.updated_at} />} />
        <Few title="Running now" all="/runs?state=running" entities={running.data?.items} empty="Nothing is running." note={(entity) => <When at={entity.started_at} />} />
        <Few title="Failed last" all="/runs?state=failed" entities={failed.data?.items} empty="Nothing has failed." note={(entity) => <When at={entity.ended_at ?? entity.updated_at} />} />
      </aside>
    </div>
  );
}
