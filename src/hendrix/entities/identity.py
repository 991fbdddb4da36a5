"""Identity: UUIDs made by whoever creates a thing, so that a spool can be replayed, and references to it."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from urllib.parse import quote, unquote
from uuid import UUID

from hendrix.entities.errors import InvalidInputError
from hendrix.entities.kinds import CONTAINER_OF, NAMED, VERSIONS, Kind

DEFAULT_NAMESPACE = "default"
DEFAULT_NAMESPACE_ID = UUID("018f0000-0000-7000-8000-000000000001")
"""`default` has one id everywhere, so that a laptop's graph can be pushed to a server."""

RESERVED_ALIASES = "latest and v1, v2, ... are reserved"


def new_id() -> UUID:
    """Make a UUID of version 7 (RFC 9562): sorted by the time of its making, to the millisecond."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)


@dataclass(frozen=True, slots=True)
class Ref:
    """A reference: `hx://namespace/kind/name[@version-or-alias]`, its names percent-encoded.

    A kind without unique names (a run) is called by its id, in 32 hex digits, in the place of the name.
    """

    kind: Kind
    name: str
    selector: str | None = None
    namespace: str = DEFAULT_NAMESPACE

    def __str__(self) -> str:
        path = f"hx://{quote(self.namespace, safe='')}/{self.kind}/{quote(self.name, safe='')}"
        return f"{path}@{self.selector}" if self.selector else path

    @classmethod
    def parse(cls, text: str, *, kind: Kind | None = None) -> Ref:
        """Read a whole reference, or a short one (`name`, `name@selector`) where the kind is known.

        Raises
        ------
        InvalidInputError
            When the text is no reference, or a short one without a known kind.
        """
        if text.startswith("hx://"):
            parts = text.removeprefix("hx://").split("/")
            known = {str(member) for member in Kind}
            if len(parts) != 3 or parts[1] not in known or not parts[0] or not parts[2]:  # noqa: PLR2004
                message = f"{text!r} is no reference"
                raise InvalidInputError(message, hint="References look like hx://default/model/delay@3.")
            name, _, selector = parts[2].partition("@")
            return cls(Kind(parts[1]), unquote(name), selector or None, unquote(parts[0]))
        if kind is None:
            message = f"{text!r} does not say what kind of thing it is"
            raise InvalidInputError(message, hint=f"Write it in full, as in hx://default/model/{text}.")
        name, _, selector = text.partition("@")
        if not name:
            message = f"{text!r} has no name before the @"
            raise InvalidInputError(message, hint="Write NAME, NAME@3 or NAME@champion.")
        return cls(kind, unquote(name), selector or None)

    @property
    def container(self) -> Kind:
        """The kind of the named thing that this reference begins with."""
        return CONTAINER_OF.get(self.kind, self.kind)


def reference(kind: Kind, namespace: str, name: str, version: int | None, identity: UUID) -> str:
    """Write the reference of an entity: versions as their container's name and number, unnamed kinds by id."""
    if kind in CONTAINER_OF:
        return str(Ref(CONTAINER_OF[kind], name, str(version), namespace))
    if kind in NAMED:
        return str(Ref(kind, name, None, namespace))
    return str(Ref(kind, identity.hex, None, namespace))


def check_name(name: str, what: str = "name") -> str:
    """Return a usable name, or say why it is none: 1 to 250 characters, printable, no @ and no edge spaces.

    Raises
    ------
    InvalidInputError
        When the name can't be used.
    """
    if not isinstance(name, str) or not name or len(name) > 250 or name != name.strip() or not name.isprintable():  # noqa: PLR2004
        message = f"{name!r} can't be a {what}"
        raise InvalidInputError(message, hint="Use 1 to 250 printable characters without spaces at the ends.")
    if "@" in name:
        message = f"{name!r} can't be a {what}: @ separates a name from its version"
        raise InvalidInputError(message, hint=f"Try {name.replace('@', '-')!r}.")
    return name


def check_alias(alias: str) -> str:
    """Return a usable alias of a version.

    Raises
    ------
    InvalidInputError
        For a reserved word (`latest`, `v3`), a bare number, or a name that can't be used.
    """
    check_name(alias, "alias")
    if alias == "latest" or alias.removeprefix("v").isdigit():
        message = f"{alias!r} can't be an alias: {RESERVED_ALIASES}"
        raise InvalidInputError(message, hint="Use a word, such as champion.")
    return alias


def has_versions(kind: Kind) -> bool:
    """Whether things of this kind are containers of numbered versions."""
    return kind in VERSIONS
