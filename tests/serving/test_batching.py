"""The timer-less batcher: it collects while the model is busy, and nobody's failure or absence hurts another."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from serving_parts import ROW, Gated, Store, flights

from hendrix.serving import InputColumn, ServingSpec
from hendrix.serving.asked import Prepared
from hendrix.serving.batching import Batcher
from hendrix.serving.execution import Execution, time_rows
from hendrix.serving.preparation import Preparation
from hendrix.serving.problems import ModelError, OverloadedError

if TYPE_CHECKING:
    from collections.abc import Callable


def prepared(*values: float) -> Prepared:
    return Prepared(rows=len(values), at_us=0, inputs={"x": list(values)})


class Blocking:
    """Doubles each value; holds the thread until it is let go."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.entered = threading.Event()
        self.batches: list[list[float]] = []

    def __call__(self, inputs: dict[str, Any]) -> Any:
        self.batches.append(list(inputs["x"]))
        self.entered.set()
        assert self.gate.wait(10)
        if -13.0 in inputs["x"]:
            message = "unlucky"
            raise ValueError(message)
        return np.array(inputs["x"]) * 2


def run(test: Callable[[Blocking, Callable[..., Batcher]], Any]) -> None:
    async def main() -> None:
        model = Blocking()
        made: list[Batcher] = []

        def make(**options: Any) -> Batcher:
            made.append(Batcher(model, **options))
            return made[-1]

        await test(model, make)
        for batcher in made:
            batcher.close()

    asyncio.run(main())


async def entered(model: Blocking) -> None:
    assert await asyncio.to_thread(model.entered.wait, 10)


def test_what_comes_while_the_model_is_busy_goes_together() -> None:
    async def test(model: Blocking, make: Callable[..., Batcher]) -> None:
        batcher = make()
        asked = [asyncio.create_task(batcher.predict(prepared(float(i)))) for i in range(20)]
        await entered(model)
        model.gate.set()
        assert [a.tolist() for a in await asyncio.gather(*asked)] == [[2.0 * i] for i in range(20)]
        assert model.batches == [[0.0], [float(i) for i in range(1, 20)]]
        assert batcher.queued_rows == 0

    run(test)


def test_a_batch_never_exceeds_its_rows_unless_one_request_does() -> None:
    async def test(model: Blocking, make: Callable[..., Batcher]) -> None:
        batcher = make(max_batch_rows=4)
        asked = [asyncio.create_task(batcher.predict(prepared(*range(n)))) for n in (1, 3, 1, 9, 2)]
        await entered(model)
        model.gate.set()
        assert [len(a) for a in await asyncio.gather(*asked)] == [1, 3, 1, 9, 2]
        assert [len(b) for b in model.batches] == [1, 4, 9, 2]

    run(test)


def test_one_bad_request_fails_alone() -> None:
    async def test(model: Blocking, make: Callable[..., Batcher]) -> None:
        model.gate.set()
        batcher = make()
        values = (1.0, 2.0, -13.0, 4.0)
        asked = [asyncio.create_task(batcher.predict(prepared(v))) for v in values]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        assert isinstance(answers[2], ModelError)
        assert "ValueError: unlucky" in answers[2].message
        assert [a.tolist() for a in answers if not isinstance(a, BaseException)] == [[2.0], [4.0], [8.0]]

    run(test)


def test_a_full_queue_refuses_and_recovers() -> None:
    async def test(model: Blocking, make: Callable[..., Batcher]) -> None:
        batcher = make(max_queued_rows=3)
        first = asyncio.create_task(batcher.predict(prepared(0.0)))
        await entered(model)
        waiting = [asyncio.create_task(batcher.predict(prepared(float(i)))) for i in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(OverloadedError, match="3 rows wait already"):
            await batcher.predict(prepared(9.0))
        model.gate.set()
        await asyncio.gather(first, *waiting)
        assert (await batcher.predict(prepared(9.0))).tolist() == [18.0]
        assert batcher.refused == 1

    run(test)


def test_those_who_left_are_left_out() -> None:
    async def test(model: Blocking, make: Callable[..., Batcher]) -> None:
        batcher = make()
        first = asyncio.create_task(batcher.predict(prepared(0.0)))
        await entered(model)
        gone, stays = (asyncio.create_task(batcher.predict(prepared(v))) for v in (5.0, 6.0))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.sleep(0)
        model.gate.set()
        await first
        assert (await stays).tolist() == [12.0]
        assert model.batches == [[0.0], [6.0]]

    run(test)


def test_who_waited_past_the_deadline_is_refused() -> None:
    async def test(model: Blocking, make: Callable[..., Batcher]) -> None:
        batcher = make(deadline=0.0)
        first = asyncio.create_task(batcher.predict(prepared(0.0)))
        late = asyncio.create_task(batcher.predict(prepared(1.0)))
        await asyncio.sleep(0)
        model.gate.set()
        answers = await asyncio.gather(first, late, return_exceptions=True)
        assert isinstance(answers[1], OverloadedError)

    run(test)


def test_quick_models_run_on_the_loop_and_slow_ones_in_the_thread() -> None:
    spec = ServingSpec(inputs=(InputColumn(name="x", type="double"),))

    class Model:
        def __init__(self) -> None:
            self.threads: set[int] = set()

        def predict(self, columns: dict[str, Any]) -> Any:
            self.threads.add(threading.get_ident())
            return columns["x"]

    async def main() -> None:
        loop_thread = threading.get_ident()
        for one_row_us, batch_us, inline, batches in (
            (5.0, 50.0, True, {0}),
            (400.0, 900.0, True, {1}),
            (400.0, 9000.0, False, range(1, 21)),
            (None, None, False, range(1, 21)),
        ):
            model = Model()
            execution = Execution(model, Preparation(spec, None), one_row_us, batch_us)
            assert execution.inline is inline
            answers = await asyncio.gather(*(execution.predict(prepared(float(i))) for i in range(20)))
            assert [a.tolist() for a in answers] == [[float(i)] for i in range(20)]
            assert (model.threads == {loop_thread}) is inline
            assert execution.batches in batches
            assert (await execution.predict(prepared(*range(200)))).tolist() == list(range(200))
            assert model.threads - {loop_thread}
            execution.close()

    asyncio.run(main())
    timed = [time_rows(Model(), spec, Preparation(spec, None), rows) for rows in (1, 64)]
    assert all(micros is not None and 0 < micros < 1_000_000 for micros in timed)


def test_on_the_loop_too_one_bad_request_fails_alone_and_a_full_queue_refuses() -> None:
    async def test(model: Blocking, _: Callable[..., Batcher]) -> None:
        model.gate.set()
        batcher = Batcher(model, inline=True, max_batch_rows=2, max_queued_rows=4)
        asked = [asyncio.create_task(batcher.predict(prepared(v))) for v in (1.0, -13.0, 3.0, 4.0, 5.0)]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        assert isinstance(answers[1], ModelError)
        assert isinstance(answers[4], OverloadedError)
        assert [a.tolist() for a in answers if not isinstance(a, BaseException)] == [[2.0], [6.0], [8.0]]
        assert model.batches == [[1.0, -13.0], [1.0], [-13.0], [3.0, 4.0]]
        assert (await batcher.predict(prepared(6.0))).tolist() == [12.0]

    run(test)


def test_over_http_a_client_that_leaves_does_not_stall_the_next() -> None:
    model = Gated()
    with flights(model) as server:
        gone = socket.create_connection(("127.0.0.1", server.port))
        body = b'{"dataframe_records":[{"distance":1,"hour":7,"carrier":"UA","tailnum":"N1"}]}'
        gone.sendall(
            b"POST /invocations HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
        )
        assert model.entered.wait(10)
        gone.close()
        model.gate.set()
        assert server.ask({"dataframe_records": [ROW]})[0] == 200


def test_over_http_a_failing_model_is_a_document_and_the_server_goes_on() -> None:
    model = Gated()
    model.gate.set()
    with flights(model) as server:
        status, problem = server.ask({"dataframe_records": [{**ROW, "hour": 13}]})
        assert (status, problem["detail"]) == (500, "the model failed: ValueError: unlucky")
        assert "Traceback" not in problem["error"]
        assert server.ask({"dataframe_records": [ROW]})[0] == 200


def test_health_answers_while_the_model_is_busy() -> None:
    model = Gated()
    with flights(model) as server:
        asking = threading.Thread(target=server.ask, args=({"dataframe_records": [ROW]},))
        asking.start()
        assert model.entered.wait(10)
        assert server.call("GET", "/v2/health/live")[0] == 200
        assert server.call("GET", "/v2/health/ready")[0] == 200
        model.gate.set()
        asking.join(10)


def test_the_store_is_asked_once_for_many_rows() -> None:
    store = Store()
    preparation = Preparation(flights_spec(), store)
    asked_rows = {name: [value] * 50 for name, value in ROW.items()}
    from hendrix.serving.asked import Asked

    preparation.prepare(Asked(columns=asked_rows, rows=50))
    assert len(store.reads) == 1


def flights_spec() -> ServingSpec:
    from serving_parts import SPEC

    return SPEC
