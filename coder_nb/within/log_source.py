"""A log source of one's own: lines go to the agent's log panel about once a second, in the background.

Saying a line never waits for the network and never fails: what cannot be stored is counted, and told once. When the
agent's log is full, only the last lines are kept, to be said at the end. A batch whose answer was lost is sent again.
"""

from __future__ import annotations

import atexit
import logging
import threading
import time
from collections.abc import Callable, Sequence

from coder_nb.api import Api
from coder_nb.api.me import AgentLine
from coder_nb.closing import Closing
from coder_nb.errors import CoderError, InvalidCommand, TooLarge
from coder_nb.within.lines import Ledger, Line, check_level, source_id, split
from coder_nb.within.log_handler import SourceHandler
from coder_nb.within.patience import Patience, passing

__all__ = ["LogSource"]

EVERY = 1.0
SOONEST = 0.2
"""Seconds between two batches at least: five a second stay below a server's usual limit of 512 a minute."""
MANY = 500
NAME_CHARACTERS = 127


class LogSource(Closing):
    """A log source of an agent. Inside `with`, or until `close`, it takes lines.

    >>> with me.log_source("nightly", icon="/emojis/1f319.png") as log:  # doctest: +SKIP
    ...     log.info("started")
    ...     logging.getLogger().addHandler(log.handler())

    Attributes:
        name: as the log panel shows it.
        id: the same for the same name.
    """

    def __init__(self, api: Api, name: str, *, icon: str = "", notify: Callable[[str], None] | None = None) -> None:
        if not 0 < len(name) <= NAME_CHARACTERS or not name.isprintable():
            raise InvalidCommand(
                f"not a name for a log source: {name!r}", hint=f"1 to {NAME_CHARACTERS} printable characters"
            )
        self.name = name
        self.id = source_id(name)
        self._api = api
        self._notify = notify or (lambda line: None)
        self._ledger = Ledger()
        self._waiting: list[Line] = []
        self._changed = threading.Condition()
        self._said = self._settled = 0
        self._hurry = False
        self._closing = threading.Event()
        self._told = False
        self._failed: CoderError | None = None
        self._thread = threading.Thread(target=self._run, name="coder-nb:log-source", daemon=True)
        api.me.create_log_source(id=self.id, display_name=name, icon=icon)
        self._thread.start()
        atexit.register(self.close)

    def __repr__(self) -> str:
        state = "closed" if self._closing.is_set() else "full" if self.full else "open"
        return f"LogSource {self.name!r}: {state}" + (f", {self.dropped:,} lines lost" if self.dropped else "")

    @property
    def full(self) -> bool:
        """Whether the agent's log takes no more: only the last lines are kept, for the end."""
        return self._ledger.full

    @property
    def dropped(self) -> int:
        """Lines that were not stored and never will be."""
        return self._ledger.dropped

    def say(self, level: str, text: str) -> None:
        """Takes a text of one or more lines; each is cut into parts of 1,024 characters.

        Args:
            level: trace, debug, info, warn or error.
        Raises:
            InvalidCommand: no such level.
        """
        lines = [Line(check_level(level), part) for part in split(text)]
        with self._changed:
            if self._closing.is_set():
                self._ledger.drop(lines)
                return
            fitting = self._ledger.take(lines)
            self._said += len(lines)
            self._settled += len(lines) - len(fitting)
            self._waiting += fitting
            self._changed.notify_all()
        if self.full:
            self._tell_full()

    def trace(self, text: str) -> None:
        """A line of level trace."""
        self.say("trace", text)

    def debug(self, text: str) -> None:
        """A line of level debug."""
        self.say("debug", text)

    def info(self, text: str) -> None:
        """A line of level info."""
        self.say("info", text)

    def warn(self, text: str) -> None:
        """A line of level warn."""
        self.say("warn", text)

    def error(self, text: str) -> None:
        """A line of level error."""
        self.say("error", text)

    def handler(self, level: int = logging.NOTSET) -> logging.Handler:
        """A handler for the standard `logging`, which writes here.

        Args:
            level: as in `logging`: only records from this one on.
        """
        return SourceHandler(self.say, self.flush, apart_from=self._thread, level=level)

    def flush(self, *, timeout: float = 5.0) -> bool:
        """Returns when all that was said has been stored or given up, at most after `timeout` seconds: False then."""
        with self._changed:
            target, self._hurry = self._said, True
            self._changed.notify_all()
            return self._changed.wait_for(lambda: self._settled >= target, timeout)

    def close(self, *, timeout: float = 5.0) -> None:
        """Stores what is waiting, and the end where the log was full; then ends the thread. May be called again.

        Args:
            timeout: seconds after which the rest is given up.
        """
        atexit.unregister(self.close)
        with self._changed:
            self._closing.set()
            self._changed.notify_all()
        if self._thread is not threading.current_thread():
            self._thread.join(timeout)
        self._api.http.close()
        self._thread.join()

    def _run(self) -> None:
        while self._wait():
            with self._changed:
                batch, self._waiting, self._hurry = self._waiting, [], False
            began = time.monotonic()
            self._store(batch)
            self._settle(len(batch))
            self._closing.wait(max(0.0, SOONEST - (time.monotonic() - began)))
        self._end()

    def _wait(self) -> bool:
        """Waits for lines, then for more of them; False when all is said and this is closing."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing.is_set())
            self._changed.wait_for(self._due, EVERY)
            return bool(self._waiting)

    def _due(self) -> bool:
        return self._hurry or self._closing.is_set() or len(self._waiting) >= MANY

    def _settle(self, count: int) -> None:
        with self._changed:
            self._settled += count
            self._changed.notify_all()

    def _send(self, lines: Sequence[Line]) -> None:
        self._api.me.patch_logs(
            [AgentLine(output=line.text, level=line.level) for line in lines], log_source_id=self.id
        )

    def _store(self, batch: Sequence[Line]) -> None:
        """Sends a batch until it is stored, refused, or this is closing."""
        if self._failed is not None:
            self._give_up(batch, self._failed)
            return
        patience = Patience(stop=self._closing)
        while True:
            try:
                self._send(batch)
                return
            except TooLarge:
                self._overflow(batch)
                return
            except CoderError as error:
                # Read before the attempt's end is judged: the one after close() is the last.
                if not passing(error) or self._closing.is_set():
                    self._give_up(batch, error)
                    return
                patience.pause(error)

    def _overflow(self, batch: Sequence[Line]) -> None:
        with self._changed:
            # What waits was said before what comes now, and so has to be kept before it.
            self._ledger.refuse([*batch, *self._waiting])
            self._settled += len(self._waiting)
            self._waiting = []
        self._tell_full()

    def _give_up(self, batch: Sequence[Line], error: CoderError) -> None:
        with self._changed:
            self._failed = error
            self._ledger.drop(batch)

    def _end(self) -> None:
        """Says the end where the log was full, as much of it as there is room for; tells what was lost."""
        try:
            while self._failed is None and (lines := self._ledger.ending()):
                try:
                    self._send(lines)
                    break
                except TooLarge:
                    if not self._ledger.shorten():
                        break
        except CoderError as error:
            self._give_up(self._ledger.ending()[1:], error)
        if self._failed is not None:
            why = f"{self._failed.message.rstrip('.')}"
            self._notify(f"{self.dropped:,} lines of log source {self.name} were not stored: {why}")

    def _tell_full(self) -> None:
        with self._changed:
            told, self._told = self._told, True
        if not told:
            self._notify(f"the log of this agent is full: of source {self.name} only the last lines will be kept")
