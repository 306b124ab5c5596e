"""What a step hands on, as bytes and back: JSON, Parquet for frames and series, a command's result. Equal, or refused.

Secrets the session has seen are masked in what is stored. What cannot come back as it was is refused, by its type.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal

from coder_nb.credentials.seen import mask
from coder_nb.errors import RunbookError

__all__ = ["Stored", "load", "store"]

Kind = Literal["none", "json", "frame", "series", "run"]
_TAG: Final = "!"
"""What begins the key of the dictionaries that stand for what JSON does not have; no other key may."""
_PLAIN: Final = (str, int, float, bool, type(None))
_MOST: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Stored:
    """A value as it is stored.

    Attributes:
        text: what it is, for people.
        ending: of its file.
    """

    kind: Kind
    text: str
    data: bytes = b""
    ending: str = ""


class Unstorable(Exception):
    """What is wrong, and what to do about it."""

    def __init__(self, what: str, do: str) -> None:
        super().__init__(what)
        self.what, self.do = what, do


def store(value: object) -> Stored:
    """A value as it is to be stored.

    Raises:
        RunbookError: it could not be given back equal; the hint is what to do.
    """
    try:
        stored = _stored(value)
        if len(stored.data) > _MOST:
            size = f"{len(stored.data) / 2**20:.0f} MiB"
            raise Unstorable(f"{size}, more than {_MOST // 2**20} MiB", "hand on less of it, or the path of a file")
    except Unstorable as error:
        raise RunbookError(f"what the step hands on cannot be stored: {error.what}", hint=error.do) from None
    return stored


def load(kind: Kind, data: bytes) -> Any:
    """A stored value.

    Raises:
        RunbookError: it is damaged.
    """
    try:
        if kind == "none":
            return None
        if kind == "run":
            from coder_nb.runbooks.values_run import load_run

            return load_run(data)
        if kind in ("frame", "series"):
            from coder_nb.runbooks.values_frame import load_frame

            return load_frame(data, series=kind == "series")
        return json.loads(data, object_hook=_untagged)
    except Exception as error:
        raise RunbookError(
            f"a stored value cannot be read: {type(error).__name__}: {error}", hint="run the book from its beginning"
        ) from None


def _stored(value: object) -> Stored:
    if value is None:
        return Stored("none", "nothing")
    if (run := sys.modules.get("coder_nb.remote.result")) is not None and isinstance(value, run.RunResult):
        from coder_nb.runbooks.values_run import dump_run

        return Stored("run", value.summary, dump_run(value), "json")
    if (pandas := sys.modules.get("pandas")) is not None and isinstance(value, pandas.DataFrame | pandas.Series):
        from coder_nb.runbooks.values_frame import dump_frame, title

        kind: Kind = "series" if isinstance(value, pandas.Series) else "frame"
        return Stored(kind, title(value), dump_frame(value), "parquet")
    text = json.dumps(_tagged(value, "it", 0), ensure_ascii=True)
    return Stored("json", _title(value), text.encode(), "json")


def _title(value: object) -> str:
    many = f" of {len(value)}" if isinstance(value, list | tuple | dict) else ""
    return f"{type(value).__name__}{many}"


def _tagged(value: object, where: str, depth: int) -> object:
    """What JSON has, made of a value; it and all in it are of exactly the types that come back."""
    if depth > 200:
        raise Unstorable(f"{where} goes too deep, or holds itself", "hand on something flatter")
    if type(value) is str:
        return mask(value)
    if type(value) in _PLAIN:
        return value
    if type(value) is list:
        return [_tagged(item, f"{where}[{index}]", depth + 1) for index, item in enumerate(value)]
    if type(value) is dict:
        return {_key(key, where): _tagged(item, f"{where}[{key!r}]", depth + 1) for key, item in value.items()}
    if type(value) is tuple:
        return {_TAG + "tuple": [_tagged(item, f"{where}[{index}]", depth + 1) for index, item in enumerate(value)]}
    if type(value) in (date, datetime) and getattr(value, "tzinfo", None) is None:
        return {_TAG + type(value).__name__: value.isoformat()}  # type: ignore[attr-defined]
    if type(value) is datetime and value.utcoffset() is not None and type(value.tzinfo).__module__ == "datetime":
        return {_TAG + "datetime": value.isoformat()}
    if type(value) is timedelta:
        return {_TAG + "timedelta": [value.days, value.seconds, value.microseconds]}
    raise _refused(value, where)


def _key(key: object, where: str) -> str:
    if type(key) is not str:
        raise Unstorable(
            f"{where} has the key {key!r}, a {_name(key)}; keys are text", "{str(key): value for key, value in …}"
        )
    if key.startswith(_TAG):
        raise Unstorable(f"{where} has the key {key!r}, and keys do not begin with {_TAG}", "give it another name")
    return mask(key)


def _untagged(found: dict[str, Any]) -> Any:
    if len(found) != 1:
        return found
    ((key, value),) = found.items()
    match key:
        case "!tuple":
            return tuple(value)
        case "!date":
            return date.fromisoformat(value)
        case "!datetime":
            return datetime.fromisoformat(value)
        case "!timedelta":
            return timedelta(*value)
    return found


def _name(value: object) -> str:
    kind = type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _refused(value: object, where: str) -> Unstorable:
    name = _name(value)
    if hasattr(value, "item") and type(value).__module__ == "numpy":
        do = f"{type(value.item()).__name__}(…) around it makes a Python value of it"
    elif isinstance(value, set | frozenset):
        do = "sorted(…) around it makes a list of it"
    elif (module := name.partition(".")[0]) in ("pandas", "numpy") and where == "it":
        do = f"put it into a frame: pandas.DataFrame(…); {module} has types a step cannot hand on"
    elif hasattr(value, "attrs") and hasattr(value, "columns"):
        do = "hand on one frame, not frames within something else"
    else:
        do = (
            "hand on text, numbers, lists, dictionaries, a DataFrame or a RunResult; end the last line in ; for nothing"
        )
    return Unstorable(f"{where} is of type {name}", do)
