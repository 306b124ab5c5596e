"""A cassette's text as exchanges again. Refuses what is no cassette, and one of a version that is not known here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Final

from coder_nb.chance import Value
from coder_nb.errors import ConfigurationError
from coder_nb.transport.cassette.bodies import unpack
from coder_nb.transport.cassette.exchange import Exchange, Frame
from coder_nb.transport.cassette.layout import NoObject, objects
from coder_nb.transport.cassette.writing import FORMAT, VERSION

__all__ = ["Cassette", "read"]

_WRONG: Final = (
    *(ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError, OSError, StopIteration),
    ConfigurationError,
)
"""What comes of a file that is something else."""


@dataclass(slots=True)
class Cassette:
    """What a cassette holds.

    Attributes:
        name: what it is called.
        about: the deployment's name and address, and what else was said of it.
        exchanges: in the cassette's order.
        settled: values that people saw, by what they are for.
        begun: when it was recorded, in UTC.
        full: whether there was more than a recording takes down.
    """

    name: str
    about: dict[str, str]
    exchanges: list[Exchange] = field(default_factory=list)
    settled: dict[str, list[Value]] = field(default_factory=dict)
    begun: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    full: bool = False


def read(text: str, name: str) -> Cassette:
    """The cassette of a text.

    Args:
        text: as `writing.text_of` makes it.
        name: what it is called.
    Raises:
        ConfigurationError: it is none, or of another version.
    """
    lines = objects(text)
    head: dict[str, Any] = {}
    try:
        head = next(lines)[1]
        if head.get("format") != FORMAT:
            raise ValueError
        if head.get("version") == VERSION:
            return _taken(_Reader(name, head), lines)
    except _WRONG as error:
        line = error.line if isinstance(error, NoObject) else 1
        raise ConfigurationError(
            f"{name} is no cassette, or is damaged in line {line}", hint="record it again: %coder record NAME"
        ) from None
    raise ConfigurationError(
        f"{name} is a cassette of version {str(head.get('version'))[:20]}, and only {VERSION} is known here",
        hint="a newer coder_nb may know it; or record it again: %coder record NAME",
    )


def _taken(reader: _Reader, lines: Iterator[tuple[int, Any]]) -> Cassette:
    for number, line in lines:
        try:
            reader.take(line)
        except _WRONG:
            raise NoObject(number) from None
    return reader.cassette()


class _Reader:
    """Takes a cassette's lines after the first."""

    def __init__(self, name: str, head: dict[str, Any]) -> None:
        self._usual: dict[str, str] = dict(head.pop("headers", {}))
        about = {key: value for key, value in head.items() if isinstance(value, str) and key != "format"}
        self._cassette = Cassette(name, about, full=bool(head.get("full")))
        self._times: list[dict[str, Any]] = []
        self._answers: dict[str, bytes] = {}

    def take(self, line: dict[str, Any]) -> None:
        """The next line."""
        found = self._cassette
        match line:
            case {"begun": text}:
                found.begun = datetime.fromisoformat(text)
            case {"times": _}:
                self._times.append(line)
            case {"settled": what, "values": values}:
                found.settled[what] = list(values)
            case {"sent": packed}:
                found.exchanges[-1].frames.append(Frame(0.0, True, unpack(packed), line.get("as") == "text"))
            case {"got": packed}:
                found.exchanges[-1].frames.append(Frame(0.0, False, unpack(packed), line.get("as") == "text"))
            case {"end": ("eof" | "closed") as end}:
                last = found.exchanges[-1]
                last.end, last.code, last.reason = end, int(line.get("code", 0)), str(line.get("reason", ""))
            case _:
                found.exchanges.append(self._exchange(line))

    def cassette(self) -> Cassette:
        """All of it; the times where there are as many as exchanges: who edits a cassette need not count."""
        found = self._cassette
        if len(self._times) == len(found.exchanges):
            for exchange, times in zip(found.exchanges, self._times, strict=True):
                _time(exchange, times)
        return found

    def _exchange(self, line: dict[str, Any]) -> Exchange:
        kind = next(kind for kind in ("call", "websocket", "events") if kind in line)
        method, path = line[kind].split(" ", 1) if kind == "call" else ("GET", line[kind])
        made = Exchange(kind, method, path, line.get("query", {}))
        made.body = unpack(line.get("body", ""))
        made.aside = bool(line.get("aside"))
        if "failed" in line:
            kind_, message, hint = line["failed"]
            made.failure = kind_, message, hint
        elif kind != "call" and "status" not in line:
            made.status = 101 if kind == "websocket" else 200
        else:
            made.status = int(line.get("status", 200))
            made.headers = {key: text for key, text in {**self._usual, **line.get("headers", {})}.items() if text}
            made.answer = self._answer(line)
        return made

    def _answer(self, line: dict[str, Any]) -> bytes:
        """The answer; or the one before it to the same question, where it was the same."""
        question = json.dumps([line["call"], line.get("query")]) if "call" in line else ""
        if not line.get("again"):
            self._answers[question] = unpack(line.get("answer", ""))
        return self._answers[question]


def _time(exchange: Exchange, times: dict[str, Any]) -> None:
    exchange.begun, exchange.ended = map(float, times["times"])
    if "date" in times:
        exchange.headers["Date"] = format_datetime(datetime.fromtimestamp(times["date"], UTC), usegmt=True)
    at = times.get("frames", [])
    for frame, second in zip(exchange.frames, at, strict=len(at) == len(exchange.frames)):
        frame.at = float(second)
