"""Reads the tables of a scenario file by name and type, and knows where in the file it is.

It refuses a missing, an unknown and a wrongly typed key with a ConfigurationError that names the place and what could
have been meant: a scenario that loads is one whose every word was understood.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from typing import TypeVar

from coder_nb.embedded.scenario.log import LogError, parse_seconds
from coder_nb.errors import ConfigurationError

__all__ = ["Table"]

T = TypeVar("T")


class Table:
    """One table of the file.

    Args:
        values: what the TOML parser gave.
        where: how messages name it, such as `fleet.toml, workspaces 'web'`.
    """

    def __init__(self, values: Mapping[str, object], where: str) -> None:
        self._values = values
        self._asked: set[str] = set()
        self.where = where

    def wrong(self, what: str, hint: str = "") -> ConfigurationError:
        """The error for something wrong in this table."""
        return ConfigurationError(f"bad scenario: {self.where}: {what}", hint=hint or "correct the scenario file")

    def done(self) -> None:
        """Refuses a key nobody asked for; call it after the last one was read."""
        for key in self._values.keys() - self._asked:
            near = get_close_matches(key, self._asked, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(sorted(self._asked))}"
            raise self.wrong(f"unknown key {key!r}", hint)

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        self._asked.add(key)
        return key in self._values

    def _take(self, key: str, kind: type[T], default: T | None) -> T:
        value = self._values.get(key, default) if self.has(key) or default is not None else None
        if value is None:
            raise self.wrong(f"{key!r} is missing", f"add {key} = …")
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if not isinstance(value, kind):
            raise self.wrong(f"{key!r} is a {type(value).__name__}, not a {kind.__name__}: {value!r}")
        return value

    def text(self, key: str, default: str | None = None) -> str:
        """A text; required where `default` is None."""
        return self._take(key, str, default)

    def one_of(self, key: str, choices: tuple[str, ...], default: str | None = None) -> str:
        """A text out of `choices`."""
        value = self.text(key, default)
        if value not in choices:
            raise self.wrong(f"{key!r} is {value!r}", f"one of: {', '.join(choices)}")
        return value

    def number(self, key: str, default: float | None = None) -> float:
        """A number."""
        return self._take(key, float, default)

    def whole(self, key: str, default: int | None = None) -> int:
        """A whole number."""
        return self._take(key, int, default)

    def flag(self, key: str) -> bool:
        """True or false; false where it is absent."""
        return self._take(key, bool, False)

    def instant(self, key: str) -> datetime:
        """A date and time with its offset, as UTC."""
        value = self._take(key, datetime, None)
        if value.tzinfo is None:
            raise self.wrong(f"{key!r} has no offset: {value}", "write 2026-03-12T09:30:00Z")
        return value.astimezone(UTC)

    def moment(self, key: str, now: datetime) -> datetime:
        """A time told as its distance from `now`, such as `-2d3h`."""
        text = self.text(key)
        try:
            return now + timedelta(seconds=parse_seconds(text))
        except LogError as error:
            raise self.wrong(f"{key!r}: {error}") from None

    def optional_moment(self, key: str, now: datetime) -> datetime | None:
        """The same, or None where the key is absent."""
        return self.moment(key, now) if self.has(key) else None

    def texts(self, key: str, default: tuple[str, ...] = ()) -> list[str]:
        """A list of texts."""
        values = self._take(key, list, list(default))
        for value in values:
            if not isinstance(value, str):
                raise self.wrong(f"{key!r} holds {value!r}, which is not a text")
        return values

    def mapping(self, key: str) -> dict[str, str]:
        """A table of texts; empty where it is absent."""
        values = self._take(key, dict, {})
        for value in values.values():
            if not isinstance(value, str):
                raise self.wrong(f"{key!r} holds {value!r}, which is not a text")
        return values

    def values(self, key: str) -> Mapping[str, object]:
        """A table of anything; empty where it is absent."""
        return self._take(key, dict, {})

    def table(self, key: str) -> Table:
        """A table inside this one; empty where it is absent."""
        return Table(self._take(key, dict, {}), f"{self.where}, {key}")

    def named(self, key: str) -> Iterator[tuple[str, Table]]:
        """The tables inside a table, with their names."""
        inner = self.table(key)
        for name in inner._values:
            yield name, inner.table(name)

    def tables(self, key: str, name: str = "name") -> Iterator[Table]:
        """A list of tables; messages call each by its `name`, or by its place."""
        for place, values in enumerate(self._take(key, list, [])):
            if not isinstance(values, dict):
                raise self.wrong(f"{key!r} holds {values!r}, which is not a table")
            label = values.get(name, values.get("key", values.get("slug", place + 1)))
            yield Table(values, f"{self.where}, {key} {label!r}")
