"""When what has broken is connected again: the one place for back-off and for what ends it for good."""

from __future__ import annotations

import random
import time
from abc import abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from coder_nb.api.stream import Stream
from coder_nb.errors import (
    AgentUnavailable,
    AuthenticationError,
    CoderError,
    ConfigurationError,
    ConfirmationRequired,
    Invalid,
    NotFound,
    PermissionDenied,
    ProtocolError,
)
from coder_nb.streams.feed import Running
from coder_nb.streams.state import CONNECTING, LIVE, State

__all__ = ["BACK_OFF", "BackOff", "Followed", "Over", "back_off", "for_good"]

T = TypeVar("T")
M = TypeVar("M")

FOR_GOOD = (AuthenticationError, PermissionDenied, NotFound, ConfigurationError, ConfirmationRequired)
"""Refusals that asking again does not change."""
AT_FIRST = (AgentUnavailable, Invalid, ProtocolError)
"""Refusals that end what has never worked. Later an agent will be back, and so will a proxy's page be gone."""


@dataclass(frozen=True, slots=True)
class BackOff:
    """How long to wait before the next try: twice as long each time, and never all clients at once.

    Attributes:
        first, most: seconds.
    """

    first: float = 1.0
    most: float = 30.0

    def seconds(self, failures: int) -> float:
        """After so many failures in a row, 1 at least."""
        return float(min(self.most, self.first * 2 ** min(failures - 1, 20)) * random.uniform(0.5, 1.0))  # noqa: S311


BACK_OFF = BackOff()


class Over(Exception):
    """There is nothing more to follow; the text says why."""


def back_off(feed: Running[T], why: str, failures: int, policy: BackOff) -> bool:
    """Waits before the next try, and says so; False if nobody listens any more."""
    pause = policy.seconds(failures)
    feed.turn(State("reconnecting", why, time.time() + pause))
    return not feed.stopped.wait(pause)


def for_good(error: CoderError, worked: bool) -> bool:
    """Whether an error ends what is followed.

    Args:
        worked: whether it ever worked.
    """
    return isinstance(error, FOR_GOOD) or (not worked and isinstance(error, AT_FIRST))


class Followed(Generic[M, T]):
    """A source that reads a stream of the API, and opens it again when it breaks.

    Args:
        policy: how long to wait between tries.
    """

    def __init__(self, *, policy: BackOff = BACK_OFF) -> None:
        self._policy = policy
        self._worked = False

    @abstractmethod
    def _open(self) -> Stream[M]:
        """Connects, to go on behind what was read last."""

    @abstractmethod
    def _rows(self, message: M) -> Iterable[T]:
        """What is new in a message."""

    def _next(self, stream: Stream[M]) -> M | None:
        """The next message; None at the end."""
        return stream.receive()

    def _kept(self, rows: list[T]) -> None:
        """These rows are the listeners' now: what is asked for next begins behind them."""

    def _beyond(self, feed: Running[T], over: Over) -> bool:
        """What to do when it is over; True is to connect again, False that there is no more to do."""
        feed.turn(State("ended", str(over)))
        return False

    def _ended(self, stream: Stream[M]) -> str:
        """Why to connect again; raises Over where there is no reason to."""
        return stream.ended.reason if stream.ended and stream.ended.reason else "the connection ended"

    def run(self, feed: Running[T]) -> None:
        """Follows until nobody listens, or there is no more."""
        failures = 0
        feed.turn(CONNECTING)
        while not feed.stopped.is_set():
            some = False
            try:
                try:
                    why, some = self._once(feed)
                except Over as over:
                    if not self._beyond(feed, over):
                        return
                    feed.turn(CONNECTING)
                    continue
            except CoderError as error:
                if for_good(error, self._worked):
                    feed.turn(State("ended", error.message))
                    return
                why = error.message
            failures = 1 if some else failures + 1
            if feed.stopped.is_set() or not back_off(feed, why, failures, self._policy):
                return

    def _once(self, feed: Running[T]) -> tuple[str, bool]:
        """One connection, from its opening to its end; why it ended, and whether anything came."""
        some = False
        with self._open() as stream:
            feed.on_stop(stream.close)
            try:
                while (message := self._next(stream)) is not None:
                    if not some:
                        some = self._worked = True
                        feed.turn(LIVE)
                    if rows := list(self._rows(message)):
                        if not feed.came(rows):
                            return "", some
                        self._kept(rows)
                if feed.stopped.is_set():
                    return "", some
                return self._ended(stream), some
            finally:
                feed.on_stop(None)
