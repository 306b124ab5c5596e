"""What was exchanged, as values: one `Exchange` for each call and each stream, with its frames. Does no I/O."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from coder_nb.credentials.secret import Secret
from coder_nb.transport.exchange import Call

__all__ = ["Exchange", "Frame", "Kind", "asked"]

Kind = Literal["call", "websocket", "events"]


@dataclass(slots=True)
class Frame:
    """One message of a stream.

    Attributes:
        at: when it was sent or had come, in seconds since the recording began.
        sent: whether it went to the server.
        data: the message; of server-sent events a whole block. In terminals, names stand in it as `names` writes them.
        text: whether it was a WebSocket's text message.
    """

    at: float
    sent: bool
    data: bytes
    text: bool = False


@dataclass(slots=True)
class Exchange:
    """A call and its answer, or a stream from its opening to its end.

    Attributes:
        kind: what it is.
        method, path: what was asked, the path relative to /api/v2.
        query: its parameters, those that were sent.
        body: what was sent as JSON, b"" for nothing.
        begun, ended: seconds since the recording began; of a stream, `ended` is when it was open.
        aside: whether another thread asked than the one the recording was begun in.
        status: of the answer; 101 and 200 of a stream that was opened; 0 where nothing was answered.
        headers: those of the answer that something depends on.
        answer: the answer's body.
        failure: class, message and hint of the error, where nothing was answered.
        frames: a stream's messages, in order.
        end: how a stream came to its end: "eof", or "closed" with a code and a reason; "" where it was left open.
    """

    kind: Kind
    method: str
    path: str
    query: dict[str, Any] = field(default_factory=dict)
    body: bytes = b""
    begun: float = 0.0
    ended: float = 0.0
    aside: bool = False
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    answer: bytes = b""
    failure: tuple[str, str, str] | None = None
    frames: list[Frame] = field(default_factory=list)
    end: Literal["", "eof", "closed"] = ""
    code: int = 0
    reason: str = ""

    @property
    def named(self) -> bool:
        """Whether what was asked for holds a random name of the client's: then it is a terminal, a stream of bytes."""
        return self.kind == "websocket" and "⟨" in json.dumps(self.query, ensure_ascii=False)


def asked(kind: Kind, call: Call) -> Exchange:
    """A call as it is taken down, and as it is looked up: without an answer yet."""
    query = {key: value for key, value in call.query.items() if value is not None}
    body = b"" if call.body is None else msgspec.json.encode(call.body, enc_hook=_hidden)
    return Exchange(kind, call.method, call.path, query, body)


def _hidden(value: object) -> str:
    if isinstance(value, Secret):
        return str(value)
    raise NotImplementedError(f"{type(value).__name__} has no JSON form")
