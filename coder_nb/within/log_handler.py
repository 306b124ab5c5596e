"""The standard library's `logging` into a log source. Its own requests' records are left out: they would never end."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

__all__ = ["SourceHandler"]

_FROM = ((logging.ERROR, "error"), (logging.WARNING, "warn"), (logging.INFO, "info"), (logging.DEBUG, "debug"))


class SourceHandler(logging.Handler):
    """Writes records with `say`, a line of the message each.

    Args:
        say: takes a level of Coder's and a text.
        flush: called where `logging` wants it: when the process ends.
        apart_from: the thread that sends: what is logged on it is about the sending.
        level: only records from this one on.
    """

    def __init__(
        self,
        say: Callable[[str, str], None],
        flush: Callable[[], object],
        *,
        apart_from: threading.Thread,
        level: int = logging.NOTSET,
    ) -> None:
        super().__init__(level)
        self._say = say
        self._flush = flush
        self._sender = apart_from

    def emit(self, record: logging.LogRecord) -> None:
        """Writes one record."""
        if threading.current_thread() is self._sender:
            return
        try:
            self._say(_level(record.levelno), self.format(record))
        except Exception:
            self.handleError(record)

    def flush(self) -> None:
        """Waits a moment for what was written to be stored."""
        self._flush()


def _level(number: int) -> str:
    return next((level for least, level in _FROM if number >= least), "trace")
