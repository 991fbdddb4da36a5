"""The agent: the one background process of a host that makes deployments as the graph says they should be.

In come rows of the graph (what should run) and duties with their intervals; out come worker processes on stable
ports, and observations of how they are. One agent works on a state folder at a time: it holds a lock that falls
with its process. A killed agent's workers go on answering, and the next agent takes them over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hendrix.lazy import attach

if TYPE_CHECKING:
    from hendrix.agent.duties import Duty
    from hendrix.agent.holding import AgentNote, living
    from hendrix.agent.launching import end, ensure

__all__ = ["AgentNote", "Duty", "end", "ensure", "living"]

__getattr__, __dir__ = attach(
    __name__,
    {
        "duties": ("Duty",),
        "holding": ("AgentNote", "living"),
        "launching": ("end", "ensure"),
    },
)
