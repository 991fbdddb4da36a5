/** A run at a glance: why it failed, its metrics, its params, where it ran. */

import type { UseQueryResult } from "@tanstack/react-query";
import { useState } from "react";
import { TextInput } from "@mantine/core";

import type { Entity, MetricSummary, RunDetail } from "../api/types";
import { useAddress } from "../app/navigation";
import { Facts } from "../entities/Facts";
import { Params } from "../entities/Params";
import { Icon } from "../entities/icons";
import { formatCount, formatExact, formatMetric } from "../format/numbers";
import { shortId } from "../format/text";
import { CopyButton } from "../states/CopyButton";
import { ProblemView } from "../states/ProblemView";
import { Snippet } from "../states/Snippet";
import { Lines } from "../states/Waiting";
import styles from "./pages.module.css";

/** From how many rows on a table gets a filter of its own. */
const MANY = 12;
const MOST = 300;

function Metrics({ metrics }: { metrics: readonly MetricSummary[] }) {
  const [, change] = useAddress();
  const [wanted, setWanted] = useState("");
  const shown = metrics.filter((metric) => metric.name.toLowerCase().includes(wanted.toLowerCase())).slice(0, MOST);
  return (
    <section className={styles.section}>
      <div className={styles.sectionHead}>
        <h2>Metrics</h2>
        {metrics.length > MANY && <TextInput size="xs" w={200} placeholder="Filter metrics" aria-label="Filter metrics" leftSection={<Icon name="search" size={14} />} value={wanted} onChange={(event) => setWanted(event.currentTarget.value)} />}
      </div>
      {metrics.length === 0 && <p className="muted">No metrics logged.</p>}
      {shown.length > 0 && (
        <table className="plain-table">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col" className="number">Last</th>
              <th scope="col" className="number">Least</th>
              <th scope="col" className="number">Greatest</th>
              <th scope="col" className="number">At step</th>
              <th scope="col" className="number">Points</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((metric) => (
              <tr key={metric.name}>
                <td>
                  <button type="button" className={styles.textButton} onClick={() => change({ tab: "charts", metric: metric.name })} title="Show its chart">
                    {metric.name}
                  </button>
                </td>
                <td className="number" title={formatExact(metric.last)}>
                  <b>{formatMetric(metric.last ?? NaN)}</b>
                </td>
                <td className="number" title={formatExact(metric.least)}>{formatMetric(metric.least)}</td>
                <td className="number" title={formatExact(metric.greatest)}>{formatMetric(metric.greatest)}</td>
                <td className="number" title={formatExact(metric.step)}>{formatCount(metric.step)}</td>
                <td className="number" title={formatExact(metric.points)}>{formatCount(metric.points)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

export function RunOverview({ entity, detail }: { entity: Entity; detail: UseQueryResult<RunDetail> }) {
  const { error: failure, ...facts } = entity.facts;
  if (detail.isError && !detail.data) return <ProblemView error={detail.error} retry={() => void detail.refetch()} />;
  return (
    <div className={styles.sections}>
      {typeof failure === "string" && failure && (
        <section className={styles.failure} aria-label="Why it ended">
          <div className={styles.sectionHead}>
            <h2>Why it ended</h2>
            <CopyButton text={failure} label="Copy the error" />
          </div>
          <pre tabIndex={0}>{failure}</pre>
        </section>
      )}
      {detail.data ? (
        <>
          <Metrics metrics={detail.data.metrics} />
          <section className={styles.section}>
            <h2>Params</h2>
            <Params params={detail.data.params} columns={2} />
          </section>
        </>
      ) : (
        <Lines count={10} />
      )}
      {Object.keys(facts).length > 0 && (
        <section className={styles.section}>
          <h2>Where it ran</h2>
          <Facts facts={facts} depth={1} skip={["run_kind"]} />
        </section>
      )}
      <section className={styles.section}>
        <h2>In a terminal</h2>
        <Snippet code={`hendrix run show ${shortId(entity.id)}`} />
      </section>
    </div>
  );
}
