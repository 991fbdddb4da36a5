"""One hierarchy of errors: what happened, with the offending value, and the way out.

Each class fixes the HTTP status and the exit code, so that the SDK, the API and the command line
say the same thing with the same words.
"""

from __future__ import annotations

from typing import Any, ClassVar

BY_CODE: dict[str, type[HendrixError]] = {}
"""The class for each code, for whoever reads a problem document; a class enters when it is defined."""


class HendrixError(Exception):
    """What every error of the platform derives from.

    Parameters
    ----------
    message
        What happened, naming the offending value.
    hint
        What to do next: a sentence, a command or a line of code to paste.
    details
        Values for programs (JSON scalars or lists of them); they travel in the problem document.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        BY_CODE.setdefault(cls.code, cls)

    def __init__(self, message: str, *, hint: str = "", **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details = details

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message

    def __reduce__(self) -> tuple[Any, ...]:
        return (_rebuild, (type(self), self.message, self.hint, self.details))


def _rebuild(kind: type[HendrixError], message: str, hint: str, details: dict[str, Any]) -> HendrixError:
    return kind(message, hint=hint, **details)


class InvalidInputError(HendrixError):
    """A value that can't be taken as it is."""

    code, status, exit_code = "invalid-input", 422, 2


class NotFoundError(HendrixError):
    """A name or an id that nothing carries."""

    code, status, exit_code = "not-found", 404, 3


class ConflictError(HendrixError):
    """A change that the present state does not allow: a taken name, a port in use, a stale version."""

    code, status = "conflict", 409


class RefusedError(HendrixError):
    """A gate, a quota or a missing right said no."""

    code, status, exit_code = "refused", 403, 4


class UnauthenticatedError(RefusedError):
    """A call that needs a token came without a valid one."""

    code, status = "unauthenticated", 401


class DriftError(ConflictError):
    """Bytes that are no longer those that were registered."""

    code = "drift"


class UnavailableError(HendrixError):
    """Something that must run does not, or does not answer."""

    code, status = "unavailable", 503


class MissingExtraError(HendrixError):
    """An optional part is not installed."""

    code, status = "missing-extra", 501
