"""Evaluations as plain text: aligned tables of four significant digits."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hendrix.evaluation.records import Comparison, Difference, Evaluation, Metric

WHOLE_FROM = 10_000
"""Figures from here up are written without decimals."""

SLICE_METRICS = ("auc", "log_loss", "precision", "recall", "base_rate")
"""What a slice's row shows; the record has all."""


def figure(value: float | None) -> str:
    """Write a figure with four significant digits, a dash for None."""
    if value is None:
        return "-"
    size = abs(value)
    if size >= WHOLE_FROM:
        return f"{value:,.0f}"
    whole = len(str(int(size))) if size >= 1 else 0
    return f"{value:.{4 - whole}f}"


def bounds(metric: Metric) -> str:
    """Write an interval, or nothing where it is not known."""
    return "" if metric.low is None else f"{figure(metric.low)} to {figure(metric.high)}"


def headline(evaluation: Evaluation) -> str:
    """Say in a line what was evaluated on which rows."""
    share = evaluation.positives / evaluation.rows if evaluation.rows else 0
    parts = [f"{evaluation.rows:,} rows", f"{share:.1%} positive"]
    if evaluation.left_out:
        parts.append(f"{evaluation.left_out:,} without a label left out")
    if evaluation.weight:
        parts.append(f"weighted by {evaluation.weight}")
    parts.append(f"positive from {evaluation.threshold:g}")
    return f"{evaluation.name} on {evaluation.label}: {', '.join(parts)}"


def evaluation_text(evaluation: Evaluation) -> str:
    """Write an evaluation as text: the metrics, the slices and the calibration."""
    level = f"{evaluation.level:.0%} interval"
    rows = [[metric.name, figure(metric.value), bounds(metric)] for metric in evaluation.metrics]
    blocks = [headline(evaluation), table(["metric", "value", level], rows)]
    if evaluation.slices:
        rows = [
            [part.title, f"{part.rows:,}", *(figure(part.metric(name).value) for name in SLICE_METRICS)]
            for part in evaluation.slices
        ]
        blocks.append(table(["slice", "rows", *SLICE_METRICS], rows))
    if evaluation.calibration:
        rows = [
            [f"{b.low:g} to {b.high:g}", f"{b.weight:,.0f}", figure(b.mean_score), figure(b.rate)]
            for b in evaluation.calibration
        ]
        blocks.append(table(["score", "rows", "mean score", "rate"], rows))
    return "\n\n".join(blocks)


def comparison_text(comparison: Comparison) -> str:
    """Write a comparison as text."""
    head = f"{comparison.candidate} against {comparison.baseline}"
    if not comparison.same_rows:
        head += " (NOT on the same rows)"
    header = ["metric", "candidate", "baseline", "difference", ""]
    blocks = [head, table(header, [_line(row.metric, row) for row in comparison.metrics])]
    if comparison.slices:
        header[0] = f"{comparison.slices[0].metric} of slice"
        blocks.append(table(header, [_line(row.title, row) for row in comparison.slices]))
    return "\n\n".join(blocks)


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Align cells: the first column left, the others right."""
    widths = [max(len(row[place]) for row in (header, *rows)) for place in range(len(header))]

    def line(cells: Sequence[str]) -> str:
        pairs = enumerate(zip(cells, widths, strict=True))
        return "  ".join(f"{cell:>{w}}" if place else f"{cell:<{w}}" for place, (cell, w) in pairs).rstrip()

    return "\n".join([line(header), *(line(row) for row in rows)])


def verdict(row: Difference) -> str:
    """Say in a word which side is better, and whether the intervals are apart."""
    if row.better is None:
        return ""
    word = "better" if row.better else "worse"
    return f"{word}, intervals apart" if row.apart else word


def _line(title: str, row: Difference) -> list[str]:
    sign = "+" if row.difference is not None and row.difference > 0 else ""
    return [title, figure(row.candidate), figure(row.baseline), sign + figure(row.difference), verdict(row)]
