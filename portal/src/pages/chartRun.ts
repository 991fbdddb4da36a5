/** A run as charts see it. */

import type { Entity } from "../api/types";
import type { ChartRun } from "../charts/MetricChart";

export function chartRun(entity: Entity): ChartRun {
  return { id: entity.id, label: entity.name, origin: entity.started_at ? Date.parse(entity.started_at) / 1000 : null, isLive: entity.state === "running" };
}
