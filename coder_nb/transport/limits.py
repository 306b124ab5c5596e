"""How long the transport waits and how much it takes in: every number in one place, with its unit and its reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Limits"]

_KIB = 1024
_MIB = 1024 * _KIB


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one `Http`. Times are seconds, sizes are bytes.

    A call lasts at most `(1 + retries) * exchange + rate_limit` and the short pauses between, whatever the server does
    (a patient one: with `patient` for `exchange`); looking a name up is the one step whose time is the system's. Ctrl-C
    ends any of it at once.

    Attributes:
        connect: for TCP, and again for the TLS handshake.
        read: without a byte from the server.
        dial: the same on calls for which the server dials the agent: it gives up after 30 s and then says why.
        patient: both without a byte and in all, on calls the server answers only when something has happened, such as
            somebody having signed in elsewhere.
        exchange: from the first byte sent to the last one received, so that a server that drips a byte a second cannot
            hold a cell for ever. Two minutes carry the largest log, some 60 MiB, at 4 Mbit/s.
        linger: for an error's body, once its head is there: some streams go on behind the error they begin with.
        silence: on a stream, without a byte from the server: Coder sends a ping every 15 s.
        answer: of a good answer, after decompression.
        message: of one message of a WebSocket, all its frames together; a full log comes as one.
        refusal: of an error's body, after decompression; what is beyond is never read.
        retries: further attempts of a call that may be sent again; see `Retries`.
        rate_limit: of waiting for the server's rate limit in one call, all waits together.
        connections: kept open for the next call, and so how many calls may run at once without opening new ones.
        idle: after which a kept connection is not used again. Load balancers drop them after 60 and more, and a dropped
            one swallows the next request.
        wait: how to wait, for tests; None waits in earnest, and wakes within 0.1 s of Ctrl-C or `Http.close`.
    """

    connect: float = 5.0
    read: float = 30.0
    dial: float = 45.0
    patient: float = 600.0
    exchange: float = 120.0
    linger: float = 5.0
    silence: float = 45.0
    answer: int = 256 * _MIB
    message: int = 128 * _MIB
    refusal: int = 64 * _KIB
    retries: int = 2
    rate_limit: float = 60.0
    connections: int = 32
    idle: float = 30.0
    wait: Callable[[float], None] | None = None
