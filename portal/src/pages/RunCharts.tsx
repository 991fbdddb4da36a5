/** The charts of one run. */

import { useMemo } from "react";

import type { Entity } from "../api/types";
import { MetricCharts } from "../charts/MetricCharts";
import { Lines } from "../states/Waiting";
import { chartRun } from "./chartRun";

export function RunCharts({ entity, metrics }: { entity: Entity; metrics: readonly string[] | undefined }) {
  const runs = useMemo(() => [chartRun(entity)], [entity]);
  if (!metrics) return <Lines count={10} />;
  return (
    <>
      <h2 className="hidden-text">Charts</h2>
      <MetricCharts runs={runs} metrics={metrics} />
    </>
  );
}
