/** The table behind a chart, for those who want the figures or see no canvas. */

import { formatExact, formatMetric } from "../format/numbers";
import { formatInstant } from "../format/time";
import styles from "./charts.module.css";
import type { PlotLine } from "./Plot";
import type { Axis } from "./points";

const AXIS_TITLES: Record<Axis, string> = { step: "Step", relative: "Seconds", wall: "Time" };

export function PointsTable({ title, x, lines, axis }: { title: string; x: readonly number[]; lines: readonly PlotLine[]; axis: Axis }) {
  const shown = lines.filter((line) => line.role !== "edge");
  return (
    <div className={styles.points} tabIndex={0} role="region" aria-label={`Figures of ${title}`}>
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">{AXIS_TITLES[axis]}</th>
            {shown.map((line, index) => (
              <th key={index} scope="col" className="number">
                {line.role === "under" ? `${line.label}, raw` : line.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {x.map((at, row) => (
            <tr key={row}>
              <td>{axis === "wall" ? formatInstant(new Date(at * 1000)) : formatMetric(at)}</td>
              {shown.map((line, index) => (
                <td key={index} className="number" title={formatExact(line.values[row])}>
                  {formatMetric(line.values[row] ?? NaN)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
