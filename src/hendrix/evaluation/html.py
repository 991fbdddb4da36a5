"""Evaluations as one self-contained piece of HTML for notebooks, light or dark, under 30 KB."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from hendrix.evaluation.text import SLICE_METRICS, bounds, figure, headline, verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hendrix.evaluation.records import CalibrationBin, Comparison, Difference, Evaluation, Slice

MOST_ROWS = 40
"""More slices than this are told by number; the record and the text have all."""

LONGEST_NAME = 60

# Colours are mixed from the page's own text colour, so that the table fits any theme.
STYLE = """<style>
.hx-eval{font:13px/1.45 system-ui,sans-serif;color:inherit;max-width:60em}
.hx-eval p{margin:.3em 0}.hx-eval small{opacity:.7}
.hx-eval .hx-row{display:flex;gap:24px;flex-wrap:wrap;align-items:flex-start}
.hx-eval table{border-collapse:collapse;font-variant-numeric:tabular-nums;margin:.4em 0;background:none}
.hx-eval th,.hx-eval td{padding:2px 8px;text-align:right;border:0;
border-bottom:1px solid color-mix(in srgb,currentColor 18%,transparent);background:none;color:inherit}
.hx-eval th{font-weight:600;white-space:nowrap}
.hx-eval th:first-child,.hx-eval td:first-child{text-align:left}
.hx-eval svg{overflow:visible}.hx-eval .hx-mark{--hx:#0b63c5}
@media (prefers-color-scheme:dark){.hx-eval .hx-mark{--hx:#6cb2ff}}
</style>"""


def evaluation_html(evaluation: Evaluation) -> str:
    """Draw an evaluation: metrics, reliability diagram, and slices with their AUC's interval."""
    rows = [[metric.name, figure(metric.value), bounds(metric)] for metric in evaluation.metrics]
    level = f"{evaluation.level:.0%} interval"
    parts = [_table(["metric", "value", level], rows)]
    if evaluation.calibration:
        parts.append(_reliability(evaluation.calibration))
    body = [f"<p><b>{_text(headline(evaluation), 300)}</b></p><div class=hx-row>{''.join(parts)}</div>"]
    if evaluation.slices:
        body.append(_slices(evaluation.slices))
    return _page(body)


def comparison_html(comparison: Comparison) -> str:
    """Draw a comparison as tables."""
    warning = "" if comparison.same_rows else " <b>not on the same rows</b>"
    head = f"<p><b>{_text(comparison.candidate)}</b> against <b>{_text(comparison.baseline)}</b>{warning}</p>"
    body = [head, _differences("metric", [(row.metric, row) for row in comparison.metrics])]
    if comparison.slices:
        first = f"{comparison.slices[0].metric} of slice"
        body.append(_differences(first, [(row.title, row) for row in comparison.slices[:MOST_ROWS]]))
        body.append(_more(len(comparison.slices)))
    return _page(body)


def _slices(slices: Sequence[Slice]) -> str:
    shown = slices[:MOST_ROWS]
    known = [m for m in (part.metric("auc") for part in shown) if m.low is not None and m.high is not None]
    low = min((m.low for m in known if m.low is not None), default=0.0)
    high = max((m.high for m in known if m.high is not None), default=1.0)
    rows = []
    for part in shown:
        figures = [figure(part.metric(name).value) for name in SLICE_METRICS]
        rows.append([_text(part.title), f"{part.rows:,}", *figures, _whisker(part, low, high)])
    span = f"auc, {figure(low)} to {figure(high)}" if known else ""
    return _table(["slice", "rows", *SLICE_METRICS, span], rows) + _more(len(slices))


def _whisker(part: Slice, low: float, high: float) -> str:
    metric = part.metric("auc")
    if metric.value is None or metric.low is None or metric.high is None or high <= low:
        return ""
    start, middle, end = (round(120 * (at - low) / (high - low)) for at in (metric.low, metric.value, metric.high))
    line = f"<path d='M{start} 6H{end}' stroke='currentColor' opacity='.5'/>"
    dot = f"<circle cx='{middle}' cy='6' r='3' style='fill:var(--hx)'/>"
    return f"<svg class=hx-mark width=120 height=12 aria-label='{bounds(metric)}'>{line}{dot}</svg>"


def _reliability(bins: Sequence[CalibrationBin]) -> str:
    marks = []
    for b in bins:
        x, y = round(180 * b.mean_score), round(180 - 180 * b.rate)
        if b.rate_low is not None and b.rate_high is not None:
            top, bottom = round(180 - 180 * b.rate_high), round(180 - 180 * b.rate_low)
            marks.append(f"<path d='M{x} {top}V{bottom}' stroke='currentColor' opacity='.5'/>")
        said = f"score {figure(b.mean_score)}, rate {figure(b.rate)}, {b.weight:,.0f} rows"
        marks.append(f"<circle cx='{x}' cy='{y}' r='3.5' style='fill:var(--hx)'><title>{said}</title></circle>")
    frame = (
        "<rect width='180' height='180' fill='none' stroke='currentColor' opacity='.3'/>"
        "<path d='M0 180L180 0' stroke='currentColor' opacity='.4' stroke-dasharray='4 4'/>"
    )
    label = (
        "<g text-anchor='middle' font-size='11' fill='currentColor'>"
        "<text x='90' y='198'>mean score, 0 to 1</text>"
        "<text x='-90' y='-6' transform='rotate(-90)'>rate of positives</text></g>"
    )
    return (
        "<svg class=hx-mark width=210 height=206 viewBox='-20 -4 210 206' role=img "
        f"aria-label='Reliability diagram'>{frame}{''.join(marks)}{label}</svg>"
    )


def _differences(first: str, rows: Iterable[tuple[str, Difference]]) -> str:
    cells = []
    for title, row in rows:
        sign = "+" if row.difference is not None and row.difference > 0 else ""
        figures = [figure(row.candidate), figure(row.baseline), sign + figure(row.difference)]
        cells.append([_text(title), *figures, verdict(row)])
    return _table([_text(first), "candidate", "baseline", "difference", ""], cells)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{cell}</th>" for cell in header)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _more(total: int) -> str:
    return f"<p><small>and {total - MOST_ROWS:,} more slices</small></p>" if total > MOST_ROWS else ""


def _text(value: str, longest: int = LONGEST_NAME) -> str:
    return escape(value if len(value) <= longest else value[: longest - 1] + "…")


def _page(body: Sequence[str]) -> str:
    return f"<div class=hx-eval>{STYLE}{''.join(body)}</div>"
