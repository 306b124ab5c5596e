"""Waits for a user to claim the prebuilt workspace this process is in, and calls back. Connects again when cut off.

Claims are not repeated by the server: one that comes while the connection is being made again is missed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from coder_nb.api import Api
from coder_nb.api.me import Reinit
from coder_nb.closing import Closing
from coder_nb.errors import CoderError
from coder_nb.within.patience import Patience, passing

__all__ = ["ReinitWatch"]

FIRST = 0.1
LONGEST = 10.0


class ReinitWatch(Closing):
    """A watch for claims. Inside `with`, or until `close`.

    Args:
        api: over an Http of its own, which this closes.
        callback: is given each claim, on the watch's thread. What it raises is told, and ends nothing.
        notify: takes lines for people.
    Attributes:
        error: what has ended it for good: the token is no good any more, or the server has no such route.
    """

    def __init__(self, api: Api, callback: Callable[[Reinit], object], *, notify: Callable[[str], None]) -> None:
        self.error: CoderError | None = None
        self._api = api
        self._callback = callback
        self._notify = notify
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="coder-nb:reinit", daemon=True)
        self._thread.start()

    def __repr__(self) -> str:
        return f"ReinitWatch: {'watching' if self._thread.is_alive() else 'ended'}"

    def close(self) -> None:
        """Ends the watch and its thread at once. May be called again, and by the callback."""
        self._closing.set()
        self._api.http.close()
        if self._thread is not threading.current_thread():
            self._thread.join()

    def _run(self) -> None:
        patience = Patience(first=FIRST, longest=LONGEST, stop=self._closing)
        while not self._closing.is_set():
            failure: CoderError | None = None
            try:
                with self._api.me.watch_reinit() as claims:
                    patience.reset()
                    for claim in claims:
                        self._call(claim)
            except CoderError as error:
                failure = error
            if self._closing.is_set():
                return
            if failure is not None and not passing(failure):
                self.error = failure
                self._notify(f"claims of this workspace are no longer watched: {failure.message}")
                return
            patience.pause(failure)

    def _call(self, claim: Reinit) -> None:
        try:
            self._callback(claim)
        except Exception as error:
            self._notify(f"what was to happen on a claim failed: {type(error).__name__}: {error}")
