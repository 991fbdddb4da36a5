/** uPlot in React: one canvas, cursors linked across a page, a drag that reports a window. */

import "uplot/dist/uPlot.min.css";

import { useComputedColorScheme } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import uPlot from "uplot";

import { formatExact, formatMetric, formatTick } from "../format/numbers";
import { formatClock, formatDay, formatDuration } from "../format/time";
import styles from "./charts.module.css";
import type { Axis, Points } from "./points";

export interface PlotLine {
  label: string;
  values: Points;
  color: string;
  dash: number[];
  /** Thin and pale: what lies under a smoothed line, or the edges of a band. */
  role: "line" | "under" | "edge";
}

interface PlotProps {
  x: number[];
  lines: readonly PlotLine[];
  axis: Axis;
  isLog?: boolean;
  height?: number;
  syncKey: string;
  /** For the readout; `formatTickY` is for the axis. */
  formatY?: (value: number) => string;
  formatTickY?: (value: number) => string;
  /** The y axis begins at zero: for counts and rates. */
  fromZero?: boolean;
  onZoom?: (from: number, to: number) => void;
  onReset?: () => void;
}

/** uPlot declares its scales as a const enum, which a module built on its own can't read. */
const LOGARITHMIC = { distr: 3 } as unknown as uPlot.Scale;
const FONT = "11px system-ui, sans-serif";

export function formatX(axis: Axis, value: number): string {
  if (axis === "step") return formatTick(value);
  return axis === "relative" ? formatDuration(value) : formatClock(new Date(value * 1000), true);
}

/** On a logarithmic axis uPlot leaves some ticks unnamed, as nulls that its types deny. */
function tickTexts(splits: readonly (number | null)[], format: (value: number) => string): string[] {
  return splits.map((split) => (split === null ? "" : format(split)));
}

/** A tick of the time axis, as fine as the ticks stand apart. */
function formatTimeTick(value: number, seconds: number): string {
  const at = new Date(value * 1000);
  if (seconds < 1) return at.toISOString().slice(17, 23);
  return seconds >= 86_400 ? formatDay(at) : formatClock(at, seconds < 60);
}

function seriesOf(line: PlotLine): uPlot.Series {
  const isEdge = line.role === "edge";
  return {
    label: line.label,
    stroke: isEdge ? "transparent" : line.role === "under" ? `${line.color}55` : line.color,
    width: line.role === "line" ? 1.6 : 1,
    dash: line.dash,
    points: { show: isEdge ? false : (_plot, _index, first, last) => last - first < 40, size: 4 },
    spanGaps: false,
  };
}

/** Edges come in pairs, the lower one first. */
function bandsOf(lines: readonly PlotLine[]): uPlot.Band[] {
  return lines.flatMap((line, index) => (line.role === "edge" && lines[index - 1]?.role === "edge" && line.label === lines[index - 1]?.label ? [{ series: [index + 1, index], fill: `${line.color}26` }] : []));
}

export function Plot({ x, lines, axis, isLog = false, height = 180, syncKey, formatY = formatMetric, formatTickY = formatTick, fromZero = false, onZoom, onReset }: PlotProps) {
  const holder = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [index, setIndex] = useState<number | null>(null);
  const scheme = useComputedColorScheme("light");
  const handlers = useRef({ onZoom, onReset, formatTickY });
  useEffect(() => {
    handlers.current = { onZoom, onReset, formatTickY };
  });

  const data = [x, ...lines.map((line) => line.values)] as uPlot.AlignedData;
  const latest = useRef({ data, lines });
  useEffect(() => {
    latest.current = { data, lines };
  });
  const shape = JSON.stringify([scheme, axis, isLog, height, syncKey, fromZero, lines.map(({ label, color, dash, role }) => [label, color, dash, role])]);

  useEffect(() => {
    const element = holder.current;
    if (!element) return;
    const look = getComputedStyle(element);
    const ink = look.getPropertyValue("--text-3").trim();
    const line = look.getPropertyValue("--line").trim();
    const axisLook: uPlot.Axis = { stroke: ink, font: FONT, grid: { stroke: line, width: 1 }, ticks: { show: false } };
    const made = new uPlot(
      {
        width: element.clientWidth,
        height,
        padding: [8, 8, 0, 0],
        legend: { show: false },
        cursor: {
          points: { size: 6 },
          drag: { x: true, y: false, setScale: false },
          sync: { key: syncKey, filters: { pub: (type) => type === "mousemove" || type === "mouseleave", sub: () => true } },
          bind: {
            dblclick: () => () => {
              handlers.current.onReset?.();
              return null;
            },
          },
        },
        scales: {
          x: { time: axis === "wall" },
          y: isLog ? LOGARITHMIC : fromZero ? { range: (_plot, _low, high) => [0, high > 0 ? high * 1.08 : 1] } : {},
        },
        series: [{}, ...latest.current.lines.map(seriesOf)],
        bands: bandsOf(latest.current.lines),
        axes: [
          { ...axisLook, size: 26, gap: 4, values: (_plot, splits, _axis, _space, step) => splits.map((split) => (axis === "wall" ? formatTimeTick(split, step) : formatX(axis, split))) },
          { ...axisLook, size: 54, gap: 4, values: (_plot, splits) => tickTexts(splits, handlers.current.formatTickY) },
        ],
        hooks: {
          setCursor: [(self) => setIndex(self.cursor.idx ?? null)],
          setSelect: [
            (self) => {
              const { left, width } = self.select;
              if (width < 4) return;
              handlers.current.onZoom?.(self.posToVal(left, "x"), self.posToVal(left + width, "x"));
              self.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            },
          ],
        },
      },
      latest.current.data,
      element,
    );
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
    // `shape` stands for all that needs a new canvas; new points alone do not.
  }, [shape]); // eslint-disable-line react-hooks/exhaustive-deps

  useEffect(() => {
    if (plot.current) plot.current.setData(latest.current.data);
  }, [x, lines]);

  const shownAt = index ?? x.length - 1;
  const legible = lines.filter((line) => line.role === "line");
  return (
    <div className={styles.plot}>
      <div ref={holder} className={styles.canvas} style={{ height }} aria-hidden="true" />
      <div className={styles.legend} aria-hidden="true">
        <span className={styles.at}>{x.length > 0 && x[shownAt] !== undefined ? axis === "step" ? formatExact(x[shownAt]) : formatX(axis, x[shownAt]) : ""}</span>
        {legible.map((line) => (
          <span key={line.label} className={styles.key}>
            <svg width="14" height="8">
              <line x1="0" x2="14" y1="4" y2="4" stroke={line.color} strokeWidth="2" strokeDasharray={line.dash.map((dash) => dash / 2).join(" ")} />
            </svg>
            {legible.length > 1 && <span>{line.label}</span>}
            <b>{formatY(line.values[shownAt] ?? NaN)}</b>
          </span>
        ))}
      </div>
    </div>
  );
}
