"""The base of the live views: a widget that begins to stream when a page shows it, in numbered batches.

What it shows never is in its traits: those are saved with a notebook and sent again with every reload. A page asks for
the rest. Beside the widget each output carries plain text and HTML of the state when it was shown.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from coder_nb.widgets.outgoing import Batch, Outgoing
from coder_nb.widgets.pump import PUMP

__all__ = ["MIME", "View", "module"]

MIME = "application/vnd.jupyter.widget-view+json"


def module(name: str) -> str:
    """A widget's JavaScript, as it was bundled from frontend/src when this package was built."""
    return (Path(__file__).with_name("static") / f"{name}.js").read_text(encoding="utf-8")


class View(anywidget.AnyWidget):
    """A live view of something that goes on. Subclasses say what is next to send and what a page may ask.

    Messages from pages may arrive on another thread than the main one, so whatever is shared is used under `_lock`.
    """

    _esm: Any = traitlets.Unicode("").tag(sync=True)
    title: Any = traitlets.Unicode("").tag(sync=True)

    def __init__(self, name: str, *, title: str) -> None:
        self._lock = threading.RLock()
        self._outgoing = Outgoing()
        self._started = False
        self._stopped = False
        super().__init__(_esm=module(name), title=title)
        self.on_msg(self._heard)

    def __repr__(self) -> str:
        return self._static_text()

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, object], dict[str, object]]:
        model = {"version_major": 2, "version_minor": 1, "model_id": self.model_id}
        return {"text/plain": self._static_text(), "text/html": self._static_html(), MIME: model}, {}

    def stop(self) -> None:
        """Ends it: what it shows stays, and nothing more comes. May be called twice."""
        with self._lock:
            first, self._stopped = not self._stopped, True
        if first:
            self._end()
            self._wake()

    # What a subclass says.

    def _begin(self) -> None:
        """A page shows it for the first time: now is the time to open streams."""

    def _end(self) -> None:
        """It was stopped: close what `_begin` opened."""

    def _anew(self) -> None:
        """The next batch is to be understood by a page that knows nothing."""
        raise NotImplementedError

    def _batch(self) -> tuple[dict[str, object], Sequence[bytes]] | None:
        """What is next to send, at most some 256 kB; None for nothing."""
        raise NotImplementedError

    def _asked(self, message: dict[str, Any], buffers: Sequence[memoryview]) -> None:
        """A page asks for something of the subclass's own."""

    def _static_text(self) -> str:
        """The state in plain text; the same for the same state."""
        raise NotImplementedError

    def _static_html(self) -> str:
        """The state in HTML with inline styles only, which is what a page without the widget shows."""
        raise NotImplementedError

    # What the pump and pages ask.

    def due(self, now: float) -> float:
        """When it may send next."""
        with self._lock:
            return self._outgoing.due(now)

    def pumped(self, now: float) -> bool:
        """Sends what is next."""
        with self._lock:
            if not self._outgoing.watched or self.comm is None:
                return False
            made = self._batch()
            batch = self._outgoing.count(now) if made is None else self._outgoing.batch(*made, now)
        self._send(batch)
        return made is not None

    def _wake(self) -> None:
        """There is something to send."""
        PUMP.wake(self)

    def _say(self, body: dict[str, object]) -> None:
        """Tells the pages something outside the numbers, such as the answer to what one asked."""
        self._send(Batch({"kind": "say", "epoch": 0, "seq": 0, "body": body}))

    def _send(self, batch: Batch) -> None:
        if self.comm is not None:
            self.send(batch.content, list(batch.buffers))

    def _heard(self, _: object, message: dict[str, Any], buffers: Sequence[memoryview]) -> None:
        client, epoch, seq = message.get("client", ""), message.get("epoch", -1), message.get("seq", 0)
        now, again = time.monotonic(), None
        with self._lock:
            match message.get("type"):
                case "hello":
                    again = self._outgoing.hello(client, epoch, seq, now)
                case "missing":
                    again = self._outgoing.missing(client, epoch, seq, now)
                case "ack":
                    return self._outgoing.acknowledged(client, epoch, seq, now)
                case "bye":
                    return self._outgoing.bye(client)
                case "beat":
                    if self._outgoing.heard(client, now):
                        return None
                    again = self._outgoing.hello(client, -1, 0, now)
                case _:
                    return self._asked(message, buffers)
            first, self._started = not self._started and not self._stopped, True
            if again is None:
                self._anew()
        if first:
            self._begin()
        for batch in again or ():
            self._send(batch)
        self._wake()
        return None
