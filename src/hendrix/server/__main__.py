"""`python -m hendrix.server`."""

from __future__ import annotations

import sys

from hendrix.server.process import main

sys.exit(main())
