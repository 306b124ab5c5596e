"""Server-sent events, protocol only: bytes in, in pieces of any size, events out. Knows no socket and no JSON.

Follows the HTML standard's parser, with one difference: an event without data counts, since Coder's pings are such.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass

from coder_nb.errors import ProtocolError

__all__ = ["Event", "Events"]

LARGEST = 16 << 20
"""Most characters of one event that are kept while it is not complete yet."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its name ("message" where it has none) and its data lines, joined by newlines."""

    name: str
    data: str


class Events:
    """An incremental parser of one stream.

    Args:
        largest: most characters of one incomplete event; more is a ProtocolError, so memory is bounded.
    """

    def __init__(self, *, largest: int = LARGEST) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")(errors="replace")
        self._largest = largest
        self._rest = ""
        self._name = ""
        self._data: list[str] = []
        self._named = False
        self._size = 0

    def feed(self, data: bytes) -> Iterator[Event]:
        """The events that these bytes complete.

        Raises:
            ProtocolError: an event larger than the limit.
        """
        self._rest += self._decoder.decode(data)
        # A line may end in CR, LF or both; a CR at the very end waits for the LF that may follow it.
        held = "\r" if self._rest.endswith("\r") else ""
        whole = self._rest[: len(self._rest) - len(held)].replace("\r\n", "\n").replace("\r", "\n")
        *lines, rest = whole.split("\n")
        self._rest = rest + held
        for line in lines:
            yield from self._line(line)
        if self._size + len(self._rest) > self._largest:
            raise ProtocolError(f"an event of more than {self._largest:,} characters", hint="nothing sane is")

    def _line(self, line: str) -> Iterator[Event]:
        if not line:
            yield from self._dispatch()
            return
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        self._size += len(line)
        if field == "event":
            self._name, self._named = value, True
        elif field == "data":
            self._data.append(value)
        # Comments (an empty field), id and retry mean nothing here: Coder replays no events.

    def _dispatch(self) -> Iterator[Event]:
        if self._named or self._data:
            yield Event(self._name or "message", "\n".join(self._data))
        self._name, self._data, self._named, self._size = "", [], False, 0
