"""What is only of interest as it is now: metadata, containers, ports. Each row of these feeds is a whole snapshot."""

from __future__ import annotations

import operator
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Generic, TypeVar

from coder_nb.api.containers import ContainerListing
from coder_nb.api.metadata import MetadataItem
from coder_nb.api.stream import Stream
from coder_nb.errors import CoderError, NotFound
from coder_nb.streams.feed import Running
from coder_nb.streams.following import BACK_OFF, BackOff, Followed, Over, back_off, for_good
from coder_nb.streams.state import CONNECTING, LIVE, State

if TYPE_CHECKING:
    from coder_nb.api.metadata import Metadata

__all__ = ["FollowedContainers", "FollowedMetadata", "Polled"]

T = TypeVar("T")

LOOKED_AT, ALONE = 5.0, 30.0
"""Seconds between polls: while somebody looks, and while nobody does."""


class FollowedMetadata(Followed[list[MetadataItem], list[MetadataItem]]):
    """All items, whenever one changes; over server-sent events where a server has nothing newer.

    Args:
        current: the id of the agent to follow. The server does not tell when another one takes its place.
        look: seconds after which to see whether there is another one. A stream that says nothing for so long is broken:
            all items come every 5 s.
    """

    def __init__(
        self, metadata: Metadata, current: Callable[[], str], *, look: float = 30.0, policy: BackOff = BACK_OFF
    ) -> None:
        super().__init__(policy=policy)
        self._metadata = metadata
        self._current = current
        self._look = look
        self._looked = 0.0
        self._agent = ""
        self._why = ""

    def _open(self) -> Stream[list[MetadataItem]]:
        self._agent = self._current()
        self._looked = time.monotonic()
        try:
            return self._metadata.watch(self._agent)
        except NotFound:
            return self._metadata.watch_sse(self._agent)

    def _next(self, stream: Stream[list[MetadataItem]]) -> list[MetadataItem] | None:
        if time.monotonic() - self._looked > self._look:
            self._looked = time.monotonic()
            if self._current() != self._agent:
                self._why = "the workspace was started anew"
                return None
        try:
            return stream.receive(timeout=self._look)
        except TimeoutError:
            self._why = f"nothing came for {self._look:g} s"
            return None

    def _ended(self, stream: Stream[list[MetadataItem]]) -> str:
        return super()._ended(stream) if stream.ended else self._why

    def _rows(self, message: list[MetadataItem]) -> Iterable[list[MetadataItem]]:
        return [message]


class FollowedContainers(Followed[ContainerListing, ContainerListing]):
    """The listing whenever it changes. Servers push little of that, so it is asked for too when nothing came.

    Of a server that pushes nothing it is only asked for.

    Args:
        watch, ask: the two calls; `ask` explains why an agent cannot be asked.
        every: seconds after which to ask.
    """

    def __init__(
        self,
        watch: Callable[[], Stream[ContainerListing]],
        ask: Callable[[], ContainerListing],
        *,
        every: float = 10.0,
        policy: BackOff = BACK_OFF,
    ) -> None:
        super().__init__(policy=policy)
        self._watch = watch
        self._ask = ask
        self._every = every
        self._last: ContainerListing | None = None

    def _open(self) -> Stream[ContainerListing]:
        try:
            return self._watch()
        except NotFound as error:
            raise Over(error.message) from None

    def _beyond(self, feed: Running[ContainerListing], over: Over) -> bool:
        # If it is the agent that is missing, rather than the route, the first question tells.
        Polled(self._ask, every=self._every, policy=self._policy).run(feed)
        return False

    def _next(self, stream: Stream[ContainerListing]) -> ContainerListing | None:
        try:
            return stream.receive(timeout=self._every)
        except TimeoutError:
            return self._ask()

    def _rows(self, message: ContainerListing) -> Iterable[ContainerListing]:
        return [] if message == self._last else [message]

    def _kept(self, rows: list[ContainerListing]) -> None:
        self._last = rows[-1]

    def _ended(self, stream: Stream[ContainerListing]) -> str:
        # An agent that has gone says no more than that it has: asking tells why, and raises it.
        self._ask()
        return super()._ended(stream)


class Polled(Generic[T]):
    """What can only be asked for, again and again; seldom while nobody looks. A row is what differs from the last.

    Args:
        ask: the call.
        same: whether two answers say the same.
        every: seconds between two calls, while somebody looks.
        alone: the same while nobody does.
    """

    def __init__(
        self,
        ask: Callable[[], T],
        *,
        same: Callable[[T, T], bool] = operator.eq,
        every: float = LOOKED_AT,
        alone: float = ALONE,
        policy: BackOff = BACK_OFF,
    ) -> None:
        self._ask = ask
        self._same = same
        self._pauses = (every, max(every, alone))
        self._policy = policy
        self._last: T | None = None

    def run(self, feed: Running[T]) -> None:
        """Asks until nobody listens, or it is refused for good."""
        failures = 0
        feed.turn(CONNECTING)
        while not feed.stopped.is_set():
            try:
                found = self._ask()
            except CoderError as error:
                if for_good(error, self._last is not None):
                    return feed.turn(State("ended", error.message))
                failures += 1
                back_off(feed, error.message, failures, self._policy)
                continue
            failures = 0
            feed.turn(LIVE)
            if (self._last is None or not self._same(self._last, found)) and feed.came([found]):
                self._last = found
            feed.rest(*self._pauses)
        return None
