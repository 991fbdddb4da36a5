/** An evaluation: metrics with their intervals, slices against the whole, and calibration. */

import { SegmentedControl } from "@mantine/core";

import type { Entity, Json } from "../api/types";
import { useAddress } from "../app/navigation";
import { Reliability, type ReliabilityBin } from "../charts/Reliability";
import { Facts } from "../entities/Facts";
import { type MetricFact, metricsOf } from "../entities/keyFigures";
import { plainText } from "../entities/values";
import { countOf, formatCount, formatExact, formatMetric, formatShare, formatTick } from "../format/numbers";
import { titleOf } from "../format/text";
import styles from "./pages.module.css";

interface SliceRow {
  title: string;
  rows: number | null;
  positives: number | null;
  metrics: MetricFact[];
}

const isRecord = (value: Json | undefined): value is Record<string, Json> => value != null && typeof value === "object" && !Array.isArray(value);
const numberOf = (value: Json | undefined) => (typeof value === "number" ? value : null);
const listOf = (value: Json | undefined) => (Array.isArray(value) ? value.filter(isRecord) : []);

function sliceTitle(slice: Record<string, Json>): string {
  const columns = Array.isArray(slice.columns) ? slice.columns.map(plainText) : [];
  const values = Array.isArray(slice.values) ? slice.values : [];
  const merged = numberOf(slice.merged) ?? 0;
  if (merged > 0) return `${columns.join(", ")}: ${merged} smaller`;
  return columns.map((column, index) => `${column} = ${plainText(values[index] ?? null)}`).join(", ");
}

/** The slices grouped by what they were sliced by. */
function slicesOf(facts: Entity["facts"]): Map<string, SliceRow[]> {
  const groups = new Map<string, SliceRow[]>();
  for (const slice of listOf(facts.slices)) {
    const by = Array.isArray(slice.columns) ? slice.columns.map(plainText).join(" and ") : "";
    const row = { title: sliceTitle(slice), rows: numberOf(slice.rows), positives: numberOf(slice.positives), metrics: metricsOf(slice.metrics) };
    groups.set(by, [...(groups.get(by) ?? []), row]);
  }
  return groups;
}

function binsOf(facts: Entity["facts"]): ReliabilityBin[] {
  return listOf(facts.calibration).flatMap((bin): ReliabilityBin[] => {
    const [low, high, weight, mean_score, rate] = [bin.low, bin.high, bin.weight, bin.mean_score, bin.rate].map(numberOf);
    if (low == null || high == null || weight == null || mean_score == null || rate == null) return [];
    return [{ low, high, weight, mean_score, rate, rate_low: numberOf(bin.rate_low), rate_high: numberOf(bin.rate_high) }];
  });
}

/** An interval drawn on the scale that all rows share, with the whole's value as a line. */
function IntervalBar({ metric, scale, whole }: { metric: MetricFact; scale: [number, number]; whole: number | undefined }) {
  const [least, greatest] = scale;
  const share = (value: number) => ((value - least) / (greatest - least || 1)) * 100;
  const low = metric.low ?? metric.value;
  const high = metric.high ?? metric.value;
  return (
    <svg className={styles.interval} viewBox="0 0 100 16" preserveAspectRatio="none" aria-hidden="true">
      {whole !== undefined && <line x1={share(whole)} x2={share(whole)} y1="0" y2="16" className={styles.wholeLine} />}
      <line x1={share(low)} x2={share(high)} y1="8" y2="8" className={styles.whisker} />
      <line x1={share(metric.value) - 0.01} x2={share(metric.value) + 0.01} y1="8" y2="8" className={styles.point} />
    </svg>
  );
}

function Slices({ title, rows, metric, whole }: { title: string; rows: readonly SliceRow[]; metric: string; whole: MetricFact | undefined }) {
  const found = rows.map((row) => ({ row, metric: row.metrics.find((each) => each.name === metric) }));
  const values = [...found.flatMap(({ metric: each }) => (each ? [each.low ?? each.value, each.high ?? each.value] : [])), ...(whole ? [whole.value] : [])];
  const least = Math.min(...values);
  const greatest = Math.max(...values);
  const margin = (greatest - least) * 0.05 || 0.01;
  return (
    <section className={styles.section}>
      <h3>By {title}</h3>
      <table className={`plain-table ${styles.slices}`}>
        <thead>
          <tr>
            <th scope="col">Slice</th>
            <th scope="col" className="number">Rows</th>
            <th scope="col" className="number">Positive</th>
            <th scope="col" className="number">{titleOf(metric)}</th>
            <th scope="col" className={styles.intervalHead}>Interval</th>
          </tr>
        </thead>
        <tbody>
          {found.map(({ row, metric: each }) => (
            <tr key={row.title}>
              <td>{row.title}</td>
              <td className="number" title={formatExact(row.rows)}>{formatCount(row.rows)}</td>
              <td className="number">{row.rows && row.positives !== null ? formatShare(row.positives / row.rows) : "–"}</td>
              <td className="number" title={formatExact(each?.value)}>
                <b>{formatMetric(each?.value)}</b>
              </td>
              <td className={styles.intervalHead} title={each?.low != null ? `${formatMetric(each.low)} to ${formatMetric(each.high)}` : undefined}>
                {each && <IntervalBar metric={each} scale={[least - margin, greatest + margin]} whole={whole?.value} />}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

export function EvaluationReport({ entity }: { entity: Entity }) {
  const [search, change] = useAddress();
  const { facts } = entity;
  const metrics = metricsOf(facts.metrics);
  const slices = slicesOf(facts);
  const bins = binsOf(facts);
  const metric = search.metric && metrics.some((each) => each.name === search.metric) ? search.metric : metrics[0]?.name;
  const whole = metrics.find((each) => each.name === metric);
  const level = numberOf(facts.level);
  return (
    <div className={styles.sections}>
      <section className={styles.section}>
        <h2>All rows{level === null ? "" : `, with ${formatShare(level)} intervals`}</h2>
        <table className="plain-table">
          <thead>
            <tr>
              <th scope="col">Metric</th>
              <th scope="col" className="number">Value</th>
              <th scope="col" className="number">From</th>
              <th scope="col" className="number">To</th>
            </tr>
          </thead>
          <tbody>
            {metrics.map((each) => (
              <tr key={each.name}>
                <td>{titleOf(each.name)}</td>
                <td className="number" title={formatExact(each.value)}>
                  <b>{formatMetric(each.value)}</b>
                </td>
                <td className="number" title={formatExact(each.low)}>{formatMetric(each.low)}</td>
                <td className="number" title={formatExact(each.high)}>{formatMetric(each.high)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {bins.length > 0 && (
        <section className={styles.section}>
          <h2>Calibration</h2>
          <div className={styles.calibration}>
            <Reliability bins={bins} />
            <table className="plain-table">
              <thead>
                <tr>
                  <th scope="col">Scores</th>
                  <th scope="col" className="number">Said</th>
                  <th scope="col" className="number">Came</th>
                  <th scope="col" className="number">Rows</th>
                </tr>
              </thead>
              <tbody>
                {bins.map((bin) => (
                  <tr key={bin.low}>
                    <td>{formatTick(bin.low)} to {formatTick(bin.high)}</td>
                    <td className="number" title={formatExact(bin.mean_score)}>{formatMetric(bin.mean_score)}</td>
                    <td className="number" title={formatExact(bin.rate)}>{formatMetric(bin.rate)}</td>
                    <td className="number" title={formatExact(bin.weight)}>{formatCount(bin.weight)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </section>
      )}
      {slices.size > 0 && metric && (
        <section className={styles.section}>
          <div className={styles.sectionHead}>
            <h2>Slices</h2>
            <SegmentedControl size="xs" aria-label="Metric of the slices" value={metric} onChange={(value) => change({ metric: value }, { replace: true })} data={metrics.map((each) => ({ value: each.name, label: titleOf(each.name) }))} />
          </div>
          <p className="muted">The line is the value over all rows{facts.rows === undefined ? "" : ` (${countOf(numberOf(facts.rows) ?? 0, "row")})`}; a bar that does not touch it is a slice to look at.</p>
          {[...slices].map(([by, rows]) => (
            <Slices key={by} title={by} rows={rows} metric={metric} whole={whole} />
          ))}
        </section>
      )}
      <section className={styles.section}>
        <h2>How it was measured</h2>
        <Facts facts={facts} depth={1} skip={["metrics", "slices", "calibration"]} />
      </section>
    </div>
  );
}
