"""The figures of the demo: the model beside the baseline, by rows, airport and month."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from hendrix.cli import output
from hendrix.evaluation import Report
from hendrix.session import client, short
from hendrix.session.operations import show
from hendrix.session.records import Show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hendrix.evaluation import Evaluation, Slice
    from hendrix.models import ModelVersion

METRICS = ("auc", "log_loss", "precision", "recall", "calibration_error")


def tell_comparison(model: ModelVersion, references: Sequence[str]) -> None:
    """Print the evaluations: baseline and model on October and November, then three on December."""
    compared, candidate, baseline, live, frozen = (_evaluation(reference) for reference in references)
    name = short(model.ref)
    click.echo(f"\nlate by more than 15 minutes: {name} beside {baseline.name}\n")
    _table(
        f"October and November: {candidate.rows:,} flights, {candidate.left_out:,} without a label left out",
        {name: candidate, compared.name: compared},
    )
    _table(
        f"December: {live.rows:,} flights, {live.left_out:,} without a label left out",
        {name: live, f"{name}, features of 06:00": frozen, baseline.name: baseline},
    )
    click.echo("AUC by airport and month")
    for before, after, plain in ((candidate, None, compared), (live, frozen, baseline)):
        for number, part in enumerate(before.slices):
            figures = [f"{_figure(part, 'auc'):>8}"]
            if after is not None:
                figures.append(f"{_figure(after.slices[number], 'auc'):>8} from 06:00")
            figures.append(f"{_figure(plain.slices[number], 'auc'):>8} baseline")
            rows = "Oct, Nov" if after is None else "December"
            click.echo(f"  {rows}  {part.title:12} {part.rows:>7,} {'  '.join(figures)}")


def _table(title: str, evaluations: dict[str, Evaluation]) -> None:
    click.echo(title)
    wide = max(len(name) for name in evaluations)
    click.echo(f"  {'':{wide}}  " + "  ".join(f"{name.replace('_', ' '):>{_width(name)}}" for name in METRICS))
    for name, evaluation in evaluations.items():
        cells = (f"{_figure(evaluation, metric):>{_width(metric)}}" for metric in METRICS)
        click.echo(f"  {name:{wide}}  " + "  ".join(cells))
    click.echo()


def _figure(of: Evaluation | Slice, metric: str) -> str:
    value = of.metric(metric).value
    return "-" if value is None else output.number(value)


def _width(metric: str) -> int:
    return max(len(metric), 8)


def _evaluation(reference: str) -> Evaluation:
    return Report(client().call(show, Show(ref=reference))).evaluation
