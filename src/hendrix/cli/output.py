"""What commands print: tables for people, plain text for pipes, the API's records for `--json`."""

from __future__ import annotations

import shutil
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click
import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from hendrix.entities import Entity, State

MARKS = {
    "queued": ("○", "white"),
    "running": ("◐", "blue"),
    "waiting": ("✋", "yellow"),
    "finished": ("●", "green"),
    "active": ("●", "green"),
    "failed": ("✗", "red"),
    "lost": ("✗", "red"),
    "stopped": ("■", "white"),
    "deleted": ("·", "white"),
}
"""A shape and a colour for each state: the meaning is in both."""

CELL = 160
"""How many characters of a fact are shown."""
FEW = 8
"""How many items of a list are named."""

json_option = click.option("--json", "as_json", is_flag=True, help="Print the API's records, one a line for lists.")


def print_json(value: Any) -> None:
    """Print one record as a line of JSON."""
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")


def print_lines(values: Iterable[Any]) -> None:
    """Print records, one JSON object a line."""
    for value in values:
        print_json(value)


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, empty: str) -> None:
    """Print aligned columns, cut to the terminal's width; in a pipe, separated by tabs and whole."""
    if not rows:
        click.echo(empty, err=True)
        return
    if not sys.stdout.isatty():
        for row in rows:
            click.echo("\t".join(click.unstyle(cell) for cell in row))
        return
    widths = [max(len(click.unstyle(cell)) for cell in column) for column in zip(columns, *rows, strict=True)]
    room = shutil.get_terminal_size().columns
    while sum(widths) + 2 * len(widths) > room and max(widths) > 12:  # noqa: PLR2004 - a column stays readable
        widths[widths.index(max(widths))] -= 1
    click.echo(
        "  ".join(click.style(name.upper().ljust(width), dim=True) for name, width in zip(columns, widths, strict=True))
    )
    for row in rows:
        click.echo("  ".join(_fit(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _fit(cell: str, width: int) -> str:
    bare = click.unstyle(cell)
    return cell + " " * (width - len(bare)) if len(bare) <= width else bare[: width - 1] + "…"


def pairs(rows: Iterable[tuple[str, str]]) -> None:
    """Print names and values, aligned."""
    listed = list(rows)
    width = max((len(name) for name, _ in listed), default=0)
    for name, value in listed:
        click.echo(f"{click.style(name.ljust(width), dim=True)}  {value}")


def state(value: State | str) -> str:
    """Write a state by its mark and its word."""
    mark, colour = MARKS.get(str(value), ("?", "white"))
    return click.style(f"{mark} {value}", fg=colour)


def ago(moment: datetime | None) -> str:
    """Write how long ago something was: 4 minutes ago."""
    if moment is None:
        return ""
    seconds = (datetime.now(UTC) - moment).total_seconds()
    if seconds < 5:  # noqa: PLR2004
        return "now"
    for size, word in ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {word}{'s' if count != 1 else ''} ago"
    return "now"


def duration(seconds: float | None) -> str:
    """Write a length of time: 350 ms, 4.2 s, 2 min 10 s, 3 h 5 min."""
    if seconds is None:
        return ""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:  # noqa: PLR2004
        return f"{seconds:.1f} s"
    if seconds < 3600:  # noqa: PLR2004
        return f"{seconds // 60:.0f} min {seconds % 60:.0f} s"
    return f"{seconds // 3600:.0f} h {seconds % 3600 // 60:.0f} min"


def lasted(entity: Entity) -> str:
    """Write how long a run took, or has been running."""
    if entity.started_at is None:
        return ""
    return duration(((entity.ended_at or datetime.now(UTC)) - entity.started_at).total_seconds())


def size(count: float | None) -> str:
    """Write a number of bytes: 3.4 GB."""
    if count is None:
        return ""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:  # noqa: PLR2004
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.3g} {unit}"
        value /= 1000
    return f"{value:.3g} TB"


def number(value: float | None) -> str:
    """Write a metric with four significant digits, a count with separators."""
    if value is None:
        return "NaN"
    if isinstance(value, int) or (abs(value) >= 1000 and value == int(value)):  # noqa: PLR2004
        return f"{int(value):,}"
    return f"{value:.4g}"


def scalar(value: Any) -> str:
    """Write any fact in one short cell; `--json` has it whole."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return number(value)
    if value is None:
        return ""
    text = value if isinstance(value, str) else _nested(msgspec.to_builtins(value))
    return text if len(text) <= CELL else f"{text[: CELL - 1]}…"


def _nested(value: Any) -> str:
    """Write a list by its items' names, a record by its fields."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {scalar(inner)}" for name, inner in value.items())
    if not isinstance(value, list | tuple):
        return scalar(value)
    shown = [_called(item) for item in value[:FEW]]
    return ", ".join(shown) + (f" and {len(value) - FEW} more" if len(value) > FEW else "")


def _called(item: Any) -> str:
    if isinstance(item, dict):
        for key in ("name", "column", "path"):
            if key in item:
                return str(item[key]).rpartition("/")[2]
    return scalar(item)


def following(lines: Iterable[str], echo: Callable[[str], None] | None = None) -> None:
    """Print lines as they come, until they end or the person presses Ctrl-C."""
    say = echo or click.echo
    try:
        for line in lines:
            say(line)
    except KeyboardInterrupt:
        click.echo("stopped following; what is followed goes on", err=True)
