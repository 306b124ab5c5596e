"""One request and its answer, as values: what was asked, what is said, and how a call refuses.

Knows nothing of sockets; `connection.py` reads the one and writes the other.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol
from urllib.parse import parse_qsl

from coder_nb.embedded.state import Agent, ApiKey, Clock, User, Workspace
from coder_nb.embedded.wire.text import Json, encode

__all__ = [
    "EVENTS",
    "HTML",
    "JSON",
    "TEXT",
    "Bare",
    "Caller",
    "EndsAgent",
    "Inside",
    "Refusal",
    "Reply",
    "Request",
    "Write",
    "answer",
    "empty",
    "message",
    "refuse",
]

JSON: Final = "application/json; charset=utf-8"
TEXT: Final = "text/plain; charset=utf-8"
HTML: Final = "text/html; charset=utf-8"
EVENTS: Final = "text/event-stream"


@dataclass(frozen=True)
class Caller:
    """Who asks, and by which key."""

    user: User
    key: ApiKey

    @property
    def restricted(self) -> bool:
        """Whether the key opens apps only: to everything else its holder sees nothing."""
        return self.key.scope != "all"

    def sees(self, workspace: Workspace) -> bool:
        """Whether a workspace may be shown to the caller; if not, it does not exist for them."""
        return not self.restricted and (self.user.owner or workspace.owner is self.user)


@dataclass(frozen=True)
class Inside:
    """An agent that asks for itself, by its own token."""

    workspace: Workspace
    agent: Agent


@dataclass
class Request:
    """A request.

    `path` is as it stood in the request line; `parts` are the values of the route's placeholders. Header names are
    case-insensitive in `headers`. `peer` is the address it came from.
    """

    method: str
    path: str
    query_string: str
    headers: Mapping[str, str]
    body: bytes = b""
    peer: str = ""
    cookies: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, str] = field(default_factory=dict)
    caller: Caller | None = None
    inside: Inside | None = None

    def __post_init__(self) -> None:
        self.query: list[tuple[str, str]] = parse_qsl(self.query_string, keep_blank_values=True)

    def has(self, name: str) -> bool:
        """Whether a query parameter is there at all, even without a value."""
        return any(key == name for key, _value in self.query)

    def all(self, name: str) -> list[str]:
        """Every value of a query parameter."""
        return [value for key, value in self.query if key == name]

    def first(self, name: str) -> str:
        """The first value of a query parameter, "" when there is none."""
        return next(iter(self.all(name)), "")


Write = Callable[[bytes], Awaitable[None]]
"""Sends bytes; returns when they have been taken. Raises OSError where nobody is there any more."""


EndsAgent = Callable[[bool, float], None]
"""Ends an agent, properly or without a word; a new one has its place so many seconds later, 0 for never."""


class Bare(Protocol):
    """A connection that speaks no HTTP any more."""

    async def read(self) -> bytes:
        """What has come; b"" when the other side is gone."""

    async def write(self, data: bytes) -> None:
        """As `Write`."""

    def close(self) -> None:
        """Ends it, whatever is still under way."""


@dataclass
class Reply:
    """An answer.

    `clock` is that of the thing asked for: the Date header is its time. `stream` is the body of an answer that goes on
    until it ends or the client leaves; the status line waits for its first piece. `upgrade` has the connection for
    itself after a 101. `claimed` is a Content-Length that does not match, `rest` is sent after the body, `drop` sends
    nothing at all, `through` spoils what a stream or an upgrade sends, `ends_agent` ends the agent that is spoken to:
    these five are for faults only.
    """

    status: int = 200
    body: bytes = b""
    content_type: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    clock: Clock | None = None
    stream: AsyncGenerator[bytes] | None = None
    upgrade: Callable[[Bare], Awaitable[None]] | None = None
    claimed: int | None = None
    rest: Iterator[bytes] | None = None
    drop: bool = False
    through: Callable[[Write], Write] | None = None
    ends_agent: EndsAgent | None = None


class Refusal(Exception):
    """A call says no; `reply` is what the client gets."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


def answer(value: Json, *, status: int = 200, clock: Clock | None = None) -> Reply:
    """A JSON answer."""
    return Reply(status, encode(value), JSON, clock=clock)


def empty(status: int = 200, *, headers: Sequence[tuple[str, str]] = ()) -> Reply:
    """An answer without a body, and without a content type."""
    return Reply(status, headers=list(headers))


def message(status: int, text: str, *, detail: str = "", validations: Sequence[tuple[str, str]] = ()) -> Reply:
    """The answer that carries a message: nearly every error, and a few successes.

    Args:
        status: the HTTP status.
        text: for people.
        detail: more for people; left out when "".
        validations: (field, what is wrong with it) pairs; left out when there are none.
    """
    body: dict[str, Json] = {"message": text}
    if detail:
        body["detail"] = detail
    if validations:
        body["validations"] = [{"field": field, "detail": why} for field, why in validations]
    return answer(body, status=status)


def refuse(status: int, text: str, *, detail: str = "", validations: Sequence[tuple[str, str]] = ()) -> Refusal:
    """The same as an exception, for a call to raise."""
    return Refusal(message(status, text, detail=detail, validations=validations))
