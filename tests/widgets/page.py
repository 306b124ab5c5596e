"""A page as a view's kernel side sees it: what it says arrives, and all that is sent to it is kept. Draws nothing."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import comm
import pytest
from comm.base_comm import BaseComm

from coder_nb.streams.feed import Feed, Running
from coder_nb.streams.state import LIVE, State

__all__ = ["Page", "Pushed", "pushed"]


class Page(BaseComm):
    """The other end of a view's comm."""

    def __init__(self, **more: Any) -> None:
        self.came: list[dict[str, Any]] = []
        self._states: list[dict[str, Any]] = []
        self._change = threading.Condition()
        super().__init__(**more)

    def publish_msg(self, msg_type: str, data: Any = None, *_: Any, **__: Any) -> None:
        """Something was sent to the page."""
        if msg_type == "comm_msg" and isinstance(data, dict) and data.get("method") == "custom":
            with self._change:
                self.came.append(data["content"])
                self._states += [body["state"] for body in [data["content"].get("body", {})] if "state" in body]
                self._change.notify_all()

    def say(self, **message: Any) -> None:
        """The page says something."""
        content = {"client": "page", "epoch": -1, "seq": 0, **message}
        self.handle_msg({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})

    def wait(self, found: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The newest message of which that is true, once there is one; taken together with all before it."""
        deadline = time.monotonic() + 10
        with self._change:
            while True:
                for at in range(len(self.came) - 1, -1, -1):
                    if found(self.came[at]):
                        message = self.came[at]
                        del self.came[: at + 1]
                        return message
                assert self._change.wait(deadline - time.monotonic()), self.came

    def state(self, name: str) -> dict[str, Any]:
        """The newest state that was told, once it is that one."""
        with self._change:
            assert self._change.wait_for(lambda: self._states and self._states[-1]["name"] == name, 10), self._states
            return self._states[-1]

    def body(self, *names: str) -> dict[str, Any]:
        """The body of the newest message that has one of these parts."""
        body: dict[str, Any] = self.wait(lambda message: any(name in message.get("body", {}) for name in names))["body"]
        return body


class Pushed:
    """A stream that tells what the test says."""

    def __init__(self) -> None:
        self._begun = threading.Event()
        self._feed: Running[Any] | None = None

    def run(self, feed: Running[Any]) -> None:
        """Until nobody listens any more."""
        self._feed = feed
        feed.turn(LIVE)
        self._begun.set()
        feed.stopped.wait()

    def push(self, snapshot: Any) -> None:
        """There is a new snapshot."""
        self.feed.came([snapshot])

    def turn(self, state: State) -> None:
        """The state is another one."""
        self.feed.turn(state)

    @property
    def feed(self) -> Running[Any]:
        """The feed, once somebody listens."""
        assert self._begun.wait(10) and self._feed is not None
        return self._feed


@contextmanager
def pushed() -> Iterator[tuple[Pushed, Feed[Any]]]:
    """A stream, and the feed of it."""
    source = Pushed()
    with Feed(lambda: source, title="pushed", rows=1) as feed:
        yield source, feed


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Page:
    """The page that shows the next view that is made."""
    made = Page()
    monkeypatch.setattr(comm, "create_comm", lambda **_: made)
    return made


def size(message: object) -> int:
    """Bytes of it on the wire."""
    return len(json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode())
