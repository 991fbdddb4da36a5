/** All metrics of one or more runs, with one set of controls; what is set stands in the address. */

import { Button, SegmentedControl, Slider, TextInput } from "@mantine/core";
import { useState } from "react";

import { useAddress } from "../app/navigation";
import { Icon } from "../entities/icons";
import { countOf, formatMetric } from "../format/numbers";
import { Empty } from "../states/Empty";
import styles from "./charts.module.css";
import { type ChartRun, MetricChart } from "./MetricChart";
import type { Axis } from "./points";

/** How many are drawn before one asks for more: a thousand metrics must not freeze the page. */
const AT_FIRST = 24;

export function MetricCharts({ runs, metrics }: { runs: readonly ChartRun[]; metrics: readonly string[] }) {
  const [search, change] = useAddress();
  const [most, setMost] = useState(AT_FIRST);
  const axis: Axis = search.axis === "relative" || search.axis === "wall" ? search.axis : "step";
  const isLog = search.scale === "log";
  const smoothing = Number(search.smooth ?? 0) || 0;
  const wanted = (search.metric ?? "").toLowerCase();
  const shown = metrics.filter((metric) => metric.toLowerCase().includes(wanted));
  const window = { first: search.first === undefined ? undefined : Number(search.first), last: search.last === undefined ? undefined : Number(search.last) };
  const isZoomed = window.first !== undefined;

  if (metrics.length === 0) {
    return <Empty title="No metrics yet" sentence="A metric is a number at a step. Log one inside the run, and its chart appears here at once." snippet={"with hx.run(\"baseline\") as run:\n    for step in range(1000):\n        run.log(loss=loss, step=step)"} />;
  }
  return (
    <div className={styles.charts}>
      <div className={styles.controls} role="toolbar" aria-label="Charts">
        {metrics.length > 4 && (
          <TextInput size="xs" w={200} placeholder="Filter metrics" aria-label="Filter metrics" leftSection={<Icon name="search" size={14} />} defaultValue={search.metric ?? ""} onChange={(event) => change({ metric: event.currentTarget.value }, { replace: true })} />
        )}
        <SegmentedControl
          size="xs"
          aria-label="Axis"
          value={axis}
          onChange={(value) => change({ axis: value === "step" ? undefined : value }, { replace: true })}
          data={[
            { value: "step", label: "Step" },
            { value: "relative", label: "Elapsed" },
            { value: "wall", label: "Clock" },
          ]}
        />
        <SegmentedControl
          size="xs"
          aria-label="Scale"
          value={isLog ? "log" : "linear"}
          onChange={(value) => change({ scale: value === "log" ? "log" : undefined }, { replace: true })}
          data={[
            { value: "linear", label: "Linear" },
            { value: "log", label: "Log" },
          ]}
        />
        <label className={styles.smoothing}>
          <span>Smoothing</span>
          <Slider size="xs" w={110} min={0} max={0.99} step={0.01} label={(value) => value.toFixed(2)} value={smoothing} onChange={(value) => change({ smooth: value ? String(value) : undefined }, { replace: true })} thumbLabel="Smoothing" />
        </label>
        {isZoomed && (
          <Button size="compact-sm" variant="light" rightSection={<Icon name="close" size={12} />} onClick={() => change({ first: undefined, last: undefined })}>
            Steps {formatMetric(window.first)} to {formatMetric(window.last)}
          </Button>
        )}
        <span className={styles.hint}>Drag to zoom, double click to go back</span>
      </div>
      <div className={styles.chartGrid}>
        {shown.slice(0, most).map((metric) => (
          <MetricChart
            key={metric}
            metric={metric}
            runs={runs}
            axis={axis}
            isLog={isLog}
            smoothing={smoothing}
            window={window}
            onWindow={({ first, last }) => change({ first: first?.toString(), last: last?.toString() })}
          />
        ))}
      </div>
      {shown.length > most && (
        <Button variant="default" size="xs" onClick={() => setMost(most + AT_FIRST * 2)}>
          Draw more of {countOf(shown.length, "metric")}
        </Button>
      )}
      {shown.length === 0 && <p className="muted">No metric is called {search.metric}.</p>}
    </div>
  );
}
