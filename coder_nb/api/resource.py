"""What all resource modules share: the base of records, and how a JSON answer becomes one.

Records ignore unknown keys and keep unknown enum values as text; a missing required field is a ProtocolError.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import quote

import msgspec

from coder_nb.api.stream import Stream
from coder_nb.credentials import Hidden, Secret
from coder_nb.errors import ProtocolError

if TYPE_CHECKING:
    from coder_nb.transport.http import Answer, Http, QueryValue

T = TypeVar("T")

NIL = "00000000-0000-0000-0000-000000000000"
"""The uuid that stands for "none" where the wire has no null."""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A JSON object of the API. Times are aware datetimes in UTC; year 1 means "never" (see `happened`)."""


def happened(time: datetime | None) -> datetime | None:
    """The time, or None for both ways the wire says "never": an absent field and Go's zero time (year 1)."""
    return None if time is None or time.year == 1 else time


def segment(text: object) -> str:
    """One path segment, escaped, so that a name can never reach another route."""
    return quote(str(text), safe="")


def _from_wire(kind: type, value: Any) -> Any:
    if kind in (Secret, Hidden):
        return kind(str(value))
    raise NotImplementedError(f"no wire form for {kind}")


@cache
def _decoder(kind: Hashable) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(cast(Any, kind), dec_hook=_from_wire)


def decode(answer: Answer, into: type[T]) -> T:
    """An answer's JSON as a record.

    Raises:
        ProtocolError: as with `read`.
    """
    return read(answer.body, into, answer.endpoint)


def read(data: bytes, into: type[T], endpoint: str) -> T:
    """JSON as a record.

    Raises:
        ProtocolError: not JSON, or a field is missing or of another type; names the endpoint and the field.
    """
    try:
        record: T = _decoder(cast(Hashable, into)).decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ProtocolError(
            f"{endpoint} answered with something this version does not understand: {error}",
            hint="compare the versions: %coder whoami shows the server's; a newer coder-nb may know it",
        ) from None
    return record


class Resource:
    """Calls on one kind of thing. A subclass names them; this sends and decodes."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def _get(
        self,
        into: type[T],
        path: str,
        *,
        query: Mapping[str, QueryValue] | None = None,
        dials_agent: bool = False,
        anonymous: bool = False,
    ) -> T:
        answer = self._http.request("GET", path, query=query, dials_agent=dials_agent, anonymous=anonymous)
        return decode(answer, into)

    def _follow(
        self, into: type[T], path: str, *, query: Mapping[str, QueryValue] | None = None, dials_agent: bool = False
    ) -> Stream[T]:
        """A WebSocket whose every message is a record."""
        socket = self._http.websocket(path, query=query, dials_agent=dials_agent)
        return Stream(socket, lambda message: [read(message.data, into, socket.endpoint)])
