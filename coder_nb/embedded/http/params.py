"""Query parameters and ids, checked the way a Go server checks them, with its error texts.

Every bad parameter of a request is reported at once; an empty value counts as absent.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple, TypeVar

from coder_nb.embedded.http.exchange import Request, refuse
from coder_nb.embedded.wire.text import quote

__all__ = ["BadValue", "Page", "Values", "boolean", "integer", "pagination", "path_uuid", "rfc3339", "uuid_text"]

T = TypeVar("T")

_TRUE: Final = frozenset({"1", "t", "T", "TRUE", "true", "True"})
_FALSE: Final = frozenset({"0", "f", "F", "FALSE", "false", "False"})
_RFC3339: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})", re.ASCII)
_MAX_32: Final = 2**31 - 1
_MAX_64: Final = 2**63 - 1


class BadValue(ValueError):
    """A value that does not parse; the text is the parser's."""


def integer(text: str, *, largest: int = _MAX_64) -> int:
    """A decimal integer of 64 bits, or of as many as `largest` has."""
    if not re.fullmatch(r"[+-]?\d+", text, re.ASCII):
        raise BadValue(f"strconv.ParseInt: parsing {quote(text)}: invalid syntax")
    number = int(text) if len(text) < 40 else largest + 1
    if not -largest - 1 <= number <= largest:
        raise BadValue(f"strconv.ParseInt: parsing {quote(text)}: value out of range")
    return number


def boolean(text: str) -> bool:
    """One of the dozen spellings of a boolean."""
    if text not in _TRUE | _FALSE:
        raise BadValue(f"strconv.ParseBool: parsing {quote(text)}: invalid syntax")
    return text in _TRUE


def uuid_text(text: str) -> str:
    """A uuid in its canonical spelling; braces, `urn:uuid:`, capitals and missing dashes are understood."""
    inner = text
    if len(text) == 45 and text.lower().startswith("urn:uuid:"):
        inner = text[9:]
    elif len(text) == 38 and text[0] == "{" and text[-1] == "}":
        inner = text[1:-1]
    elif len(text) not in (32, 36):
        raise BadValue(f"invalid UUID length: {len(text)}")
    if not re.fullmatch(r"[0-9a-fA-F]{32}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", inner):
        raise BadValue("invalid UUID format")
    return str(uuid.UUID(inner))


def rfc3339(text: str) -> datetime:
    """A time with its offset."""
    layout = "2006-01-02T15:04:05Z07:00"
    try:
        if _RFC3339.fullmatch(text):
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    raise BadValue(f'parsing time {quote(text)} as "{layout}": cannot parse {quote(text)} as "2006"')


def path_uuid(request: Request, name: str) -> str:
    """The uuid in a path.

    Raises:
        Refusal: 400.
    """
    text = request.parts[name]
    try:
        return uuid_text(text)
    except BadValue as error:
        raise refuse(400, f"Invalid UUID {quote(text)}.", detail=str(error)) from None


class Values:
    """Named values that are read one by one, and what was wrong with them.

    Args:
        values: each name's values, in order.
    """

    def __init__(self, values: Mapping[str, Sequence[str]]) -> None:
        self._values = values
        self._read: set[str] = set()
        self.problems: list[tuple[str, str]] = []

    def one(self, name: str, parse: Callable[[str], T], complaint: str, default: T) -> T:
        """A value that may be given once.

        Args:
            name: the parameter's.
            parse: raises BadValue.
            complaint: what follows the parameter's name when it does not parse; `{}` is the parser's text.
            default: what an absent or empty value means.
        """
        self._read.add(name)
        values = self._values.get(name, ())
        if len(values) > 1:
            found = f"provided more than once, found {len(values)} times. Only provide 1 instance of this query param."
            self._complain(name, found)
            return default
        if not values or not values[0]:
            return default
        try:
            return parse(values[0])
        except BadValue as error:
            self._complain(name, complaint.format(error))
            return default

    def many(self, name: str, parse: Callable[[str], T], complaint: str) -> list[T]:
        """A value that may be repeated, and be a list separated by commas."""
        self._read.add(name)
        found: list[T] = []
        errors: list[str] = []
        for text in ",".join(self._values.get(name, ())).split(","):
            try:
                found += [parse(text)] if text else []
            except BadValue as error:
                errors.append(str(error))
        if errors:
            self._complain(name, complaint.format(", ".join(errors)))
        return found

    def text(self, name: str) -> str:
        """A text, "" when absent."""
        return self.one(name, str, "", "")

    def boolean(self, name: str) -> bool | None:
        """A boolean, None when absent."""
        return self.one(name, boolean, "must be a valid boolean: {}", None)

    def reject_unread(self) -> None:
        """Complains about every name nobody has asked for."""
        for name in self._values:
            if name not in self._read:
                self.problems.append((name, f"{quote(name)} is not a valid query param"))

    def _complain(self, name: str, what: str) -> None:
        self.problems.append((name, f"Query param {quote(name)} {what}"))


class Page(NamedTuple):
    """Which part of a list is wanted; a limit of 0 means all."""

    limit: int
    offset: int
    after_id: str

    def cut(self, items: Sequence[T]) -> Sequence[T]:
        """The part of a list."""
        return items[self.offset : self.offset + self.limit if self.limit else None]


def pagination(request: Request) -> Page:
    """Reads `limit`, `offset` and `after_id`.

    Raises:
        Refusal: 400, with everything that is wrong.
    """
    values = Values({name: request.all(name) for name in ("after_id", "limit", "offset")})
    complaint = "must be a valid 32-bit positive integer: {}"
    after_id = values.one("after_id", uuid_text, "must be a valid uuid", "")
    page = Page(values.one("limit", _count, complaint, 0), values.one("offset", _count, complaint, 0), after_id)
    if values.problems:
        raise refuse(400, "Query parameters have invalid values.", validations=values.problems)
    return page


def _count(text: str) -> int:
    number = integer(text, largest=_MAX_32)
    if number < 0:
        raise BadValue("value is negative")
    return number
