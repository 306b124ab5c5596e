"""A live view of a feed: it listens while pages show it, and tells them what the stream is doing."""

from __future__ import annotations

import time
from typing import Any, Generic, TypeVar

from coder_nb import look
from coder_nb.streams.feed import Feed, Listener, State
from coder_nb.widgets.view import View

__all__ = ["FeedView"]

T = TypeVar("T")

_STOPPED, _OFF = State("ended", "stopped here"), State("ended", "live views are turned off by CODER_NB_LIVE=0")


class FeedView(View, Generic[T]):
    """What views of feeds share. Subclasses take what has come, in `_drain`, and make batches of it.

    Args:
        name: of the bundle, such as logs.
        feed: where news come from.
        title: what is shown, for people.
    """

    def __init__(self, name: str, feed: Feed[T], *, title: str) -> None:
        self._feed = feed
        self._listener: Listener[T] | None = None
        self._told: State | None = None
        super().__init__(name, title=title)

    @property
    def state(self) -> State:
        """What the stream is doing."""
        return _OFF if self.off else _STOPPED if self._stopped else self._feed.state

    def _drain(self) -> None:
        """Take what has come. Called under the lock."""
        raise NotImplementedError

    def _looked_at(self, looking: bool) -> None:
        with self._lock:
            listener, self._listener = self._listener, None
        if listener is not None:
            listener.close()
        if looking and not self._stopped:
            self._listener = self._feed.listen(self._wake)

    def _end(self) -> None:
        with self._lock:
            self._drain()
        self._looked_at(False)

    def _new_state(self) -> dict[str, Any]:
        """The state for the next batch, as a part of it; nothing where pages know it."""
        if (state := self.state) == self._told:
            return {}
        self._told = state
        # The page's clock may be another one than ours.
        retry = None if state.retry_at is None else max(0.0, round(state.retry_at - time.time(), 1))
        return {"state": {"name": state.name, "why": look.visible(state.why), "retry": retry}}
