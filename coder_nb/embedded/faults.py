"""Everything that can go wrong between a client and a server, on order: the one place where this server misbehaves.

A fault is matched by method and path pattern, lets `skip` requests pass and strikes `times` requests. Nothing here
happens unless a test has asked for it.
"""

from __future__ import annotations

import asyncio
import gzip
import time
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial
from threading import Lock
from typing import Final, Literal, get_args

from coder_nb.embedded.http.exchange import HTML, JSON, Reply, Request, message
from coder_nb.embedded.http.ratelimit import API_LIMIT, WINDOW
from coder_nb.embedded.spoiled import Spoiled, spoiled

__all__ = ["Fault", "Faults", "Kind", "damage", "delay"]

Kind = Literal[
    "latency",  # the answer comes `seconds` late, and is right
    "drop",  # the connection ends before a byte of the answer
    "cut",  # it ends in the middle of the body, after the full Content-Length was promised
    "truncate",  # the body ends half-way, and Content-Length agrees
    "rate_limit",  # 429, as the rate limiter says it
    "status",  # the answer is an error with `status` and a message
    "html",  # 200 and a page, as from a wrong base URL or a login wall
    "redirect",  # 307 to `body`
    "replace",  # 200, labelled as JSON, and `body` as it is: wrong types, bad UTF-8
    "large",  # `status` and a page of `size` bytes
    "endless",  # a body that never ends
    "gzip_bomb",  # `size` bytes of blanks in very few
    "hang_up",  # a stream's connection ends after `messages` of them, without a word
    "break",  # it ends after `size` bytes, in the middle of a message or of a frame
    "no_close",  # it ends where a WebSocket should have sent its close frame
    "pieces",  # a stream comes in pieces of `size` bytes
    "slow",  # each message of a stream comes `seconds` late
    "silent",  # after `messages` of them no more comes, while pings go on, as from a dead agent
    "hung",  # a WebSocket on which nothing begins and no byte comes; closed with 1001 after `seconds`
    "lost_tail",  # its messages come `seconds` late, and what is under way when the server ends is lost
    "break_input",  # it ends, without a word, when the client has sent `size` bytes
    "agent_killed",  # after `messages` of a terminal its agent is gone without a word: sockets stay, pings go on
    "agent_stopped",  # after `messages` of a terminal its agent ends as it should, and its terminals with it
]

_BLOCK: Final = 64 * 1024
_PAGE: Final = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in.</body></html>\n"


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong.

    Args:
        kind: what.
        path: a pattern with `*` for the path, "/api/v2/workspaces*" for example.
        method: a pattern for the method.
        times: how many requests it strikes, None for all.
        skip: how many requests it lets pass first.
        seconds: how late an answer is; for "rate_limit", in how many seconds the limit ends; for "hung", in how many
            the server gives up; for an agent's end, after how many a new one has its place, 0 for never.
        status: for "status" and "large".
        body: for "replace"; the address for "redirect"; the message for "status".
        size: in bytes.
        messages: how many of a stream's get through; pings are none.
    """

    kind: Kind
    path: str = "*"
    method: str = "*"
    times: int | None = 1
    skip: int = 0
    seconds: float = 0.0
    status: int = 503
    body: bytes = b""
    size: int = 50_000_000
    messages: int = 0

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ValueError(f"no such fault: {self.kind}; there are {', '.join(get_args(Kind))}")
        numbers = (self.skip, self.status, self.size, self.messages, 0 if self.times is None else self.times)
        if not all(isinstance(number, int) for number in numbers) or not isinstance(self.seconds, int | float):
            raise ValueError("skip, times, status, size, messages and seconds are numbers")
        if self.kind == "pieces" and self.size < 1:
            raise ValueError("a piece has a byte at least")


class Faults:
    """The faults that are on order. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._orders: list[tuple[Fault, int]] = []
        self._struck = 0

    @property
    def struck(self) -> int:
        """How many requests have met a fault so far."""
        return self._struck

    def add(self, fault: Fault) -> None:
        """Orders a fault. Of several that match a request, the oldest strikes."""
        with self._lock:
            self._orders.append((fault, 0))

    def clear(self) -> None:
        """From now on all goes well."""
        with self._lock:
            self._orders.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """The fault this request meets, which counts it."""
        with self._lock:
            for index, (fault, seen) in enumerate(self._orders):
                if not (fnmatchcase(path, fault.path) and fnmatchcase(method, fault.method)):
                    continue
                self._orders[index] = (fault, seen + 1)
                if fault.times is not None and seen + 1 >= fault.skip + fault.times:
                    del self._orders[index]
                if seen >= fault.skip:
                    self._struck += 1
                    return fault
            return None


async def delay(fault: Fault) -> None:
    """Waits where the fault is about time."""
    if fault.kind == "latency":
        await asyncio.sleep(fault.seconds)


def damage(fault: Fault, reply: Reply, request: Request) -> Reply:
    """What goes out in place of the right answer.

    Args:
        fault: what goes wrong.
        reply: the right answer.
        request: what was asked.
    """
    half = reply.body[: len(reply.body) // 2]
    match fault.kind:
        case "latency":
            return reply
        case "hang_up" | "break" | "no_close" | "pieces" | "slow" | "silent":
            reply.through = partial(Spoiled, fault)
            return reply
        case "hung" | "lost_tail" | "break_input" | "agent_killed" | "agent_stopped":
            if reply.upgrade is not None:
                reply.upgrade = partial(spoiled, fault, reply.ends_agent, reply.upgrade)
            return reply
        case "drop":
            return Reply(drop=True)
        case "cut":
            return Reply(reply.status, half, reply.content_type, reply.headers, reply.clock, claimed=len(reply.body))
        case "truncate":
            return Reply(reply.status, half, reply.content_type, reply.headers, reply.clock)
        case "rate_limit":
            return _rate_limited(fault)
        case "status":
            return message(fault.status, fault.body.decode() or "An internal server error occurred.")
        case "html":
            return Reply(200, _PAGE, HTML)
        case "redirect":
            return Reply(307, headers=[("Location", fault.body.decode())])
        case "replace":
            return Reply(200, fault.body, JSON)
        case "large":
            return Reply(fault.status, content_type=HTML, claimed=fault.size, rest=_blanks(fault.size))
        case "endless":
            return Reply(200, b'{"message":"', JSON, rest=_blanks(None))
        case "gzip_bomb":
            bomb = gzip.compress(b"[" + b" " * fault.size + b"]")
            return Reply(200, bomb, JSON, headers=[("Content-Encoding", "gzip")])


def _rate_limited(fault: Fault) -> Reply:
    reply = message(429, f"You've been rate limited for sending more than {API_LIMIT} requests in 1m0s.")
    reply.headers += [
        ("Retry-After", str(WINDOW)),
        ("X-Ratelimit-Limit", str(API_LIMIT)),
        ("X-Ratelimit-Remaining", "0"),
        ("X-Ratelimit-Reset", str(int(time.time() + fault.seconds))),
    ]
    return reply


def _blanks(size: int | None) -> Iterator[bytes]:
    left = size
    while left is None or left > 0:
        block = b" " * (_BLOCK if left is None else min(left, _BLOCK))
        yield block
        left = None if left is None else left - len(block)
