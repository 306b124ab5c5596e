"""Recording what a connection exchanges, as a cassette; and a connection to a cassette, which needs no deployment.

A recording begins with who we are, and forgets the names that are kept: a replay knows nothing but what is in it.
"""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from coder_nb import look
from coder_nb.closing import Closing
from coder_nb.credentials import Credentials, Secret
from coder_nb.errors import CoderError, Conflict
from coder_nb.remote.kept import KeptLines
from coder_nb.transport.http import Http
from coder_nb.transport.limits import Limits

if TYPE_CHECKING:
    from coder_nb.client.coder import Coder

__all__ = ["REPLAY", "CoderRecording", "Recorder", "recorder_at", "replay"]

REPLAY: Final = "replay:"
"""What a cassette's name begins with where an address could be."""

_SOURCE: Final = "a recording: "
_TOKEN: Final = "replayed00-0000000000000000000000"  # noqa: S105 - stands for one
_FOR_EVER: Final = 1e8
"""Seconds of silence: nobody is there who could say more."""

_lock = threading.Lock()
_open: dict[Path, Recorder] = {}


class Recorder(Closing):
    """A recording under way. Closing it writes the cassette; so does the end of the process.

    Args:
        path: the cassette.
        stays: whether it goes on when the connections it was begun for are closed, for others to come.
    Attributes:
        path: as it was given.
        closed: whether it is over.
    """

    def __init__(self, path: Path, *, stays: bool) -> None:
        from coder_nb.transport.cassette.recorder import Recording

        self.path = path
        self.closed = False
        self._stays = stays
        self._recording = Recording(notify=print)
        self._connections = 0
        self._unhook: list[Callable[[], None]] = []
        self._about: dict[str, str] = {}
        self._size = 0
        self._written = False
        atexit.register(self._at_exit)

    def __repr__(self) -> str:
        count = len(self._recording.exchanges)
        if not self.closed:
            return f"Recording to {self._where}: {count} exchanges so far"
        return f"Recorded in {self._where}: {count} exchanges, {self._size / 1024:,.0f} KiB"

    def _repr_html_(self) -> str:
        return f"<div>{look.safe(repr(self))}</div>"

    @property
    def _where(self) -> str:
        return str(self.path.relative_to(Path.cwd()) if self.path.is_relative_to(Path.cwd()) else self.path)

    def take(self, coder: Coder) -> None:
        """Takes down what a connection exchanges from now on, too."""
        from coder_nb.transport.cassette.recorder import RecordingWire, unhook

        http = coder.api.http
        if coder.credentials.token is not None:
            self._recording.sent_with(coder.credentials.token)
        _forget(coder)
        wire = RecordingWire(http.wire, self._recording)
        http.wire = wire
        self._unhook.append(lambda: unhook(http, wire))
        self._connections += 1
        self._about = self._about or {"deployment": coder.deployment, "url": http.url}

    def lost(self) -> None:
        """A connection was closed; with the last one the recording ends, unless it is to stay."""
        self._connections -= 1
        if self._connections == 0 and not self.closed:
            self.save() if self._stays else self.close()

    def save(self) -> None:
        """Writes what there is by now.

        Raises:
            ConfigurationError: it cannot be written.
        """
        from coder_nb.transport.cassette.places import write
        from coder_nb.transport.cassette.writing import text_of

        text = text_of(self._recording, self._about)
        write(self.path, text)
        self._written = True
        self._size = len(text.encode("utf-8", "replace"))

    def close(self) -> None:
        """Takes down nothing more, and writes the cassette; a second time does nothing.

        Raises:
            ConfigurationError: it cannot be written.
        """
        if not self.closed:
            self._end()
            self.save()

    def forsake(self) -> None:
        """A connection came to nothing; if it was the only one, nothing is written: there may be an older recording."""
        self._connections -= 1
        if self._connections == 0 and not self._written:
            self._end()

    def _end(self) -> None:
        self.closed = True
        self._recording.stop()
        while self._unhook:
            self._unhook.pop()()
        atexit.unregister(self._at_exit)
        with _lock:
            if _open.get(self.path) is self:
                del _open[self.path]

    def _at_exit(self) -> None:
        try:
            self.close()
        except CoderError as error:
            print(error)


def recorder_at(name: str, *, stays: bool = False) -> Recorder:
    """The recording under a name; begun if it is not under way.

    Args:
        name: a name or a path, as `Coder.record` takes it.
        stays: as with `Recorder`.
    Raises:
        ConfigurationError: no name for a file, or there is no such folder.
    """
    from coder_nb.transport.cassette.places import place

    path = place(name)
    with _lock:
        if path not in _open:
            _open[path] = Recorder(path, stays=stays)
        return _open[path]


def _forget(coder: Coder) -> None:
    """A replay knows nothing, so what is asked next is to be asked anew; and lines have names that are not known."""
    with coder._lock:
        coder._kept.clear()
    coder._user = coder._wildcard = None
    lines, coder._lines = coder._lines, KeptLines()
    lines.close()


class CoderRecording:
    """A connection that can be recorded."""

    recorder: Recorder | None = None
    """The recording that takes down what this connection exchanges."""

    @property
    def replayed(self) -> bool:
        """Whether this is a connection to a recording."""
        return cast("Coder", self).credentials.source.startswith(_SOURCE)

    @property
    def place(self) -> str:
        """What is reached by it: the deployment, or of a replay `replay:NAME`, whatever it was recorded from."""
        coder = cast("Coder", self)
        source = coder.credentials.source
        return f"{REPLAY}{source.removeprefix(_SOURCE)}" if self.replayed else coder.deployment

    def record(self, path: str | Path) -> Recorder:
        """Records every exchange from now on: calls, streams and terminals, with times, and without secrets.

        `connect("replay:NAME")` replays it without a deployment. It is all there only if it began before what is
        replayed; so best of all is `connect(record=NAME)`, or the variable CODER_NB_RECORD. At most 64 MiB are taken
        down.

        >>> with coder.record("disk-usage"):  # doctest: +SKIP
        ...     coder.run_all("owner:me", "df -h /")

        Args:
            path: a name, for `cassettes/NAME.cassette` where that folder is, else `NAME.cassette` in the working
                directory; or a path. One that is there is replaced.
        Returns:
            The recording, to be closed; that writes it.
        Raises:
            Conflict: this connection is being recorded already, or is a replay itself.
            ConfigurationError: no name for a file, or there is no such folder.
        """
        coder = cast("Coder", self)
        if self.recorder is not None and not self.recorder.closed:
            raise Conflict(
                f"being recorded already: {self.recorder.path.name}", status=409, hint="%coder record --stop"
            )
        if self.replayed:
            raise Conflict(
                "this connection is a replay", status=409, hint="connect to a deployment to record what it says"
            )
        recorder = recorder_at(str(path))
        self.record_with(recorder)
        coder.user()
        return recorder

    def record_with(self, recorder: Recorder) -> None:
        """Takes part in a recording that others may take part in, too."""
        recorder.take(cast("Coder", self))
        self.recorder = recorder

    def _end_recording(self) -> None:
        if self.recorder is not None:
            self.recorder.lost()


def replay(name: str, *, tempo: float, notify: Callable[[str], None] | None) -> tuple[Http, Credentials, str]:
    """What a connection to a cassette is made of.

    Args:
        name: the cassette's, or its path.
        tempo: 0 for as fast as can be, 1 for the recorded tempo.
        notify: as for `connect`.
    Returns:
        what carries the exchanges, what stands for the credentials, and what the deployment is called.
    Raises:
        ConfigurationError: there is no such cassette, or it cannot be read.
    """
    from coder_nb.transport.cassette.places import find
    from coder_nb.transport.cassette.player import Player
    from coder_nb.transport.cassette.reading import read
    from coder_nb.transport.cassette.tape import Tape

    path = find(name)
    title = path.name.removesuffix(".cassette")
    cassette = read(path.read_bytes().decode("utf-8", "replace"), title)
    url = cassette.about.get("url", "http://recorded.invalid")
    token = Secret(_TOKEN)
    wire = Player(Tape(cassette, speed=tempo), token)
    http = Http(url, token, notify=notify, limits=Limits(silence=_FOR_EVER), wire=wire)
    return http, Credentials(url, token, f"{_SOURCE}{title}"), cassette.about.get("deployment", url)
