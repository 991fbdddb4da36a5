"""`python -m hendrix.agent start|run|stop|status`: the agent as a command, for rooms that may not import it."""

from __future__ import annotations

import argparse
import logging
import sys

from hendrix.entities import HendrixError
from hendrix.session import Home


def main(arguments: list[str] | None = None) -> int:
    """Start the agent in the background, be it, end it, or say whether there is one."""
    parser = argparse.ArgumentParser(prog="python -m hendrix.agent", description=__doc__)
    parser.add_argument("verb", choices=("start", "run", "stop", "status"))
    parser.add_argument("--home", help="the state folder")
    given = parser.parse_args(arguments)
    home = Home.find(given.home)
    try:
        return _do(given.verb, home)
    except HendrixError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the command's own words
        return error.exit_code


def _do(verb: str, home: Home) -> int:
    if verb == "run":
        from hendrix.agent.loop import run

        logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s", level=logging.INFO)
        return run(home)
    from hendrix.agent.holding import living
    from hendrix.agent.launching import end, ensure

    if verb == "start":
        print(ensure(home).agent)  # noqa: T201 - the command's own words
    elif verb == "stop":
        print("ended" if end(home) else "nothing ran")  # noqa: T201 - the command's own words
    else:
        note = living(home.root)
        print(f"{note.agent} (process {note.process.pid})" if note else "none")  # noqa: T201 - the command's own words
        return 0 if note else 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
