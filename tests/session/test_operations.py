"""The public surface of the graph, the same embedded and over HTTP."""

from __future__ import annotations

import threading

import pytest

from hendrix.entities import (
    ConflictError,
    EdgeType,
    InvalidInputError,
    Kind,
    NotFoundError,
    RunKind,
    State,
    new_id,
)
from hendrix.session import LineageView
from hendrix.session.operations import edit, events, follow, lineage, link, list_entities, provenance, show
from hendrix.session.records import Edit, Follow, History, Link, Links, List, Show, Walk
from hendrix.session.runs import Beat, Finish, Start, beat, finish, start


def run(client, name, **fields):
    return client.call(start, Start(name=name, run_kind=RunKind.TRACKING, **fields))


def test_a_run_lives_and_ends(either, unique):
    begun = run(either, unique, facts={"host": "here"})
    assert (begun.state, begun.facts) == (State.RUNNING, {"run_kind": "tracking", "host": "here"})
    either.call(beat, Beat(run=begun.id, observed={"cpu": 0.5}))
    ended = either.call(finish, Finish(run=begun.id, state=State.FAILED, error="boom"))
    assert (ended.state, ended.facts["error"], ended.observed["cpu"]) == (State.FAILED, "boom", 0.5)
    assert ended.ended_at >= ended.started_at
    assert either.call(finish, Finish(run=begun.id, state=State.FAILED, error="boom")) == ended


def test_starting_an_ended_run_again_goes_on_with_it(either, unique):
    begun = run(either, unique)
    either.call(finish, Finish(run=begun.id))
    again = run(either, unique, id=begun.id)
    assert (again.id, again.state, again.ended_at) == (begun.id, State.RUNNING, None)


def test_a_run_cannot_end_as_running(either, unique):
    begun = run(either, unique)
    with pytest.raises(InvalidInputError, match="can't end as running"):
        either.call(finish, Finish(run=begun.id, state=State.RUNNING))


def test_the_same_key_gets_the_same_answer_and_nothing_happens_twice(either, unique):
    request = Start(name=unique, run_kind=RunKind.JOB, id=new_id())
    first = either.call(start, request, idempotency_key=unique)
    assert either.call(start, request, idempotency_key=unique) == first
    assert len(either.call(list_entities, List(kind=Kind.RUN, text=unique)).items) == 1
    with pytest.raises(ConflictError, match="used for another request"):
        either.call(start, Start(name="other", run_kind=RunKind.JOB), idempotency_key=unique)


def test_entities_are_found_by_reference_id_and_name(either, unique):
    begun = run(either, unique, project=f"p-{unique}", tags={"a": "b"})
    for ref in (begun.ref, str(begun.id), begun.id.hex):
        assert either.call(show, Show(ref=ref)).id == begun.id
    assert either.call(show, Show(ref=unique, kind=Kind.RUN)).id == begun.id
    with pytest.raises(NotFoundError, match="there is no run 'nope"):
        either.call(show, Show(ref=f"nope-{unique}", kind=Kind.RUN))


def test_lists_are_paged_over_both_transports(either, unique):
    ids = [run(either, f"{unique}-{n}").id for n in range(5)]
    first = either.call(list_entities, List(kind=Kind.RUN, text=unique, limit=2))
    rest = either.call(list_entities, List(kind=Kind.RUN, text=unique, cursor=first.next))
    assert [e.id for e in (*first.items, *rest.items)] == ids[::-1]
    assert first.total == 5
    with pytest.raises(InvalidInputError, match="limit is 0"):
        either.call(list_entities, List(limit=0))


def test_lineage_and_its_sentences(either, unique):
    up, down = run(either, f"up-{unique}"), run(either, f"down-{unique}")
    either.call(link, Links(links=(Link(type=EdgeType.PRODUCED, upstream=up.id, downstream=down.id),)))
    walked = either.call(lineage, Walk(ref=str(down.id), direction="upstream"))
    assert {node.name: node.depth for node in walked.nodes} == {f"down-{unique}": 0, f"up-{unique}": -1}
    (sentence,) = either.call(provenance, Show(ref=str(down.id))).sentences
    assert (sentence.label, [node.id for node in sentence.items]) == ("Made by", [up.id])
    view = LineageView(up.ref)
    assert [node.id for node in view.downstream()] == [down.id]
    assert f"down-{unique}" in repr(view)


def test_links_are_made_together_or_not_at_all(either, unique):
    here = run(either, unique)
    good = Link(type=EdgeType.CONSUMED, upstream=here.id, downstream=here.id)
    bad = Link(type=EdgeType.CONSUMED, upstream=new_id(), downstream=here.id)
    with pytest.raises(NotFoundError):
        either.call(link, Links(links=(good, bad)))
    assert either.call(lineage, Walk(ref=str(here.id))).edges == ()


def test_a_person_edits_and_the_event_says_what(either, unique):
    begun = run(either, unique, tags={"old": "1"})
    changed = either.call(edit, Edit(ref=str(begun.id), description="hello", tags={"old": None, "new": "2"}))
    assert (changed.description, changed.tags) == ("hello", {"new": "2"})
    newest = either.call(events, History(ref=str(begun.id), limit=1)).items[0]
    assert newest.kind == "run.edited"
    assert newest.payload["description"] == "hello"


def test_followers_see_what_is_written_after_they_began(either, unique):
    stream = either.stream(follow, Follow())
    seen, done = [], threading.Event()

    def listen():
        for event in stream:
            seen.append(event)
            if event.entity_name == f"end-{unique}":
                break
        done.set()

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    for n in range(200):
        run(either, f"n{n}-{unique}")
        if seen:
            break
        done.wait(0.1)
    run(either, f"end-{unique}")
    assert done.wait(30)
    assert seen[-1].entity_name == f"end-{unique}"
