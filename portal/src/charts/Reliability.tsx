/** The calibration plot: what the model said against what came, with intervals. */

import { useId, useState } from "react";

import { formatCount, formatMetric, formatTick } from "../format/numbers";
import styles from "./charts.module.css";

export interface ReliabilityBin {
  low: number;
  high: number;
  weight: number;
  mean_score: number;
  rate: number;
  rate_low: number | null;
  rate_high: number | null;
}

const SIZE = 320;
const LEFT = 40;
const BOTTOM = 34;
const TOP = 10;
const SIDE = SIZE - LEFT - 14;
const TICKS = [0, 0.25, 0.5, 0.75, 1];

const across = (value: number) => LEFT + value * SIDE;
const up = (value: number) => TOP + (1 - value) * SIDE;

export function Reliability({ bins }: { bins: readonly ReliabilityBin[] }) {
  const [over, setOver] = useState<number | null>(null);
  const titleId = useId();
  const used = bins.filter((bin) => bin.weight > 0);
  const heaviest = Math.max(...used.map((bin) => bin.weight), 1);
  const line = used.map((bin, index) => `${index === 0 ? "M" : "L"}${across(bin.mean_score)} ${up(bin.rate)}`).join("");
  const chosen = over === null ? undefined : used[over];
  return (
    <div className={styles.reliability}>
      <svg viewBox={`0 0 ${SIZE} ${TOP + SIDE + BOTTOM}`} role="img" aria-labelledby={titleId}>
        <title id={titleId}>Calibration: the share of positives against the mean score of each bin. The figures are in the table beside it.</title>
        {TICKS.map((tick) => (
          <g key={tick} className={styles.grid}>
            <line x1={across(tick)} x2={across(tick)} y1={up(0)} y2={up(1)} />
            <line x1={across(0)} x2={across(1)} y1={up(tick)} y2={up(tick)} />
            <text x={across(tick)} y={up(0) + 15} textAnchor="middle">{tick}</text>
            <text x={LEFT - 6} y={up(tick) + 3.5} textAnchor="end">{tick}</text>
          </g>
        ))}
        <text x={across(0.5)} y={up(0) + 31} textAnchor="middle" className={styles.axisTitle}>Mean score</text>
        <text transform={`translate(11 ${up(0.5)}) rotate(-90)`} textAnchor="middle" className={styles.axisTitle}>Share of positives</text>
        <line x1={across(0)} y1={up(0)} x2={across(1)} y2={up(1)} className={styles.diagonal} />
        <path d={line} className={styles.curve} />
        {used.map((bin, index) => (
          <g key={bin.low} onMouseEnter={() => setOver(index)} onMouseLeave={() => setOver(null)}>
            {bin.rate_low !== null && bin.rate_high !== null && <line x1={across(bin.mean_score)} x2={across(bin.mean_score)} y1={up(bin.rate_low)} y2={up(bin.rate_high)} className={styles.whisker} />}
            <circle cx={across(bin.mean_score)} cy={up(bin.rate)} r={2.5 + 4 * Math.sqrt(bin.weight / heaviest)} className={styles.dot} data-over={index === over} />
          </g>
        ))}
      </svg>
      <p className={styles.readout}>
        {chosen ? `Scores ${formatTick(chosen.low)} to ${formatTick(chosen.high)}: said ${formatMetric(chosen.mean_score)}, came ${formatMetric(chosen.rate)}, over ${formatCount(chosen.weight)} rows` : "On the line, a score of 0.3 comes true three times in ten."}
      </p>
    </div>
  );
}
