/** A feed of events in sentences, grouped by day. */

import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { eventsQuery } from "../api/queries";
import type { Event } from "../api/types";
import { useNow } from "../app/clock";
import { dayOf, formatClock, formatInstant } from "../format/time";
import { ProblemView } from "../states/ProblemView";
import { Lines } from "../states/Waiting";
import { parseRef } from "./address";
import { EntityLink } from "./EntityLink";
import { happeningOf } from "./happenings";
import styles from "./Happenings.module.css";
import { StateMark } from "./StateMark";
import { Icon } from "./icons";
import { kindInfo } from "./kinds";

function versionOf(event: Event): number | null {
  const selector = event.entity_ref ? parseRef(event.entity_ref)?.selector : null;
  return selector && /^\d+$/.test(selector) ? Number(selector) : null;
}

function Sentence({ event, withEntity }: { event: Event; withEntity: boolean }) {
  const happening = happeningOf(event);
  const entity =
    withEntity && event.entity_ref && event.entity_kind ? (
      <EntityLink reference={event.entity_ref} kind={event.entity_kind} name={event.entity_name ?? ""} version={versionOf(event)} withIcon={false} />
    ) : null;
  const mark = happening.state ? <StateMark state={happening.state} /> : <Icon name={event.entity_kind ? kindInfo(event.entity_kind).icon : "lineage"} size={14} />;
  const noun = happening.noun && (
    <span className={styles.noun}>
      {withEntity ? "" : "this "}
      {happening.noun}
    </span>
  );
  return (
    <li className={styles.event}>
      <span className={styles.mark}>{mark}</span>
      <span className={styles.sentence}>
        {happening.byItself ? (
          <>
            {noun} {entity} {happening.verb}
          </>
        ) : (
          <>
            <span className={styles.who}>{event.principal}</span> {happening.verb} {noun} {entity}
          </>
        )}
        {happening.rest && <span className={happening.state === "failed" ? styles.reason : styles.rest}> {happening.rest}</span>}
      </span>
      <time dateTime={event.recorded_at} title={formatInstant(event.recorded_at)}>
        {formatClock(event.recorded_at)}
      </time>
    </li>
  );
}

interface HappeningsProps {
  /** Of this entity alone; without one, of all. */
  reference?: string;
  empty: ReactNode;
}

export function Happenings({ reference, empty }: HappeningsProps) {
  const now = useNow();
  const events = useInfiniteQuery(eventsQuery(reference));
  if (events.isPending) return <Lines count={8} height={32} />;
  if (events.isError && !events.data) return <ProblemView error={events.error} retry={() => void events.refetch()} />;
  const all = events.data.pages.flatMap((page) => page.items);
  // What was joined is told by the entities that were made; alone it says nothing to a person.
  const told = reference ? all : all.filter((event) => event.entity_ref !== null);
  if (told.length === 0) return <>{empty}</>;
  const days = Map.groupBy(told, (event) => dayOf(event.recorded_at, now));
  return (
    <div className={styles.feed}>
      {[...days].map(([day, list]) => (
        <section key={day}>
          <h3>{day}</h3>
          <ol>
            {list.map((event) => (
              <Sentence key={event.id} event={event} withEntity={reference === undefined} />
            ))}
          </ol>
        </section>
      ))}
      {events.hasNextPage && (
        <Button variant="default" size="xs" loading={events.isFetchingNextPage} onClick={() => void events.fetchNextPage()}>
          Show earlier
        </Button>
      )}
    </div>
  );
}
