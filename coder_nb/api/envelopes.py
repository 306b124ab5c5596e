"""The two ways the wire wraps a record that is sent again with each change: a JSON object, and a server-sent event.

Pings are passed over, and so are kinds this version does not know; an error is raised.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import msgspec

from coder_nb.api.resource import read
from coder_nb.errors import ServerError
from coder_nb.transport.exchange import tidy

if TYPE_CHECKING:
    from coder_nb.transport.events import Event
    from coder_nb.transport.websocket import Message

__all__ = ["from_event", "from_message"]

T = TypeVar("T")


class _Envelope(msgspec.Struct):
    type: str
    data: msgspec.Raw = msgspec.Raw(b"null")


class _Error(msgspec.Struct):
    message: str = ""
    detail: str = ""


def from_message(into: type[T], endpoint: str) -> Callable[[Message], list[T]]:
    """Reads messages `{"type": …, "data": …}`."""

    def records(message: Message) -> list[T]:
        envelope = read(message.data, _Envelope, endpoint)
        return _record(envelope.type, bytes(envelope.data), into, endpoint)

    return records


def from_event(into: type[T], endpoint: str) -> Callable[[Event], list[T]]:
    """Reads server-sent events."""
    return lambda event: _record(event.name, event.data.encode(), into, endpoint)


def _record(kind: str, data: bytes, into: type[T], endpoint: str) -> list[T]:
    if kind == "error":
        said = read(data, _Error, endpoint)
        raise ServerError(
            tidy(said.message, 500) or "no reason given",
            status=500,
            detail=tidy(said.detail, 1000),
            endpoint=endpoint,
            hint="try again in a minute. If it stays, ask the deployment’s administrator",
        )
    return [read(data, into, endpoint)] if kind == "data" else []
