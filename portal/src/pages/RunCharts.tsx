/** The charts of one run. */

import { useMemo } from "react";

import type { Entity } from "../api/types";
import type { ChartRun } from "../charts/MetricChart";
import { MetricCharts } from "../charts/MetricCharts";
import { Lines } from "../states/Waiting";

export function chartRun(entity: Entity): ChartRun {
  return { id: entity.id, label: entity.name, origin: entity.started_at ? Date.parse(entity.started_at) / 1000 : null, isLive: entity.state === "running" };
}

export function RunCharts({ entity, metrics }: { entity: Entity; metrics: readonly string[] | undefined }) {
  const runs = useMemo(() => [chartRun(entity)], [entity]);
  if (!metrics) return <Lines count={10} />;
  return <MetricCharts runs={runs} metrics={metrics} />;
}
