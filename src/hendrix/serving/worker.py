"""One deployment's server process: `python -m hendrix.serving.worker ORDER STATUS FD`, started by the agent.

It never opens the graph: what it serves stands in the order, the model comes from the artifacts by digest.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from hendrix.entities import HendrixError, InvalidInputError
from hendrix.serving.records import WorkerOrder, WorkerStatus
from hendrix.session import Home, read_record, this_process, write_record

if TYPE_CHECKING:
    from hendrix.serving.core import InferenceCore
    from hendrix.serving.loading import Loaded
    from hendrix.serving.records import WorkerState

_LOG = logging.getLogger("hendrix.serving.worker")


class Worker:
    """The life of a worker: it loads, serves, drains and ends."""

    def __init__(self, order: WorkerOrder, status: Path, listener: socket.socket) -> None:
        self._order = order
        self._status = status
        self._listener = listener
        self.say("loading")

    def say(self, state: WorkerState, error: str = "", hint: str = "") -> None:
        """Write how it goes."""
        told = WorkerStatus(process=this_process(), state=state, error=error, hint=hint)
        write_record(self._status, told)

    async def run(self) -> None:
        """Serve until SIGTERM, then answer what is under way and write the rest of the log."""
        from hendrix.serving.core import InferenceCore
        from hendrix.serving.http_server import serve

        loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        loop.add_signal_handler(signal.SIGTERM, stop.set)
        core = InferenceCore(self._order.served)
        serving = asyncio.create_task(serve(core, self._listener, stop)) if self._order.at_once else None
        loading = asyncio.create_task(self._load(core))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({loading, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if loading.done():
            # A replacement that failed must not answer: the version before does.
            if serving is None and not core.failure:
                serving = asyncio.create_task(serve(core, self._listener, stop))
            self._say_loaded(core)
        await stopping
        self.say("stopping")
        if serving is not None:
            await serving

    async def _load(self, core: InferenceCore) -> None:
        try:
            loaded = await asyncio.to_thread(self._loaded)
        except HendrixError as error:
            _LOG.exception("the model could not be loaded")
            core.failed(error.message, error.hint)
        except Exception as error:  # noqa: BLE001 - a model may fail in any way; it is told, and logged
            _LOG.exception("the model could not be loaded")
            core.failed(f"{type(error).__name__}: {error}", "")
        else:
            from hendrix.serving.prediction_log import PredictionLog

            folder = Path(self._order.home) / "predictions" / self._order.deployment.hex
            core.ready(
                loaded.model, loaded.spec, loaded.features, PredictionLog(folder, self._order.served, loaded.spec)
            )
            # What is loaded stays: the collector of cycles need not look at it again.
            gc.collect()
            gc.freeze()

    def _loaded(self) -> Loaded:
        from hendrix.serving.loading import load

        return load(self._order)

    def _say_loaded(self, core: InferenceCore) -> None:
        served = self._order.served
        if core.failure:
            self.say("failed", core.failure, core.failure_hint)
            return
        self.say("ready")
        _LOG.info("serving %s on port %d (%s)", served.ref, self._order.port, core.how())


def main(arguments: list[str]) -> int:
    """Run a worker on a socket that was handed over."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s", level=logging.INFO)
    order_file, status_file, descriptor = arguments
    order = read_record(Path(order_file), WorkerOrder)
    if order is None:
        message = f"there is no order in {order_file} that can be read"
        raise InvalidInputError(message, hint="Workers are started by the agent: `hendrix up`.")
    Home(Path(order.home)).share()
    # The loop answers; the threads of the model and of the log give way to it sooner than after the usual 5 ms.
    sys.setswitchinterval(0.001)
    listener = socket.socket(fileno=int(descriptor))
    listener.set_inheritable(False)
    asyncio.run(Worker(order, Path(status_file), listener).run())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
