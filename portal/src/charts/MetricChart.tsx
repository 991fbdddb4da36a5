/** One metric of one or more runs. Drawn when it comes into view; a drag asks the server for that window. */

import { ActionIcon, Tooltip, useComputedColorScheme } from "@mantine/core";
import { useInViewport } from "@mantine/hooks";
import { useQueries } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import uPlot from "uplot";

import { type Window, seriesQuery } from "../api/queries";
import { Icon } from "../entities/icons";
import { ProblemView } from "../states/ProblemView";
import styles from "./charts.module.css";
import { lineStyle } from "./palette";
import { Plot, type PlotLine } from "./Plot";
import { type Axis, type Points, linesOf, windowBetween } from "./points";
import { PointsTable } from "./PointsTable";

export interface ChartRun {
  id: string;
  label: string;
  /** Where relative time begins, in epoch seconds; without it at the first point. */
  origin: number | null;
  isLive: boolean;
}

interface MetricChartProps {
  metric: string;
  runs: readonly ChartRun[];
  axis: Axis;
  isLog: boolean;
  smoothing: number;
  window: Window;
  onWindow: (window: Window) => void;
}

/** Enough for a wide chart: the server keeps the least and the greatest of each group. */
const POINTS = 2000;
const HEIGHT = 190;

export function MetricChart({ metric, runs, axis, isLog, smoothing, window, onWindow }: MetricChartProps) {
  const { ref, inViewport } = useInViewport();
  const [wasSeen, setSeen] = useState(false);
  if (inViewport && !wasSeen) setSeen(true);
  const [isTable, setTable] = useState(false);
  const isDark = useComputedColorScheme("light") === "dark";
  const answers = useQueries({ queries: runs.map((run) => ({ ...seriesQuery(run.id, metric, POINTS, window, run.isLive && inViewport), enabled: wasSeen })) });
  const failed = answers.find((answer) => answer.isError && !answer.data);
  const stamp = answers.map((answer) => answer.dataUpdatedAt).join();

  const drawn = useMemo(() => {
    const tables: uPlot.AlignedData[] = [];
    const heads: Omit<PlotLine, "values">[] = [];
    answers.forEach(({ data }, index) => {
      const run = runs[index];
      if (!data || !run || data.steps.length === 0) return;
      const style = lineStyle(index, isDark);
      const lines = linesOf(data, axis, run.origin ?? data.times[0] ?? 0, isLog, smoothing);
      const columns: Points[] = [];
      const add = (values: Points | null, role: PlotLine["role"]) => {
        if (!values) return;
        columns.push(values);
        heads.push({ label: run.label, color: style.color, dash: role === "line" ? style.dash : [], role });
      };
      add(lines.least, "edge");
      add(lines.greatest, "edge");
      if (lines.smooth) add(lines.value, "under");
      add(lines.smooth ?? lines.value, "line");
      tables.push([lines.x, ...columns] as uPlot.AlignedData);
    });
    if (tables.length === 0) return null;
    const joined = tables.length === 1 ? tables[0] : uPlot.join(tables);
    const [x, ...columns] = (joined ?? [[]]) as unknown as [number[], ...Points[]];
    return { x, lines: heads.map((head, index) => ({ ...head, values: columns[index] ?? [] })) };
    // `stamp` changes when any of the answers does.
  }, [stamp, runs, axis, isLog, smoothing, isDark]); // eslint-disable-line react-hooks/exhaustive-deps

  const zoom = (from: number, to: number) => {
    const first = answers[0]?.data;
    const run = runs[0];
    if (!first || !run) return;
    const x = linesOf(first, axis, run.origin ?? first.times[0] ?? 0, false, 0).x;
    const next = axis === "step" ? { first: Math.ceil(from), last: Math.floor(to) } : windowBetween(first, x, from, to);
    if (next && next.first !== next.last) onWindow(next);
  };

  return (
    <figure ref={ref} className={styles.chart}>
      <figcaption>
        <h3>{metric}</h3>
        <Tooltip label={isTable ? "Show the chart" : "Show the figures"} openDelay={300} transitionProps={{ duration: 0 }}>
          <ActionIcon variant="subtle" color="gray" size="sm" aria-label={`${isTable ? "Chart" : "Figures"} of ${metric}`} aria-pressed={isTable} disabled={!drawn} onClick={() => setTable(!isTable)}>
            <Icon name="table" size={14} />
          </ActionIcon>
        </Tooltip>
      </figcaption>
      {failed?.error ? (
        <ProblemView error={failed.error} retry={() => void failed.refetch()} />
      ) : drawn && isTable ? (
        <PointsTable title={metric} x={drawn.x} lines={drawn.lines} axis={axis} />
      ) : drawn ? (
        <Plot x={drawn.x} lines={drawn.lines} axis={axis} isLog={isLog} height={HEIGHT} syncKey={`metrics-${axis}`} onZoom={zoom} onReset={() => onWindow({})} />
      ) : (
        <div className={styles.blank} style={{ height: HEIGHT + 24 }}>
          {answers.every((answer) => answer.isSuccess) && <span className="muted">No points in this window</span>}
        </div>
      )}
    </figure>
  );
}
