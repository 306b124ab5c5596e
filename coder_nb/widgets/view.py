"""The base of the live views: a widget that begins to stream when a page shows it, in numbered batches.

What it shows never is in its traits: those are saved with a notebook and sent again with every reload. A page asks for
the rest. Beside the widget each output carries plain text and HTML of the state when it was shown.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
import weakref
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import anywidget
import traitlets

from coder_nb.errors import ConfigurationError
from coder_nb.widgets.outgoing import GRACE, Batch, Outgoing
from coder_nb.widgets.pulse import Pulse
from coder_nb.widgets.pump import PUMP

__all__ = ["MIME", "View", "module", "stop_all"]

MIME = "application/vnd.jupyter.widget-view+json"
_VIEWS: weakref.WeakSet[View] = weakref.WeakSet()


def module(name: str) -> str:
    """A widget's JavaScript, as it was bundled from frontend/src when this package was built.

    Raises:
        ConfigurationError: it was not bundled.
    """
    path = Path(__file__).with_name("static") / f"{name}.js"
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigurationError(
            f"this coder_nb was installed without its widgets: {path.name} is missing",
            hint="pip install it again; in a checkout: python frontend/hatch_build.py",
        ) from None


def stop_all() -> None:
    """Stops every view of this process, and the thread that sends for them."""
    for view in list(_VIEWS):
        view.stop()
    PUMP.close()


class View(anywidget.AnyWidget):
    """A live view of something that goes on. Subclasses say what is next to send and what a page may ask.

    Messages from pages may arrive on another thread than the main one, so whatever is shared is used under `_lock`.
    Nothing waits for a page, or for another lock, while it holds that one.

    Args:
        name: of the bundle, such as logs.
        title: what is shown, for people.
    """

    _esm: Any = traitlets.Unicode("").tag(sync=True)
    title: Any = traitlets.Unicode("").tag(sync=True)

    def __init__(self, name: str, *, title: str) -> None:
        self._lock = threading.RLock()
        self._outgoing = Outgoing()
        self._said: deque[Batch] = deque()
        self._pulse = Pulse()
        self._begun = self._seen = False
        # Where live views are turned off, what there is when it is shown is all there will be.
        self._stopped = self.off = os.environ.get("CODER_NB_LIVE") == "0"
        self._woken = False
        self._quiet = 0.0
        self._display: str | None = None
        super().__init__(_esm=module(name), title=title)
        self.on_msg(self._heard)
        _VIEWS.add(self)

    def __repr__(self) -> str:
        return self._static_text()

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, object], dict[str, object]]:
        model = {"version_major": 2, "version_minor": 1, "model_id": self.model_id}
        return {"text/plain": self._static_text(), "text/html": self._static_html(), MIME: model}, {}

    def _ipython_display_(self) -> None:
        # Shown under an id of its own, so that the text and HTML beside it can be brought up to date once it has ended.
        self._display = self._display or uuid4().hex
        self._publish(update=False)

    def stop(self) -> None:
        """Ends it: what it shows stays, and nothing more comes. May be called twice."""
        with self._lock:
            first, self._stopped = not self._stopped, True
        if not first:
            return
        self._end()
        if self._begun:
            self._wake()
        # Where no page ever streamed, such as in a notebook run by a test, nothing has changed since it was shown.
        if self._begun and self._display is not None:
            self._publish(update=True)

    def close(self) -> None:
        """Stops it and takes it out of every page."""
        self.stop()
        super().close()

    # What a subclass says.

    def _begin(self) -> None:
        """A page shows it for the first time: now is the time to open streams."""

    def _looked_at(self, looking: bool) -> None:
        """Pages show it, from now on; or none does any more, and one may come back later."""

    def _end(self) -> None:
        """It was stopped: close whatever is open. Called once, also if it never began."""

    def _anew(self) -> None:
        """The next batch is to be understood by a page that knows nothing. Called under the lock."""
        raise NotImplementedError

    def _batch(self) -> tuple[dict[str, object], Sequence[bytes]] | None:
        """What is next to send, at most some 256 kB; None for nothing. Called under the lock."""
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
        at = self._outgoing.due()
        return at if self._woken else max(at, self._quiet)

    def pumped(self, now: float) -> bool:
        """Sends what is next; whether it wants another turn."""
        self._woken = False
        try:
            with self._lock:
                batch, at = self._next(now)
                self._quiet = at or 0.0
            if batch is not None and self.comm is not None:
                self.send(batch.content, list(batch.buffers))
            self._rest(now)
        except Exception:
            # A view that cannot go on must not take the others with it.
            logging.getLogger(__name__).exception("%s stopped", type(self).__name__)
            self.stop()
            return False
        return at is not None

    def _next(self, now: float) -> tuple[Batch | None, float | None]:
        """What is to be sent now, and when to ask for the next; None: once it is woken."""
        outgoing = self._outgoing
        if self._pulse.felt(now):
            outgoing.alive(now)
        if outgoing.left is not None:
            return None, outgoing.left + GRACE if self._seen and now < outgoing.left + GRACE else None
        if (due := outgoing.due()) > now:
            return None, due
        if self._said:
            return outgoing.aside(self._said.popleft(), now), 0.0
        batch = outgoing.again(now)
        if batch is None and (made := self._batch()) is not None:
            batch = outgoing.batch(*made, now)
        if batch is not None:
            return batch, 0.0
        reminder = outgoing.reminder(now)
        return (reminder, 0.0) if isinstance(reminder, Batch) else (None, reminder)

    def _rest(self, now: float) -> None:
        with self._lock:
            left = self._outgoing.left
            rests = self._seen and left is not None and now >= left + GRACE
            self._seen = self._seen and not rests
        if rests:
            self._looked_at(False)

    def _wake(self) -> None:
        """There is something to send. Cheap, from any thread."""
        self._woken = True
        PUMP.wake(self)

    def _say(self, body: dict[str, object]) -> None:
        """Tells the pages something outside the numbers, such as the answer to what one asked."""
        with self._lock:
            self._said.append(Batch({"kind": "say", "epoch": 0, "seq": 0, "body": body}))
        self._wake()

    def _heard(self, _: object, message: dict[str, Any], buffers: Sequence[memoryview]) -> None:
        client, kind = str(message.get("client", "")), message.get("type")
        epoch, seq = int(message.get("epoch", -1)), int(message.get("seq", 0))
        with self._lock:
            outgoing, goes_on = self._outgoing, True
            if kind == "bye":
                outgoing.bye(client, time.monotonic())
            elif kind == "missing":
                goes_on = outgoing.missing(client, epoch, seq)
            elif kind == "hello" or (kind in ("ack", "beat") and not outgoing.beat(client, epoch, seq)):
                goes_on = outgoing.hello(client, epoch, seq)
            if not goes_on:
                self._anew()
            watched = outgoing.watched and not self._stopped
            begins, self._begun = watched and not self._begun, self._begun or watched
            seen, self._seen = watched and not self._seen, self._seen or watched
        if begins:
            self._begin()
        if seen:
            self._looked_at(True)
        if kind not in ("bye", "missing", "hello", "ack", "beat"):
            self._asked(message, buffers)
        self._wake()

    def _publish(self, *, update: bool) -> None:
        if "IPython" not in sys.modules:
            return
        from IPython.display import publish_display_data

        data, metadata = self._repr_mimebundle_()
        transient = {"display_id": self._display}
        publish_display_data(data, metadata, transient=transient, update=update)  # type: ignore[no-untyped-call]
