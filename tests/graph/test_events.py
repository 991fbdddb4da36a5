"""Every change writes one event in its own transaction, as canonical bytes with their digest."""

from __future__ import annotations

import hashlib

import sqlalchemy as sa

from hendrix.entities import EdgeType, Kind, State
from hendrix.graph import canonical, history, schema


def test_a_change_is_one_event_with_digests_before_and_after(graph):
    with graph.write("ada") as tx:
        run = tx.create(Kind.RUN, "r")
        tx.update(run, state=State.FAILED, facts={"error": "boom"}, verb="failed")
        failed, created = history(tx, entity=run).items
    assert [created.kind, failed.kind] == ["run.created", "run.failed"]
    assert created.before is None
    assert failed.before == created.after
    assert failed.after != failed.before
    assert failed.payload["state"] == "failed"
    assert failed.payload["facts"] == {"error": "boom"}
    assert failed.principal == "ada"


def test_the_digest_is_that_of_the_body_and_the_body_names_the_payload(graph):
    with graph.write("ada") as tx:
        tx.create(Kind.RUN, "r")
    with graph.read("ada") as tx:
        row = tx.connection.execute(sa.select(schema.event)).one()
        payload = tx.connection.scalar(sa.select(schema.payload.c.body))
    assert row.digest == f"sha256:{hashlib.sha256(row.body).hexdigest()}"
    assert hashlib.sha256(payload).hexdigest().encode() in row.body
    assert row.sequence is None


def test_erasing_a_payload_leaves_the_event(graph):
    with graph.write("ada") as tx:
        run = tx.create(Kind.RUN, "r")
        tx.connection.execute(sa.delete(schema.payload))
        (event,) = history(tx, entity=run).items
    assert event.payload is None
    assert event.digest.startswith("sha256:")


def test_the_edges_of_a_transaction_are_one_event(graph):
    with graph.write("ada") as tx:
        run = tx.create(Kind.RUN, "r")
        for name in "abc":
            tx.link(EdgeType.CONSUMED, tx.create(Kind.DATASET, name), run)
    with graph.read("ada") as tx:
        linked = [event for event in history(tx).items if event.kind == "edges.linked"]
    assert len(linked) == 1
    assert len(linked[0].payload["edges"]) == 3


def test_followers_get_events_in_order_and_once(graph):
    with graph.write("ada") as tx:
        for n in range(5):
            tx.create(Kind.RUN, f"r{n}")
    with graph.read("ada") as tx:
        keys = tx.connection.scalars(sa.select(schema.event.c.key).order_by(schema.event.c.key)).all()
        after = history(tx, after=keys[1], limit=2)
    assert [event.payload["name"] for event in after.items] == ["r2", "r3"]
    assert int(after.next) == keys[3]


def test_canonical_bytes_do_not_depend_on_the_order_of_keys():
    assert canonical({"b": 1, "a": {"d": [1.5, None], "c": "ä"}}) == canonical(
        {"a": {"c": "ä", "d": [1.5, None]}, "b": 1}
    )
