/** A feed of events in sentences, grouped by day. */

import { Button } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";

import { eventsQuery } from "../api/queries";
import type { Event } from "../api/types";
import { useNow } from "../app/clock";
import { formatCount } from "../format/numbers";
import { dayOf, formatClock, formatInstant } from "../format/time";
import { ProblemView } from "../states/ProblemView";
import { Lines } from "../states/Waiting";
import { parseRef } from "./address";
import { EntityLink } from "./EntityLink";
import { happeningOf } from "./happenings";
import styles from "./Happenings.module.css";
import { StateMark } from "./StateMark";
import { type Story, storiesOf } from "./stories";
import { Icon } from "./icons";
import { kindInfo } from "./kinds";

/** How many nouns of a folded story are named before the rest is counted. */
const NAMED = 3;
/** Folding may leave little of a page of events: then earlier ones are read, up to a limit. */
const ENOUGH_STORIES = 16;
const MOST_PAGES = 6;

function versionOf(event: Event): number | null {
  const selector = event.entity_ref ? parseRef(event.entity_ref)?.selector : null;
  return selector && /^\d+$/.test(selector) ? Number(selector) : null;
}

function Noun({ event }: { event: Event }) {
  if (!event.entity_ref || !event.entity_kind) return null;
  return <EntityLink reference={event.entity_ref} kind={event.entity_kind} name={event.entity_name ?? ""} version={versionOf(event)} withIcon={false} />;
}

function Line({ event, children }: { event: Event; children: ReactNode }) {
  const { state } = happeningOf(event);
  return (
    <li className={styles.event}>
      <span className={styles.mark}>{state ? <StateMark state={state} /> : <Icon name={event.entity_kind ? kindInfo(event.entity_kind).icon : "lineage"} size={14} />}</span>
      <span className={styles.sentence}>{children}</span>
      <time dateTime={event.recorded_at} title={formatInstant(event.recorded_at)}>
        {formatClock(event.recorded_at)}
      </time>
    </li>
  );
}

function Single({ event, withEntity }: { event: Event; withEntity: boolean }) {
  const happening = happeningOf(event);
  // On its own page the thing is `it`, or `this run`.
  const noun = withEntity ? happening.noun : happening.noun ? `this ${happening.noun}` : event.entity_ref ? "it" : "";
  return (
    <Line event={event}>
      {happening.byItself ? (
        <>
          {withEntity ? noun : noun.charAt(0).toUpperCase() + noun.slice(1)} {withEntity && <Noun event={event} />} {happening.verb}
        </>
      ) : (
        <>
          <span className={styles.who}>{event.principal}</span> {happening.verb} {noun} {withEntity && <Noun event={event} />}
        </>
      )}
      {happening.rest && <span className={happening.state === "failed" ? styles.reason : undefined}>{happening.state === "failed" ? `: ${happening.rest}` : ` ${happening.rest}`}</span>}
    </Line>
  );
}

function Folded({ story }: { story: Story }) {
  const [isOpen, setOpen] = useState(false);
  const [first] = story;
  const happening = happeningOf(first);
  const nouns = first.entity_kind ? kindInfo(first.entity_kind).many.toLowerCase() : "";
  return (
    <>
      <Line event={first}>
        {happening.byItself ? (
          <>
            {formatCount(story.length)} {nouns} {happening.verb === "was lost" ? "were lost" : happening.verb}
          </>
        ) : (
          <>
            <span className={styles.who}>{first.principal}</span> {happening.verb} {formatCount(story.length)} {nouns}
          </>
        )}
        {": "}
        {story.slice(0, NAMED).map((event, index) => (
          <span key={event.id}>
            {index > 0 && ", "}
            <Noun event={event} />
          </span>
        ))}{" "}
        <button type="button" className={styles.more} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? "fold" : `and ${story.length - NAMED} more`}
        </button>
      </Line>
      {isOpen && story.map((event) => <Single key={event.id} event={event} withEntity />)}
    </>
  );
}

interface HappeningsProps {
  /** Every event of this entity; without one, the stories of all. */
  reference?: string;
  empty: ReactNode;
}

export function Happenings({ reference, empty }: HappeningsProps) {
  const now = useNow();
  const events = useInfiniteQuery(eventsQuery(reference));
  const all = events.data?.pages.flatMap((page) => page.items) ?? [];
  const stories = reference ? all.map((event): Story => [event]) : storiesOf(all);
  const wantsMore = events.hasNextPage && !events.isFetching && !reference && stories.length < ENOUGH_STORIES && (events.data?.pages.length ?? 0) < MOST_PAGES;
  const { fetchNextPage } = events;
  useEffect(() => {
    if (wantsMore) void fetchNextPage();
  }, [wantsMore, fetchNextPage]);

  if (events.isPending) return <Lines count={8} height={32} />;
  if (events.isError && !events.data) return <ProblemView error={events.error} retry={() => void events.refetch()} />;
  if (stories.length === 0) return <>{empty}</>;
  const days = Map.groupBy(stories, ([first]) => dayOf(first.recorded_at, now));
  return (
    <div className={styles.feed}>
      {[...days].map(([day, list]) => (
        <section key={day}>
          <h2>{day}</h2>
          <ol>
            {list.map((story) => (story.length > 1 ? <Folded key={story[0].id} story={story} /> : <Single key={story[0].id} event={story[0]} withEntity={reference === undefined} />))}
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
