"""A terminal in the notebook: bytes to the pages that show it, and what is typed there to the workspace.

Bytes are never decoded here. All that pages say comes by a model of its own, on which nothing but answers is sent: a
kernel takes a message where it last sent from on the same model, and would make what is typed wait for a running cell.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import ipywidgets  # type: ignore[import-untyped]
import traitlets

from coder_nb import look
from coder_nb.frames.escapes import plain_lines
from coder_nb.remote.attachment import Where
from coder_nb.widgets.audience import Audience
from coder_nb.widgets.in_order import InOrder
from coder_nb.widgets.terminal_bundle import bundle, bundle_hash
from coder_nb.widgets.view import View

if TYPE_CHECKING:
    from coder_nb.remote.attachment import Attachment

__all__ = ["TerminalView"]

_MESSAGE = 256 * 1024
"""Bytes of one message to the pages."""
_REPLAY = 1024 * 1024
"""Bytes of what was said before that a new page gets."""
_LINES = 40
"""Lines of the screen where no page shows it."""


class _Input(ipywidgets.Widget):  # type: ignore[misc]
    """The model by which pages talk; it is never shown."""


class TerminalView(View):
    """A terminal. It begins when a page shows it, or with `type`. `stop` leaves it; its shell ends five minutes later.

    Args:
        attach: makes the attachment, given what it is to call when there is news.
        title: whose terminal it is.
        places: containers it may move to: id and name.
        again: the command that shows such a terminal.
    """

    _input: Any = traitlets.Unicode("").tag(sync=True)
    _bundle: Any = traitlets.Unicode("").tag(sync=True)
    _again: Any = traitlets.Unicode("").tag(sync=True)
    _phase: Any = traitlets.Dict().tag(sync=True)
    _places: Any = traitlets.List().tag(sync=True)

    def __init__(
        self,
        attach: Callable[[Callable[[], None]], Attachment],
        *,
        title: str,
        places: Sequence[tuple[str, str]] = (),
        again: str = "",
    ) -> None:
        self._audience = Audience()
        self._typing: dict[str, InOrder[tuple[str, Callable[[], None]]]] = {}
        self._screen: list[str] | None = None
        self._attachment = attach(self._wake)
        self._keys = _Input()
        super().__init__("terminal", title=title)
        self._keys.on_msg(self._told)
        with self.hold_sync():
            self._input, self._bundle, self._again = f"IPY_MODEL_{self._keys.model_id}", bundle_hash(), again
            self._places = [{"id": id, "name": name} for id, name in places]
            self._phase = self._phase_now()

    @property
    def session(self) -> str:
        """The id by which the shell can be met again, for five minutes after everybody has left; "" before there is
        one."""
        return self._attachment.session

    @property
    def ended(self) -> str | None:
        """Why it has ended; None while it has not."""
        phase = self._attachment.phase
        return phase.why if phase.name == "ended" else None

    @property
    def received(self) -> int:
        """Bytes it has said."""
        return self._attachment.tape.end

    @property
    def text(self) -> str:
        """Its last lines, 200 at most, as the page that showed them last says; else as far as can be told."""
        if self._screen is not None:
            return "\n".join(self._screen)
        lines = self._attachment.tape.tail(64 * 1024).decode("utf-8", "replace").split("\n")[-200:]
        return "\n".join(plain_lines(lines) or lines)

    def type(self, text: str) -> None:
        """Type: Enter is "\\r", Ctrl-C "\\x03". It begins, if it has not yet; after its end this does nothing."""
        self._attachment.start()
        self._attachment.type(text)

    def restart(self) -> None:
        """Leave what there is, and begin a new shell."""
        self._attachment.restart()

    def close(self) -> None:
        """Stops it and takes it out of every page."""
        super().close()
        self._keys.close()

    # What pages and the pump ask.

    def due(self, now: float) -> float:
        """When it may send next."""
        return self._audience.due()

    def pumped(self, now: float) -> bool:
        """Sends what is next: how far it is, or some of what it said."""
        if self.comm is None:
            return False
        phase = self._phase_now()
        if phase != self._phase:
            self._phase = phase
        with self._lock:
            audience = self._audience
            self._attachment.taken(audience.slowest(now))
            asked = audience.at
            at, data = self._attachment.tape.read(asked, _MESSAGE) if audience.has_room(now) else (asked, b"")
            if not data:
                return False
            audience.sent(at + len(data), now)
        self.send({"kind": "out", "at": at, "lost": at - asked}, [data])
        return True

    def _end(self) -> None:
        self._attachment.close()

    def _told(self, _: object, message: dict[str, Any], __: Sequence[memoryview]) -> None:
        """A page says something."""
        view, now, attachment = str(message.get("view", "")), time.monotonic(), self._attachment
        match message.get("kind"):
            case "bundle":
                self._keys.send({"kind": "bundle", "hash": bundle_hash()}, [bundle()])
            case "hello":
                self._hello(view, message, now)
            case "bye":
                with self._lock:
                    self._audience.bye(view)
                    self._typing.pop(view, None)
            case "drawn":
                with self._lock:
                    self._audience.drawn(view, int(message["at"]), int(message["come"]), now)
            case "keys":
                self._type(view, message)
            case "size":
                attachment.resize(int(message["columns"]), int(message["rows"]))
            case "redraw":
                attachment.redraw()
            case "restart":
                attachment.restart()
            case "move":
                attachment.restart(Where(str(message["container"]) or None))
            case "screen":
                self._screen = [str(line) for line in message["lines"]]
            case _:
                return
        self._wake()

    def _hello(self, view: str, message: dict[str, Any], now: float) -> None:
        attachment = self._attachment
        attachment.resize(int(message["columns"]), int(message["rows"]))
        at = message.get("at")
        with self._lock:
            begin = attachment.tape.line_start(_REPLAY) if at is None else int(at)
            self._audience.hello(view, begin, now)
        self._keys.send({"kind": "welcome", "view": view, "at": begin})
        if not self._stopped:
            self._begun = True
            attachment.start()

    def _type(self, view: str, message: dict[str, Any]) -> None:
        number, text = int(message["n"]), str(message["text"])
        done = partial(self._typed, view, number) if message["wait"] else _nothing
        with self._lock:
            order = self._typing.setdefault(view, InOrder())
            for turn in order.take(number, (text, done)):
                self._attachment.type(*turn)

    def _typed(self, view: str, n: int) -> None:
        # Not by the model pages talk by: this is another thread.
        if self.comm is not None:
            self.send({"kind": "typed", "view": view, "n": n})

    def _phase_now(self) -> dict[str, Any]:
        attachment = self._attachment
        phase = attachment.phase
        return {
            "name": phase.name,
            "why": look.visible(phase.why),
            "retry_at": phase.retry_at,
            "session": attachment.session,
            "container": attachment.where.container or "",
        }

    def _static_text(self) -> str:
        phase = self._attachment.phase
        how = {"idle": "begins when a notebook shows it", "ended": f"ended: {phase.why}"}.get(phase.name, phase.name)
        return look.visible(f"terminal of {self.title}: {how}")

    def _static_html(self) -> str:
        lines = self.text.rstrip().split("\n")[-_LINES:]
        screen = look.safe("\n".join(lines)) if self.received else ""
        style = "margin:4px 0;padding:6px 8px;border:1px solid rgba(127,127,127,.4);overflow:auto;line-height:1.25"
        shown = f'<pre style="{style}">{screen}</pre>' if screen else ""
        return f"<div>{look.dim(self._static_text())}</div>{shown}"


def _nothing() -> None:
    pass
