"""`hendrix config`: every setting, its value and its origin."""

from __future__ import annotations

import click

from hendrix.cli import output
from hendrix.session import Home, Settings


@click.command(
    help="""Show every setting, its value and where that came from.

\b
  hendrix config
  HENDRIX_PROJECT=delay hendrix config
"""
)
@output.json_option
def config(as_json: bool) -> None:  # noqa: FBT001
    """Print the settings."""
    settings = Settings()
    if as_json:
        output.print_lines(settings.all())
        return
    rows = [[setting.name, setting.value or "", setting.origin, setting.about] for setting in settings.all()]
    output.table(["setting", "value", "origin", "what it is for"], rows, empty="")
    click.echo(f"state folder: {Home.find(settings['home']).root}", err=True)
