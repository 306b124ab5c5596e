"""A page without a browser: what a widget sends is kept and acknowledged as the real one does, and asked for again."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import comm
from comm.base_comm import BaseComm

__all__ = ["Comm", "Page", "recorded"]


class Comm(BaseComm):
    """The kernel's end of a widget's connection: keeps what is sent, with the moment and the bytes.

    Attributes:
        sent: moment, content, buffers of each custom message.
        bytes: of everything, the opening included; JSON and buffers, not Jupyter's envelope.
    """

    def __init__(self, *args: Any, **keys: Any) -> None:
        self.sent: list[tuple[float, dict[str, Any], list[bytes]]] = []
        self.bytes = 0
        self.messages = 0
        self.told: Callable[[dict[str, Any], list[bytes]], None] = lambda content, buffers: None
        super().__init__(*args, **keys)

    def publish_msg(
        self, msg_type: str, data: Any = None, metadata: Any = None, buffers: Any = None, **keys: Any
    ) -> None:
        raw = [bytes(buffer) for buffer in buffers or ()]
        self.bytes += len(json.dumps(data)) + sum(map(len, raw))
        self.messages += 1
        if (data or {}).get("method") == "custom":
            self.sent.append((time.monotonic(), data["content"], raw))
            self.told(data["content"], raw)

    def says(self, content: dict[str, Any], buffers: list[bytes] | None = None) -> None:
        """A custom message from a page."""
        self.handle_msg(
            {"content": {"data": {"method": "custom", "content": content}}, "buffers": buffers or [], "metadata": {}}
        )


class Page:
    """Shows a view: says hello, takes what comes in order, acknowledges.

    Attributes:
        batches: body and buffers of each, in order, of the last epoch.
        deaf: takes nothing while it is set, as if messages were lost.
    """

    def __init__(self, line: Comm, name: str = "page") -> None:
        self.line = line
        self.name = name
        self.epoch, self.seq = -1, 0
        self.batches: list[tuple[dict[str, Any], list[bytes]]] = []
        self.deaf = False
        self._change = threading.Condition()
        line.told = self._take

    def say(self, type: str, **more: Any) -> None:
        """Says something as this page, and how far it is."""
        self.line.says({"type": type, "client": self.name, "epoch": self.epoch, "seq": self.seq, **more})

    def hello(self) -> None:
        """Begins to show the view."""
        self.say("hello")

    def wait(self, until: Callable[[], bool], timeout: float = 20) -> None:
        """Until something is so that comes with messages."""
        with self._change:
            assert self._change.wait_for(until, timeout), f"{len(self.batches)} batches, {self.batches[-1:]}"

    def bodies(self, key: str) -> Iterator[Any]:
        """What batches say under a key, of those that have it."""
        return (body[key] for body, _ in self.batches if key in body)

    def _take(self, content: dict[str, Any], buffers: list[bytes]) -> None:
        if self.deaf:
            return
        ask = None
        with self._change:
            if content["epoch"] > self.epoch and content["kind"] != "say":
                self.epoch, self.seq, self.batches = content["epoch"], 0, []
            if content["kind"] == "count" and content["seq"] > self.seq:
                ask = "missing"
            elif content["kind"] == "batch" and content["seq"] == self.seq + 1:
                self.seq += 1
                self.batches.append((content["body"], buffers))
                ask = "ack" if self.seq % 8 == 0 else None
            elif content["kind"] == "batch" and content["seq"] > self.seq:
                ask = "missing"
            self._change.notify_all()
        if ask:
            self.say(ask)


@contextmanager
def recorded() -> Iterator[list[Comm]]:
    """Widgets made in this block have such connections; they are in the list, in the order in which they were made."""
    made: list[Comm] = []
    before = comm.create_comm

    def create(*args: Any, **keys: Any) -> Comm:
        made.append(Comm(*args, **keys))
        return made[-1]

    comm.create_comm = create
    try:
        yield made
    finally:
        comm.create_comm = before
