"""The OpenAPI document, written to a file: the portal's types are generated from it."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from hendrix.server.app import application
from hendrix.session import Home, Settings, open_host


def text() -> str:
    """Return the document as it is committed."""
    with tempfile.TemporaryDirectory() as folder:
        app = application(open_host(Settings({"home": folder}), Home(Path(folder))))
        return json.dumps(app.openapi(), indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(text())
