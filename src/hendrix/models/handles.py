"""Models in the hands of a person: logging, finding, loading and promoting versions."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from hendrix.artifacts import get_folder, put_folder
from hendrix.entities import ConflictError, InvalidInputError, Kind, Ref, check_name
from hendrix.models.operations import (
    delete_alias,
    judge,
    promote_version,
    register,
    set_alias,
    show_version,
)
from hendrix.models.promotion import facts_of
from hendrix.models.records import DeleteAlias, Promote, Register, SetAlias, ShowVersion
from hendrix.session import Handle, client, current_run, progress, short

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from hendrix.features import FeatureView
    from hendrix.models.loaded import LoadedModel
    from hendrix.models.records import Evaluated, ModelFacts, Promotion, Signature

TRIES = 3


class ModelVersion(Handle):
    """One version of a model: its files never change."""

    made: bool = False
    """Whether logging it made a new version."""

    @property
    def version(self) -> int:
        """The number, from 1."""
        return self.entity.version or 0

    @property
    def digest(self) -> str:
        """The digest of its folder."""
        return self.entity.digest or ""

    @property
    def aliases(self) -> tuple[str, ...]:
        """The aliases that point at it, as they were last read."""
        return self.entity.aliases

    @property
    def facts(self) -> ModelFacts:
        """What its folder says of it."""
        return facts_of(self.entity)

    @property
    def signature(self) -> Signature | None:
        """What it takes and gives."""
        return self.facts.signature

    @property
    def metrics(self) -> dict[str, float | None]:
        """The metrics of its newest evaluation; empty before there is one."""
        return client().call(show_version, ShowVersion(ref=str(self.id))).metrics

    @property
    def evaluations(self) -> tuple[Evaluated, ...]:
        """Its evaluations, newest first."""
        return client().call(show_version, ShowVersion(ref=str(self.id))).evaluations

    def folder(self) -> Path:
        """Return a local folder with its files, fetched where it is not here yet; treat it as read-only."""
        here = client()
        return get_folder(here.artifacts, self.digest, here.home.cache / "folders")

    def load(self) -> LoadedModel:
        """Load the model into this process.

        That runs code: load what you or people whom you trust have made.
        """
        from hendrix.models.folder import load

        return load(self.folder())

    def promote(self, alias: str = "champion", *, baseline: str | None = None, metric: str = "auc") -> Promotion:
        """Give it an alias, if the gates let it pass; see `hx.promote`."""
        return promote(self, alias, baseline=baseline, metric=metric)

    def alias(self, name: str) -> None:
        """Point an alias at it; `champion` passes through the gates."""
        self.entity = client().call(set_alias, SetAlias(ref=str(self.id), alias=name))

    def unalias(self, name: str) -> None:
        """Take an alias away from it."""
        client().call(delete_alias, DeleteAlias(model=str(self.entity.container), alias=name))
        self.refresh()

    def rows(self) -> Iterator[tuple[str, str]]:
        """Yield what a card in a notebook shows: names and values."""
        facts = self.facts
        yield "model", facts.model_class or facts.flavour
        if facts.signature is not None:
            yield "inputs", f"{len(facts.signature.inputs)} columns"
        if facts.features is not None:
            yield "features", ", ".join(f"{view.name}@{view.version}" for view in facts.features.views)
        if self.aliases:
            yield "aliases", ", ".join(self.aliases)
        for name, value in self.metrics.items():
            yield name, "-" if value is None else f"{value:.4g}"
        yield "next", f'hx.deploy("{short(self.ref)}")'


def log_model(
    model: object,
    *,
    name: str,
    example: Any,
    features: Sequence[FeatureView] | None = None,
    run: Handle | UUID | str | None = None,
    project: str | None = None,
    description: str = "",
    tags: Mapping[str, str] | None = None,
    code: Sequence[str | Path] = (),
    metadata: Mapping[str, Any] | None = None,
) -> ModelVersion:
    """Keep a fitted model as the next version of a name.

    The same model again is the same version. The version is joined to the run at hand and to what that run
    has read, so its lineage reaches back to the raw data.

    Parameters
    ----------
    model
        A fitted scikit-learn estimator or pipeline, a model of XGBoost, LightGBM, CatBoost or PyTorch, or
        anything callable or with a `predict` that takes a pandas frame.
    name
        The model's name in the registry.
    example
        A few rows of its input, any kind of table. A part of a frame of `training_frame` also says which
        inputs are features.
    features
        The feature views behind the inputs, where the example can't say (a pandas frame); a served model
        looks them up itself.
    run
        The run that made it; by default the one at hand.
    project, description
        Of the model, where this makes it.
    tags
        Of the version.
    code
        Files and folders of Python code that it needs and that no package brings.
    metadata
        Further values to keep in its folder (JSON).

    Raises
    ------
    InvalidInputError
        When it is no model, the example does not fit it, or it can't be pickled or loaded again.
    """
    from hendrix.models.folder import save
    from hendrix.models.lookups import lookup_of

    check_name(name)
    here = client()
    with tempfile.TemporaryDirectory(prefix="hendrix-model-") as scratch, progress(f"Saving {name}"):
        facts = save(
            model,
            Path(scratch) / "model",
            example=example,
            features=lambda signature: lookup_of(signature, example, features),
            code=code,
            metadata=metadata,
        )
        folder = put_folder(here.artifacts, Path(scratch) / "model")
    request = Register(
        name=name,
        digest=folder.digest,
        size=folder.size,
        facts=facts,
        run=_run(run),
        project=project or here.settings["project"],
        description=description,
        tags=dict(tags or {}),
    )
    answer = here.call(register, request)
    version = ModelVersion(answer.version)
    version.made = answer.made
    return version


def model(ref: str) -> ModelVersion:
    """Find a version of a model: `hx.model("delay@champion")`.

    Parameters
    ----------
    ref
        `name@3`, `name@champion`, `name@latest`, a name alone (its latest version), a whole reference, or an
        id.

    Raises
    ------
    NotFoundError
        When there is none; near names, or what the model has, are offered.
    """
    return ModelVersion(client().call(show_version, ShowVersion(ref=ref)).entity)


def promote(
    version: ModelVersion | str, alias: str = "champion", *, baseline: str | None = None, metric: str = "auc"
) -> Promotion:
    """Give a version an alias, if every gate lets it pass.

    Promoting the version that has the alias already is a success that changes nothing.

    Parameters
    ----------
    version
        The candidate, or its reference.
    alias
        What it is to become.
    baseline
        The stated baseline to beat where nothing has the alias yet; by default each one that was evaluated on
        the same rows.
    metric
        The metric that decides: `auc` (higher is better), `log_loss` (lower is better), ...

    Raises
    ------
    RefusedError
        When a gate says no: it names the gate, the figures and the way out.
    """
    here = client()
    ref = version if isinstance(version, str) else str(version.id)
    asked = Promote(ref=ref, alias=alias, baseline=baseline, metric=metric)
    for left in reversed(range(TRIES)):
        judgement = here.call(judge, asked)
        try:
            expected = Promote(ref=ref, alias=alias, baseline=baseline, metric=metric, expected=judgement.digest)
            promotion = here.call(promote_version, expected)
        except ConflictError:
            if not left:
                raise
        else:
            break
    if isinstance(version, ModelVersion):
        version.entity = promotion.version
    return promotion


def _run(run: Handle | UUID | str | None) -> UUID | None:
    if run is None:
        return current_run()
    if isinstance(run, Handle):
        if run.entity.kind is not Kind.RUN:
            message = f"{run!r} is no run"
            raise InvalidInputError(message, hint="Pass what hx.run() returned.")
        return run.id
    return run if isinstance(run, UUID) else UUID(Ref.parse(run, kind=Kind.RUN).name)
