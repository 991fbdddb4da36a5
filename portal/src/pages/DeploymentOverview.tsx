/** A deployment as it serves now: live numbers, and how to ask it. */

import { SegmentedControl, useComputedColorScheme } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Suspense, lazy, useState } from "react";

import { entityQuery, servingQuery } from "../api/queries";
import type { Entity, ServingLive } from "../api/types";
import { lineStyle } from "../charts/palette";
import { Facts } from "../entities/Facts";
import type { KeyFigure } from "../entities/keyFigures";
import { standingOf } from "../entities/states";
import { Value } from "../entities/values";
import { formatCount, formatExact, formatMilliseconds, formatShare } from "../format/numbers";
import { formatDuration, formatInstant, secondsBetween } from "../format/time";
import { ProblemView } from "../states/ProblemView";
import { Prose } from "../states/Prose";
import { Snippet } from "../states/Snippet";
import { CopyButton } from "../states/CopyButton";
import { Lines } from "../states/Waiting";
import styles from "./pages.module.css";
import { curlOf, exampleRow, pythonRequest } from "./requests";

const Plot = lazy(() => import("../charts/Plot").then((module) => ({ default: module.Plot })));

const CHART_PX = 150;
const rateText = (value: number) => (Number.isNaN(value) ? "–" : `${value < 10 ? String(Number(value.toPrecision(2))) : formatCount(Math.round(value))}/s`);

/** From which share on errors are shown as bad: one in a hundred. */
const BAD_SHARE = 0.01;

function errorsText(live: ServingLive): string {
  return live.errors && live.requests ? `${formatCount(live.errors)} (${formatShare(live.errors / live.requests)})` : formatCount(live.errors);
}

/** The strip of a deployment: its numbers of the last minute. */
export function servingFigures(live: ServingLive, now: Date): KeyFigure[] {
  const uptime = live.rate === null ? null : secondsBetween(live.started_at, null, now);
  return [
    { label: "Requests", value: live.rate === null ? "–" : rateText(live.rate), exact: formatExact(live.rate) },
    { label: "p50", value: formatMilliseconds(live.p50_ms), exact: formatExact(live.p50_ms) },
    { label: "p95", value: formatMilliseconds(live.p95_ms), exact: formatExact(live.p95_ms) },
    { label: "p99", value: formatMilliseconds(live.p99_ms), exact: formatExact(live.p99_ms) },
    { label: "Errors", value: errorsText(live), exact: formatExact(live.errors), isBad: (live.errors ?? 0) > BAD_SHARE * (live.requests ?? 0) },
    { label: "Up for", value: formatDuration(uptime), exact: formatInstant(live.started_at) },
  ];
}

function LiveCharts({ history }: { history: ServingLive["history"] }) {
  const isDark = useComputedColorScheme("light") === "dark";
  const x = history.map((point) => point.t);
  const charts = [
    { title: "Requests a second", values: history.map((point) => point.rate), format: rateText },
    { title: "p95 latency", values: history.map((point) => point.p95_ms), format: (value: number) => formatMilliseconds(value) },
  ];
  return (
    <div className={styles.liveCharts}>
      {charts.map((chart, index) => (
        <figure key={chart.title}>
          <figcaption>{chart.title}</figcaption>
          <Suspense fallback={<div style={{ height: CHART_PX + 24 }} />}>
            <Plot x={x} lines={[{ label: chart.title, values: chart.values, role: "line", ...lineStyle(index, isDark) }]} axis="wall" height={CHART_PX} syncKey="serving" formatY={chart.format} formatTickY={chart.format} fromZero />
          </Suspense>
        </figure>
      ))}
    </div>
  );
}

function Asking({ name, url, version }: { name: string; url: string; version: Entity | undefined }) {
  const [language, setLanguage] = useState("curl");
  const row = exampleRow(version);
  return (
    <section className={styles.section}>
      <div className={styles.sectionHead}>
        <h2>Ask it</h2>
        <SegmentedControl size="xs" aria-label="Language" value={language} onChange={setLanguage} data={[{ value: "curl", label: "curl" }, { value: "python", label: "Python" }]} />
      </div>
      <Snippet code={language === "curl" ? curlOf(url, row) : pythonRequest(name, row)} />
    </section>
  );
}

/** Why it does not answer, in the words of the agent that keeps it. */
function Down({ entity }: { entity: Entity }) {
  const said = entity.observed ?? {};
  const why = typeof said.error === "string" ? said.error : entity.state === "stopped" ? "It is stopped." : "It does not answer now.";
  const hint = typeof said.hint === "string" && said.hint ? said.hint : `\`hendrix deployment restart ${entity.name}\` starts it again; the log shows what it said last.`;
  return (
    <p className={styles.down}>
      <Prose text={`${why} ${hint}`} />
    </p>
  );
}

export function DeploymentOverview({ entity }: { entity: Entity }) {
  const live = useQuery(servingQuery(entity.ref));
  const versionRef = live.data?.version_ref ?? (typeof entity.facts.version_ref === "string" ? entity.facts.version_ref : null);
  const version = useQuery({ ...entityQuery(versionRef ?? ""), enabled: versionRef !== null });
  if (live.isPending) return <Lines count={10} />;
  const data = live.data;
  const isUp = standingOf(entity).mark === "active" || data?.rate != null;
  const url = data?.url ?? (typeof entity.observed?.url === "string" ? entity.observed.url : null);
  return (
    <div className={styles.sections}>
      <section className={styles.section}>
        <div className={styles.address}>
          {url && (
            <span className={styles.url}>
              <code>{url}</code>
              <CopyButton text={url} label="Copy the address" />
            </span>
          )}
          {versionRef && (
            <span>
              {isUp ? "serves" : "would serve"} <Value name="version_ref" value={versionRef} />
            </span>
          )}
        </div>
        {!isUp && <Down entity={entity} />}
      </section>
      {live.isError && !data && <ProblemView error={live.error} retry={() => void live.refetch()} />}
      {data && data.history.length > 1 && <LiveCharts history={data.history} />}
      {url && <Asking name={entity.name} url={url} version={version.data} />}
      {data && data.rate !== null && (
        <section className={styles.section}>
          <h2>Since it started</h2>
          <Facts facts={{ requests: data.requests, rows: data.rows, errors: data.errors, unseen_keys: data.unseen_keys, restarts: data.restarts, port: data.port, pid: data.pid, started_at: data.started_at }} depth={1} />
        </section>
      )}
    </div>
  );
}
