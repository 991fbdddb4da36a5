/** Runs side by side: what differs in their params, their last metrics, and their charts over one another. */

import { SegmentedControl, useComputedColorScheme } from "@mantine/core";
import { useQueries } from "@tanstack/react-query";
import { Suspense, lazy, useEffect, useMemo } from "react";

import { runQuery } from "../api/queries";
import type { RunDetail } from "../api/types";
import { useAddress } from "../app/navigation";
import { lineStyle } from "../charts/palette";
import { EntityLink } from "../entities/EntityLink";
import { StateMark } from "../entities/StateMark";
import { formatExact, formatMetric } from "../format/numbers";
import { shortId } from "../format/text";
import { Empty } from "../states/Empty";
import { ProblemView } from "../states/ProblemView";
import { PageSkeleton } from "../states/Waiting";
import styles from "./pages.module.css";
import { chartRun } from "./chartRun";

const MetricCharts = lazy(() => import("../charts/MetricCharts").then((module) => ({ default: module.MetricCharts })));

interface Row {
  name: string;
  isMetric: boolean;
  cells: { text: string; exact: string }[];
  differs: boolean;
}

function rowsOf(runs: readonly RunDetail[]): Row[] {
  const params = [...new Set(runs.flatMap((run) => Object.keys(run.params)))].toSorted();
  const metrics = [...new Set(runs.flatMap((run) => run.metrics.map((metric) => metric.name)))].toSorted();
  const row = (name: string, isMetric: boolean, cells: Row["cells"]): Row => ({ name, isMetric, cells, differs: new Set(cells.map((cell) => cell.exact)).size > 1 });
  return [
    ...params.map((name) => row(name, false, runs.map((run) => ({ text: run.params[name] ?? "–", exact: run.params[name] ?? "" })))),
    ...metrics.map((name) =>
      row(name, true, runs.map((run) => {
        const metric = run.metrics.find((each) => each.name === name);
        return { text: metric ? formatMetric(metric.last ?? NaN) : "–", exact: formatExact(metric?.last) };
      })),
    ),
  ];
}

function Figures({ runs, isDark }: { runs: readonly RunDetail[]; isDark: boolean }) {
  const [search, change] = useAddress();
  const isAll = search.rows === "all";
  const rows = rowsOf(runs).filter((row) => isAll || row.isMetric || row.differs);
  return (
    <section className={styles.section}>
      <div className={styles.sectionHead}>
        <h2>Params and last metrics</h2>
        <SegmentedControl size="xs" aria-label="Rows" value={isAll ? "all" : "differing"} onChange={(value) => change({ rows: value === "all" ? "all" : undefined }, { replace: true })} data={[{ value: "differing", label: "What differs" }, { value: "all", label: "All" }]} />
      </div>
      <div className={styles.scroll}>
        <table className={`plain-table ${styles.compare}`}>
          <thead>
            <tr>
              <th scope="col">Name</th>
              {runs.map((run, index) => (
                <th key={run.entity.id} scope="col" className="number">
                  <span className={styles.compareHead}>
                    <svg width="10" height="10" aria-hidden="true">
                      <circle cx="5" cy="5" r="4.5" fill={lineStyle(index, isDark).color} />
                    </svg>
                    <EntityLink reference={run.entity.ref} kind="run" name={run.entity.name} withIcon={false} />
                    <StateMark state={run.entity.state} />
                  </span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={`${row.isMetric ? "metric" : "param"} ${row.name}`} data-marked={row.differs && !row.isMetric}>
                <td>{row.name}</td>
                {row.cells.map((cell, index) => (
                  <td key={index} className="number" title={cell.exact}>
                    {cell.text}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

export function ComparePage() {
  const [search] = useAddress();
  const isDark = useComputedColorScheme("light") === "dark";
  const ids = (search.runs ?? "").split(",").filter(Boolean);
  const answers = useQueries({ queries: ids.map((id) => runQuery(id)) });
  const stamp = answers.map((answer) => answer.dataUpdatedAt).join();
  const runs = useMemo(() => answers.flatMap((answer) => (answer.data ? [answer.data] : [])), [stamp]); // eslint-disable-line react-hooks/exhaustive-deps
  const charted = useMemo(() => {
    const names = runs.map((run) => run.entity.name);
    // Runs of one name are told apart by their ids.
    return runs.map((run) => ({ ...chartRun(run.entity), label: names.filter((name) => name === run.entity.name).length > 1 ? `${run.entity.name} ${shortId(run.entity.id)}` : run.entity.name }));
  }, [runs]);
  const metrics = useMemo(() => [...new Set(runs.flatMap((run) => run.metrics.filter((metric) => metric.points > 1).map((metric) => metric.name)))].toSorted(), [runs]);
  useEffect(() => {
    document.title = "Compare runs · Hendrix";
  }, []);

  if (ids.length === 0) return <Empty title="Nothing to compare" sentence="Select runs in a list with x, then press c." />;
  const failed = answers.find((answer) => answer.isError && !answer.data);
  if (failed?.error) return <ProblemView error={failed.error} retry={() => void failed.refetch()} />;
  if (runs.length < ids.length) return <PageSkeleton />;
  return (
    <div className={styles.comparePage}>
      <h1>Compare {runs.length} runs</h1>
      <Figures runs={runs} isDark={isDark} />
      {metrics.length > 0 && (
        <section className={styles.section}>
          <h2>Charts</h2>
          <Suspense fallback={null}>
            <MetricCharts runs={charted} metrics={metrics} />
          </Suspense>
        </section>
      )}
    </div>
  );
}
