"""The inference server without a framework: a request in, an answer out.

The RSGI and ASGI shells translate; everything that can be asked is decided here, so both answer with the same bytes.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
import os
import time
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote

import msgspec

from hendrix.entities import HendrixError
from hendrix.serving import invocations, metrics, open_inference
from hendrix.serving.access import Access
from hendrix.serving.description import describe, stats
from hendrix.serving.execution import INLINE_ROWS, Execution, time_rows
from hendrix.serving.prediction_log import Prediction
from hendrix.serving.preparation import Preparation
from hendrix.serving.problems import (
    MethodError,
    NotReadyError,
    TooLargeError,
    UnknownRouteError,
    encode,
    unexpected,
)
from hendrix.serving.statistics import Statistics

if TYPE_CHECKING:
    from hendrix.serving.prediction_log import PredictionLog
    from hendrix.serving.records import Served, ServingSpec
    from hendrix.serving.seams import FeatureReader, Model

    Headers = list[tuple[str, str]]
    Answer = tuple[int, Headers, bytes]

MAX_BODY = 64 * 1024 * 1024
LARGE_BODY = 256 * 1024
"""Bodies over this are parsed in a thread, so that health checks are never kept waiting."""
RETRY_AFTER = 1
LOADING, READY, FAILED, DRAINING = "loading", "ready", "failed", "draining"
_SAFE: Headers = [("x-content-type-options", "nosniff"), ("cross-origin-resource-policy", "same-origin")]
_JSON: Headers = [("content-type", "application/json"), *_SAFE]
_PROBLEM: Headers = [("content-type", "application/problem+json"), *_SAFE]
_TEXT: Headers = [("content-type", "text/plain; charset=utf-8"), *_SAFE]
_GET, _POST = ("GET", "HEAD"), ("POST",)


class RequestHeaders(Protocol):
    """What the core reads of a request's headers: names in lower case."""

    def get(self, key: str, default: Any = None, /) -> Any:
        """Give a header's value."""
        ...


class InferenceCore:
    """One deployment's server.

    Parameters
    ----------
    served
        The version that it serves.
    access
        The hosts that it goes by.
    max_body
        Bytes that a request's body may have.
    """

    def __init__(self, served: Served, *, access: Access | None = None, max_body: int = MAX_BODY) -> None:
        self.served = served
        self.state = LOADING
        self.failure = ""
        self.failure_hint = ""
        self.spec: ServingSpec | None = None
        self.execution: Execution | None = None
        self.log: PredictionLog | None = None
        self.statistics = Statistics()
        self.max_body = max_body
        self._access = access or Access()
        self._preparation: Preparation | None = None
        self._next_id = int.from_bytes(os.urandom(10)) << 48
        self._model_path = f"/v2/models/{served.model}"
        self._version_path = f"{self._model_path}/versions/{served.version}"
        self._infer = (f"{self._model_path}/infer", f"{self._version_path}/infer")
        self._marks: Headers = [("hendrix-version", served.ref or served.version)]

    def ready(
        self,
        model: Model,
        spec: ServingSpec,
        features: FeatureReader | None = None,
        log: PredictionLog | None = None,
    ) -> None:
        """Begin to serve a loaded model; called on the event loop."""
        preparation = Preparation(spec, features)
        self.spec = spec
        self._preparation = preparation
        one_row_us = time_rows(model, spec, preparation, 1)
        batch_us = None if one_row_us is None else time_rows(model, spec, preparation, INLINE_ROWS)
        self.execution = Execution(model, preparation, one_row_us, batch_us)
        self.log = log
        self.state = READY

    def failed(self, why: str, hint: str = "") -> None:
        """Say that the model could not be loaded, and the way out."""
        self.state, self.failure, self.failure_hint = FAILED, why, hint

    def how(self) -> str:
        """Say how the model is run."""
        execution = self.execution
        if execution is None:
            return "not loaded"
        took = "" if execution.one_row_us is None else f", {execution.one_row_us:.0f} microseconds a row"
        return f"{'on the event loop' if execution.inline else 'in a thread'}{took}"

    def drain(self) -> None:
        """Answer what is under way, and tell health checks to send nothing more."""
        self.state = DRAINING

    def close(self) -> None:
        """Write the rest of the log and end the threads."""
        if self.execution is not None:
            self.execution.close()
        if self.log is not None:
            self.log.close()

    def refuse_size(self, length: str | None) -> Answer | None:
        """Refuse a body by its declared length, before it is read."""
        try:
            self._check_size(int(length) if length is not None and length.isdigit() else 0)
        except TooLargeError as error:
            return self._refusal(error)
        return None

    async def answer(self, method: str, path: str, headers: RequestHeaders, body: bytes) -> Answer:
        """Answer a request.

        Parameters
        ----------
        method, path
            As HTTP has them; the path without its query, percent-encoded or not.
        headers
            Names in lower case.
        body
            All of it.
        """
        arrived = time.perf_counter_ns()
        protocol = "v2" if path in self._infer else "invocations" if path == "/invocations" else ""
        prediction = bool(protocol) and method == "POST"
        try:
            self._access.check(headers.get("host"), headers.get("origin"))
            self._check_size(len(body))
            if prediction:
                return await self._predict(protocol, headers, body, arrived)
            return self._route(method, path)
        except HendrixError as error:
            if prediction:
                self._count(protocol, error.status, arrived, 0, {})
            return self._refusal(error)
        except Exception as error:  # noqa: BLE001 - the last line before the socket: the client gets a document
            failure = unexpected(error)
            if prediction:
                self._count(protocol, failure.status, arrived, 0, {})
            return self._refusal(failure)

    async def _predict(self, protocol: str, headers: RequestHeaders, body: bytes, arrived: int) -> Answer:
        spec, preparation, execution = self._loaded()
        received_us = time.time_ns() // 1000
        wanted: open_inference.Wanted | None = None
        large = len(body) > LARGE_BODY
        if protocol == "v2":
            length = headers.get(open_inference.BINARY_LENGTH)
            asked, wanted = (
                await asyncio.to_thread(open_inference.parse, body, length, spec)
                if large
                else open_inference.parse(body, length, spec)
            )
        else:
            asked = await asyncio.to_thread(invocations.parse, body, spec) if large else invocations.parse(body, spec)
        prepared = preparation.prepare(asked)
        output = await execution.predict(prepared)
        self._next_id += 1
        prediction_id = f"{self._next_id:032x}"
        answer_headers = [*_JSON, *self._marks, ("hendrix-prediction-id", prediction_id)]
        if prepared.unseen:
            told = ",".join(f"{view}={count}" for view, count in prepared.unseen.items())
            answer_headers.append(("hendrix-unseen-keys", told))
        if wanted is None:
            answer = invocations.encode(output)
        else:
            parameters = {f"unseen_keys.{view}": count for view, count in prepared.unseen.items()}
            if prepared.unseen:
                parameters["unseen_keys"] = sum(prepared.unseen.values())
            answer, head = open_inference.encode(output, wanted, self.served, spec, parameters)
            if head is not None:
                answer_headers[0] = ("content-type", "application/octet-stream")
                answer_headers.append((open_inference.BINARY_LENGTH, str(head)))
        latency = self._count(protocol, 200, arrived, prepared.rows, prepared.unseen)
        if self.log is not None:
            self.log.append(Prediction(prediction_id, asked.request_id, received_us, latency, prepared, output))
        return 200, answer_headers, answer

    def _count(self, protocol: str, status: int, arrived: int, rows: int, unseen: dict[str, int]) -> int:
        micros = (time.perf_counter_ns() - arrived) // 1000
        self.statistics.record(protocol, status, micros, rows, unseen)
        return micros

    def _loaded(self) -> tuple[ServingSpec, Preparation, Execution]:
        if self.spec is None or self._preparation is None or self.execution is None:
            if self.state == FAILED:
                message = f"the model could not be loaded: {self.failure}"
                raise NotReadyError(
                    message, hint=self.failure_hint or f"hendrix deployment logs {self.served.deployment}"
                )
            message = f"the model {self.served.model!r} is still loading"
            raise NotReadyError(message, hint="Send it again in a second.")
        return self.spec, self._preparation, self.execution

    def _check_ready(self) -> None:
        self._loaded()
        if self.state != READY:
            message = f"the server is {self.state}"
            raise NotReadyError(message, hint="Send it again in a second.")

    def _route(self, method: str, path: str) -> Answer:
        allowed = _POST if path in self._infer or path == "/invocations" else _GET
        answer = self._page(path) if allowed is _GET else None
        if answer is None and allowed is _GET:
            answer = self._model_page(unquote(path))
        if method not in allowed:
            message = f"{path} takes {allowed[0]}, not {method}"
            raise MethodError(message, hint=f"Send {allowed[0]} {path}.")
        if answer is None:
            message = f"there is nothing at {path}"
            raise UnknownRouteError(message, hint=f"GET / lists what there is; predictions: POST {self._infer[0]}.")
        return answer if method == "GET" else (answer[0], answer[1], b"")

    def _page(self, path: str) -> Answer | None:
        told: Any = None
        if path == "/":
            told = describe(self)
        elif path == "/stats":
            told = stats(self)
        elif path in ("/v2", "/v2/"):
            told = {"name": "hendrix", "version": self.served.version, "extensions": open_inference.EXTENSIONS}
        elif path == "/v2/health/live":
            told = {"live": True}
        elif path == "/v2/health/ready":
            self._check_ready()
            told = {"ready": True}
        elif path == "/metrics":
            return 200, [("content-type", metrics.CONTENT_TYPE), *_SAFE], self._metrics()
        elif path == "/version":
            return 200, _TEXT, importlib.metadata.version("hendrix-ml").encode()
        elif path in ("/ping", "/health"):
            self._check_ready()
            return 200, _TEXT, b"\n"
        return None if told is None else (200, _JSON, msgspec.json.encode(told))

    def _model_page(self, path: str) -> Answer | None:
        for known in (self._version_path, self._model_path):
            if path == known:
                spec, _, _ = self._loaded()
                return 200, _JSON, msgspec.json.encode(open_inference.model_metadata(self.served, spec))
            if path == f"{known}/ready":
                self._check_ready()
                told = {"name": self.served.model, "ready": True}
                return 200, _JSON, msgspec.json.encode(told)
        if path.startswith("/v2/models/"):
            name, _, rest = path.removeprefix("/v2/models/").partition("/")
            if name != self.served.model:
                message = f"there is no model {name!r} here"
                raise UnknownRouteError(message, hint=f"This server has {self.served.model!r}.")
            if rest.startswith("versions/"):
                number = rest.removeprefix("versions/").partition("/")[0]
                if number != self.served.version:
                    message = f"there is no version {number!r} of {name!r} here"
                    raise UnknownRouteError(message, hint=f"This server has version {self.served.version}.")
        return None

    def _metrics(self) -> bytes:
        execution, log = self.execution, self.log
        gauges = {"hendrix_ready": float(self.state == READY)}
        counters: dict[str, float] = {}
        if execution is not None:
            gauges["hendrix_queue_rows"] = execution.queued_rows
            counters["hendrix_batches_total"] = execution.batches
            counters["hendrix_refused_total"] = execution.refused
        if log is not None:
            gauges["hendrix_prediction_log_waiting_rows"] = log.waiting_rows
            counters["hendrix_prediction_log_rows_total"] = log.written
            counters["hendrix_prediction_log_dropped_rows_total"] = log.dropped
        return metrics.render(self.served, self.statistics, gauges, counters)

    def _check_size(self, size: int) -> None:
        if size > self.max_body:
            message = f"the body has {size} bytes, {self.max_body} are the limit"
            raise TooLargeError(message, hint="Send the rows in several requests, or predict them in a batch.")

    def _refusal(self, error: HendrixError) -> Answer:
        headers = [*_PROBLEM, *self._marks]
        if error.status == 503:  # noqa: PLR2004 - the status that asks to come again
            headers.append(("retry-after", str(RETRY_AFTER)))
        if isinstance(error, MethodError):
            headers.append(("allow", "POST" if "POST" in error.hint else "GET, HEAD"))
        return error.status, headers, encode(error)
