"""How scalars and bodies are spelled: RFC 3339 with trailing zeros trimmed, `<>&` escaped, a final newline."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

__all__ = [
    "NO_ID",
    "NO_TIME",
    "Json",
    "encode",
    "go_time",
    "quote",
    "sorted_map",
    "time",
    "time_or_null",
    "without_unset",
]

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

NO_ID: Final = "00000000-0000-0000-0000-000000000000"
NO_TIME: Final = "0001-01-01T00:00:00Z"

_ESCAPES: Final = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


def encode(value: Json) -> bytes:
    """A JSON body as the server writes it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    # None of the escaped characters can stand outside a JSON string.
    return (text.translate(_ESCAPES) + "\n").encode("utf-8", "replace")


@lru_cache(maxsize=4096)
def time(moment: datetime) -> str:
    """A time, to the microsecond, with trailing zeros left out."""
    text = moment.astimezone(UTC).isoformat().removesuffix("+00:00")
    return (text.rstrip("0") if moment.microsecond else text) + "Z"


def time_or_null(moment: datetime | None) -> str | None:
    """A time that may be JSON null."""
    return None if moment is None else time(moment)


def go_time(moment: datetime) -> str:
    """A time as some error texts show it: `2026-11-23 22:44:33.418906 +0000 UTC`."""
    return time(moment).replace("T", " ").replace("Z", " +0000 UTC")


def quote(text: str) -> str:
    """A text in double quotes, as error texts show what they were given."""
    return json.dumps(text, ensure_ascii=False)


def sorted_map(values: Mapping[str, str]) -> dict[str, Json]:
    """A map of texts in the order of its keys, the order maps have on the wire."""
    return {key: values[key] for key in sorted(values)}


def without_unset(values: Mapping[str, Json]) -> dict[str, Json]:
    """The object without the keys that are left out when they are empty: those that are None or ""."""
    return {key: value for key, value in values.items() if value is not None and value != ""}
