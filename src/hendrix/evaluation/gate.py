"""The gate that every promotion passes: better than what is there, on the same rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hendrix.evaluation.better import HIGHER_IS_BETTER, is_better
from hendrix.evaluation.text import figure
from hendrix.models import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hendrix.models import Candidacy, Evaluated


class BeatsChampion:
    """Lets a candidate pass that beats the version that has the alias now, or else the stated baseline.

    Both must have been evaluated on the same rows and outcomes (one `frame_digest`); of several such sets the
    candidate's newest counts, of several evaluations on it the newest of each side. The deciding metric is the
    promotion's (default `auc`); an equal value is not better.
    """

    name = "beats-champion"

    def check(self, candidacy: Candidacy) -> Verdict:
        """Compare the candidate's figure with those of its rivals."""
        if candidacy.metric not in HIGHER_IS_BETTER:
            known = ", ".join(HIGHER_IS_BETTER)
            return self._no(f"{candidacy.metric!r} is no metric that can decide", f"Take one of {known}.")
        own = [one for one in candidacy.evaluations if one.version == candidacy.version]
        name = _short(candidacy.ref)
        if not own:
            return self._no(
                f"{name} has not been evaluated", f'Evaluate it: hx.evaluate("{name}", frame, label="...").'
            )
        rivals = _rivals(candidacy)
        if not rivals:
            return self._nobody(candidacy, name)
        for mine in own:
            same = [one for one in rivals if one.frame_digest == mine.frame_digest]
            if same:
                return self._compare(mine, list(_newest(same)), candidacy)
        return self._no(
            f"{name} and {rivals[0].name} were never evaluated on the same rows",
            f'Evaluate both on one frame: hx.evaluate("{name}", frame, ...) and '
            f'hx.evaluate("{rivals[0].name}", frame, ...).',
        )

    def _compare(self, mine: Evaluated, rivals: list[Evaluated], candidacy: Candidacy) -> Verdict:
        metric, value = candidacy.metric, mine.metrics.get(candidacy.metric)
        evidence = (mine.digest, *(rival.digest for rival in rivals))
        word = "above" if HIGHER_IS_BETTER[metric] else "below"
        said = []
        for rival in rivals:
            theirs = rival.metrics.get(metric)
            role = f" ({candidacy.alias})" if candidacy.holder else " (baseline)"
            against = f"{figure(theirs)} of {rival.name}{role} on the same {mine.rows:,} rows"
            if value is None or theirs is None or not is_better(metric, value, theirs):
                reason = f"{metric} {figure(value)} of {mine.name} is not {word} {against}"
                hint = f"Train a better version; hendrix model show {mine.name} has the figures by slice."
                return Verdict(gate=self.name, passed=False, reason=reason, hint=hint, evidence=evidence)
            said.append(f"{metric} {figure(value)} of {mine.name} is {word} {against}")
        return Verdict(gate=self.name, passed=True, reason="; ".join(said), evidence=evidence)

    def _nobody(self, candidacy: Candidacy, name: str) -> Verdict:
        if candidacy.holder is not None:
            other = _short(candidacy.holder_ref or "")
            return self._no(
                f"{other} ({candidacy.alias}) has not been evaluated",
                f'Evaluate both on one frame: hx.evaluate("{other}", frame, ...).',
            )
        way = 'Evaluate one on the same frame: hx.evaluate(scores, frame, label="...", name="average").'
        if candidacy.baseline is not None:
            there = {one.name for one in candidacy.evaluations if one.version is None}
            known = f" On its rows there is {', '.join(sorted(there))}." if there else ""
            reason = f"there is no baseline {candidacy.baseline!r} on the rows that {name} was evaluated on"
            return self._no(reason, way + known)
        return self._no(f"nothing is {candidacy.alias} yet, and there is no baseline to beat", way)

    def _no(self, reason: str, hint: str) -> Verdict:
        return Verdict(gate=self.name, passed=False, reason=reason, hint=hint)


def _rivals(candidacy: Candidacy) -> list[Evaluated]:
    if candidacy.holder is not None:
        return [one for one in candidacy.evaluations if one.version == candidacy.holder]
    baselines = [one for one in candidacy.evaluations if one.version is None]
    return [one for one in baselines if candidacy.baseline in {None, one.name}]


def _newest(evaluations: Iterable[Evaluated]) -> Iterable[Evaluated]:
    # They come newest first, so the first of each name is its newest.
    return {one.name: one for one in reversed(list(evaluations))}.values()


def _short(ref: str) -> str:
    return ref.rpartition("/")[2]
