"""The `hendrix` command: nouns of the graph and verbs, a thin skin over the SDK.

Commands are imported when they are called, so that `hendrix --help` answers at once.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

import click

from hendrix.entities import HendrixError

COMMANDS: dict[str, tuple[str, str]] = {
    "up": ("server:up", "Start the server and the portal."),
    "down": ("server:down", "Stop the server, the agent and what it keeps."),
    "open": ("server:open_portal", "Open the portal in a browser, signed in."),
    "demo": ("demo:demo", "Run the whole path on 336,776 real flights."),
    "deploy": ("deployment:deploy", "Serve a model version over HTTP."),
    "predict": ("deployment:predict", "Ask a deployment for predictions."),
    "lineage": ("lineage:lineage", "Show where a thing came from and who uses it."),
    "run": ("nouns:run", "Tracked runs, and the runs of tasks, workflows and jobs."),
    "job": ("job:job", "Jobs on Ray."),
    "workflow": ("workflow:workflow", "Workflows: run a Flyte program, look at its tasks."),
    "dataset": ("nouns:dataset", "Datasets and their versions."),
    "feature": ("nouns:feature", "Feature views and their versions."),
    "model": ("nouns:model", "Models and their versions."),
    "evaluation": ("nouns:evaluation", "Evaluations."),
    "project": ("nouns:project", "Projects."),
    "deployment": ("deployment:deployment", "What is being served."),
    "config": ("settings:config", "Show every setting and where its value comes from."),
    "doctor": ("doctor:doctor", "Check the installation, and say how to mend what is missing."),
}
"""Every command: where it is, and what `--help` says of it."""

EXAMPLES = """\b
  hendrix demo                          the whole path, on real flights
  hendrix up                            the server and the portal
"""


class Lazy(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import a command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(f"hendrix.cli.{module}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the table without importing a command."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Offer the nearest command for a mistyped one."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            if near and error.message:
                message = f"{error.message} Did you mean {near[0]!r}?"
                raise click.UsageError(message, ctx) from error
            raise


@click.group(
    cls=Lazy,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    help=f"""\
From an idea to a model in production, in one place.

{EXAMPLES}
""",
)
@click.version_option(package_name="hendrix-ml", prog_name="hendrix")
@click.option("--debug", is_flag=True, help="Show the traceback of a failure.")
@click.option("--home", metavar="FOLDER", help="The state folder to work on.")
@click.option("--url", metavar="URL", help="The server to speak to.")
def cli(debug: bool, home: str | None, url: str | None) -> None:  # noqa: FBT001 - click passes flags by name
    """Take what holds for every command."""
    if debug:
        os.environ["HENDRIX_DEBUG"] = "1"
    if home:
        os.environ["HENDRIX_HOME"] = home
    if url:
        os.environ["HENDRIX_URL"] = url


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code: 0 done, 1 failed, 2 usage, 3 not found, 4 refused."""
    out = sys.stdout
    try:
        answer: Any = cli.main(arguments, standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.Abort as aborted:  # what click makes of Ctrl-C; who was interrupted may have said how to go on
        return _fail(str(aborted.__cause__ or "") or "stopped", "", 130)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (BrokenPipeError, SystemExit) as leaving:
        # Of a closed pipe, click makes a SystemExit and wraps stdout; any other is a program's own.
        if isinstance(leaving, SystemExit) and sys.stdout is out:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())
        return 0
    except HendrixError as error:
        if os.environ.get("HENDRIX_DEBUG"):
            raise
        return _fail(error.message, error.hint, error.exit_code)
    return answer if isinstance(answer, int) else 0


def _fail(message: str, hint: str, code: int) -> int:
    red = click.style("hendrix:", fg="red", bold=True) if sys.stderr.isatty() else "hendrix:"
    click.echo(f"{red} {message}", err=True)
    if hint:
        click.echo(f"  {hint}", err=True)
    return code


def run() -> None:
    """Be the program `hendrix`."""
    sys.exit(main())


if __name__ == "__main__":
    run()
