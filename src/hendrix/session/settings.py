"""Settings: call > environment > hendrix.toml > default, each value with its origin."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hendrix.entities import DEFAULT_NAMESPACE, InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = "hendrix.toml"

DEFAULTS: dict[str, tuple[str | None, str]] = {
    "home": (None, "The state folder; by default the nearest .hendrix upwards, else one made here."),
    "url": (None, "The address of a Hendrix server; without it, this process works on the state folder itself."),
    "token": (None, "The bearer token for the server: env:NAME or file:PATH, never the token itself."),
    "database": (None, "The graph's database; by default SQLite in the state folder."),
    "namespace": (DEFAULT_NAMESPACE, "The namespace that short names are looked up in."),
    "project": (None, "The project that new things belong to."),
    "durability": ("normal", "normal: survives the death of any process; full: also a power cut."),
    "ray.address": (None, "An existing Ray cluster; without it, a local one is started when first needed."),
    "server.host": ("127.0.0.1", "Where `hendrix up` listens."),
    "server.port": ("8600", "The port of `hendrix up`."),
}
"""Every setting: its default, and what it is for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting as it stands: its value, where it came from, what it is for."""

    name: str
    value: str | None
    origin: str
    about: str


class Settings:
    """All settings, resolved once.

    Parameters
    ----------
    given
        Values of the call; they win.
    """

    def __init__(self, given: Mapping[str, str | None] | None = None) -> None:
        unknown = set(given or ()) - set(DEFAULTS)
        if unknown:
            message = f"{min(unknown)!r} is no setting"
            raise InvalidInputError(message, hint=f"There are: {', '.join(DEFAULTS)}.")
        self.file = _nearest(FILE)
        written = _read(self.file)
        self._all = {name: _resolve(name, given or {}, written, self.file) for name in DEFAULTS}

    def __getitem__(self, name: str) -> str | None:
        return self._all[name].value

    @property
    def namespace(self) -> str:
        """The namespace that short names are looked up in."""
        return self["namespace"] or DEFAULT_NAMESPACE

    @property
    def durability(self) -> str:
        """What an acknowledged write survives: normal or full."""
        return self["durability"] or "normal"

    def all(self) -> tuple[Setting, ...]:
        """Return every setting with its origin; secrets only as their reference."""
        return tuple(self._all.values())

    def secret(self, name: str) -> str | None:
        """Return what a secret's reference points at.

        Raises
        ------
        InvalidInputError
            When the reference points at nothing.
        """
        value = self._all[name].value
        if value is None or self._all[name].origin.startswith("environment"):
            return value
        scheme, _, rest = value.partition(":")
        if scheme == "env" and rest in os.environ:
            return os.environ[rest]
        if scheme == "file" and (path := Path(rest).expanduser()).is_file():
            return path.read_text().strip()
        message = f"the setting {name!r} ({self._all[name].origin}) points at nothing"
        raise InvalidInputError(message, hint="Write env:NAME of a set variable, or file:PATH of a readable file.")


def variable(name: str) -> str:
    """Return the environment variable of a setting, as in HENDRIX_RAY_ADDRESS."""
    return f"HENDRIX_{name.upper().replace('.', '_')}"


def _resolve(name: str, given: Mapping[str, str | None], written: dict[str, str], file: Path | None) -> Setting:
    default, about = DEFAULTS[name]
    if given.get(name) is not None:
        return Setting(name=name, value=given[name], origin="call", about=about)
    if value := os.environ.get(variable(name)):
        return Setting(name=name, value=value, origin=f"environment ({variable(name)})", about=about)
    if name in written:
        return Setting(name=name, value=written[name], origin=str(file), about=about)
    return Setting(name=name, value=default, origin="default", about=about)


def _read(file: Path | None) -> dict[str, str]:
    if file is None:
        return {}
    try:
        content = tomllib.loads(file.read_text())
    except tomllib.TOMLDecodeError as error:
        message = f"{file} is no TOML: {error}"
        raise InvalidInputError(message, hint="Mend the line that is named.") from error
    flat: dict[str, str] = {}
    for name, value in content.items():
        if isinstance(value, dict):
            flat |= {f"{name}.{inner}": str(v) for inner, v in value.items()}
        else:
            flat[name] = str(value)
    unknown = sorted(set(flat) - set(DEFAULTS))
    if unknown:
        message = f"{file} sets {unknown[0]!r}, which is no setting"
        raise InvalidInputError(message, hint=f"There are: {', '.join(DEFAULTS)}.")
    return flat


def _nearest(name: str) -> Path | None:
    here = Path.cwd()
    return next((folder / name for folder in (here, *here.parents) if (folder / name).exists()), None)
