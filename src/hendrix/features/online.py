"""Online reads: the features of some keys at a moment, from the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hendrix.data import micros_moment, near
from hendrix.entities import ConflictError, InvalidInputError, NotFoundError
from hendrix.features.answering import Single, Value, answerer
from hendrix.features.keys import key_encoder
from hendrix.features.layout import HEADER
from hendrix.features.online_store import OnlineStore

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from hendrix.features.layout import Layout


class OnlineReader:
    """Reads features of views from one store. Open it once in a process; threads may share it.

    Parameters
    ----------
    path
        The store's folder.
    """

    def __init__(self, path: Path) -> None:
        self._store = OnlineStore(path)
        self._plans: dict[str, tuple[bytes, _Plan]] = {}

    def read(
        self, keys: Mapping[str, Sequence[Any]], at_us: int, views: Sequence[str]
    ) -> tuple[dict[str, Sequence[Any]], dict[str, int]]:
        """Read the features of some views as of a moment, all from one state of the store.

        Parameters
        ----------
        keys
            Key column to values, one a row. Columns that no view is keyed by are left alone.
        at_us
            The moment, microseconds since 1970 UTC.
        views
            The views: "name" is the version that was materialized last, "name@2" that version.

        Returns
        -------
        tuple
            `"view.feature"` to values, one a row, None where nothing is known; times and durations as the
            column's whole units, dates as days. And, per view, the rows whose key is null or unseen.

        Raises
        ------
        NotFoundError
            When a view is not materialized.
        ConflictError
            When the moment is before the view's materialization.
        InvalidInputError
            When a key is missing, or a value is of another kind than its key.
        """
        columns: dict[str, Sequence[Any]] = {}
        unseen: dict[str, int] = {}
        with self._store.reading() as transaction:
            for view in views:
                plan = self._plan(transaction, view)
                answers, missed = plan.read(transaction, keys, at_us)
                columns.update((f"{view}.{name}", values) for name, values in zip(plan.names, answers, strict=True))
                unseen[view] = missed
        return columns, unseen

    def layout(self, view: str) -> Layout:
        """Say how a view is stored, and since when it answers.

        Raises
        ------
        NotFoundError
            When it is not materialized.
        """
        with self._store.reading() as transaction:
            return self._plan(transaction, view).layout

    def _plan(self, transaction: Any, view: str) -> _Plan:
        pointer = self._store.pointer(transaction, view)
        if pointer is None:
            message = f"feature view {view!r} is not materialized"
            raise NotFoundError(message, hint=f'Run hx.materialize(hx.feature_view("{view}")).', view=view)
        known = self._plans.get(view)
        if known is None or known[0] != pointer:
            known = (pointer, _Plan(view, *OnlineStore.parse(pointer)))
            self._plans[view] = known
        return known[1]


class _Plan:
    """How one materialization of a view is read."""

    def __init__(self, view: str, prefix: bytes, layout: Layout) -> None:
        self.view = view
        self.layout = layout
        self.names = [served.name for served in layout.features]
        self._prefix = prefix
        self._encode = key_encoder(layout.keys, layout.families)
        self._answers = [answerer(served, layout) for served in layout.features]
        self._single = Single(layout) if Single.suits(layout) else None
        self._one = HEADER + sum(int(block.type[1:]) for block in layout.blocks)
        """Bytes of a value with one fact."""
        self._nothing = (None,) * len(layout.features)
        self._texts = [
            (place, served.column)
            for place, served in enumerate(layout.features)
            if served.aggregate == "last" and served.column in layout.text_columns
        ]

    def read(self, transaction: Any, keys: Mapping[str, Sequence[Any]], at_us: int) -> tuple[list[list[Any]], int]:
        """Give a list of values for each feature, and how many rows have no facts."""
        layout = self.layout
        if at_us < layout.at_us:
            asked, since = micros_moment(at_us), micros_moment(layout.at_us)
            message = (
                f"feature view {self.view!r} is asked for {asked.isoformat()}, "
                f"but was materialized as of {since.isoformat()}"
            )
            hint = f"Ask for {since.isoformat()} or later, or materialize as of an earlier moment."
            raise ConflictError(message, hint=hint, view=self.view)
        columns = [keys[name] if name in keys else self._missing(name, keys) for name in layout.keys]
        known: dict[bytes | None, tuple[Any, ...] | None] = {None: None}
        rows = []
        for row in zip(*columns, strict=True):
            key = self._encode(row)
            if key not in known:
                known[key] = self._answer(transaction, key, at_us)
            rows.append(known[key])
        missed = rows.count(None)
        filled = [self._nothing if row is None else row for row in rows] if missed else rows
        answers: list[list[Any]] = list(map(list, zip(*filled, strict=True))) if rows else [[] for _ in self._answers]
        for place, number in self._texts:
            answers[place] = [self._text(transaction, number, code) for code in answers[place]]
        return answers, missed

    def _answer(self, transaction: Any, key: bytes | None, at_us: int) -> tuple[Any, ...] | None:
        found = None if key is None else transaction.get(self._prefix + key)
        if found is None:
            return None
        if self._single is not None and len(found) == self._one:
            return self._single.answer(found, at_us)
        value = Value(found, self.layout, at_us)
        return tuple([answer(value) for answer in self._answers]) if value.latest >= 0 else None

    def _text(self, transaction: Any, column: int | None, code: int | None) -> str | None:
        if code is None or column is None:
            return None
        return str(transaction.get(OnlineStore.text_key(self._prefix, column, code)), "utf-8")

    def _missing(self, name: str, keys: Mapping[str, Sequence[Any]]) -> Sequence[Any]:
        message = f"feature view {self.view!r} is keyed by {name!r}, which the request lacks"
        raise InvalidInputError(message, hint=near(name, keys), key=name, view=self.view)
