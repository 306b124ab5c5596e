"""A terminal that stays, on a deployment whose connections break to order."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from coder_nb.api import Api
from coder_nb.client import connect
from coder_nb.embedded.faults import Fault
from coder_nb.embedded.scenario import load_scenario
from coder_nb.embedded.server import Embedded
from coder_nb.errors import ConnectionLost
from coder_nb.remote import attachment as module
from coder_nb.remote.attachment import Attachment, Where
from coder_nb.transport.http import Http

PTY = "*/pty"
SECONDS = 20.0


class Watched:
    """An attachment, and a way to wait for what it says or becomes."""

    def __init__(self, api: Api, agent_id: str, *, alive: Callable[[], None] = lambda: None, **how: object) -> None:
        self._news = threading.Condition()
        self.it = Attachment(api.pty, agent_id, alive=alive, wake=self._wake, **how)  # type: ignore[arg-type]
        self.phases: list[str] = []

    def until(self, right: Callable[[], bool]) -> None:
        """Wait until this is so."""
        with self._news:
            assert self._news.wait_for(right, SECONDS), (self.it.phase, self.said[-500:])

    def says(self, text: bytes) -> None:
        """Wait until it has said this."""
        self.until(lambda: text in self.said)

    @property
    def said(self) -> bytes:
        """All that it has said and that is kept."""
        return self.it.tape.read(0, 10**9)[1]

    def shell(self) -> None:
        """Begin, with a shell whose prompt and echo are known."""
        self.it.start()
        self.until(lambda: self.it.phase.name == "live")
        begun = self.said.count(b"begun")
        # One after the other: the login shell may read on, beyond the line that replaces it.
        self.it.type("exec env -i PS1='%' TERM=dumb /bin/sh\r")
        self.until(lambda: self.said.endswith(b"%"))
        self.it.type("stty -echo; printf 'be%sgun\\n' ''\r")
        self.until(lambda: self.said.count(b"begun") > begun)

    def _wake(self) -> None:
        with self._news:
            self.phases.append(self.it.phase.name)
            self._news.notify_all()


@pytest.fixture
def server() -> Iterator[Embedded]:
    """A fleet of its own, since it is made to misbehave."""
    with Embedded(load_scenario()) as running:
        yield running


@pytest.fixture
def http(server: Embedded) -> Iterator[Http]:
    """The way there."""
    http = Http(server.url, server.token)
    yield http
    http.close()


@pytest.fixture
def agent_id(server: Embedded) -> str:
    """An agent whose workspace is simulated, with a real shell."""
    with connect(server.url, token=server.token) as coder:
        return str(coder.agent("web").record.id)


@pytest.fixture
def terminal(http: Http, agent_id: str) -> Iterator[Watched]:
    """Not begun yet."""
    watched = Watched(Api(http), agent_id)
    with watched.it:
        yield watched


def test_it_begins_echoes_and_ends(terminal: Watched) -> None:
    """Idle, connecting, live, and ended with a reason; what is typed afterwards goes nowhere."""
    assert terminal.it.phase.name == "idle" and not terminal.it.session
    terminal.shell()
    terminal.it.type("echo $((6*7))\r")
    terminal.says(b"42\r\n")
    terminal.it.type("exit\r")
    terminal.until(lambda: terminal.it.phase.name == "ended")
    assert "its program has ended" in terminal.it.phase.why
    done = threading.Event()
    terminal.it.type("echo no\r", done.set)
    assert done.wait(SECONDS)
    assert "reconnecting" not in terminal.phases
    assert b"no-session" not in terminal.said


def test_another_size_reaches_the_program(terminal: Watched) -> None:
    """Of several the last; and the size it was opened with before."""
    terminal.it.resize(101, 31)
    terminal.shell()
    terminal.it.type("stty size\r")
    terminal.says(b"31 101\r\n")
    for columns in range(60, 91):
        terminal.it.resize(columns, 20)
    terminal.it.type("stty size\r")
    terminal.says(b"20 90\r\n")


def test_a_redraw_is_a_change_of_size_and_back(terminal: Watched) -> None:
    """The program is told, and the size is as it was."""
    terminal.shell()
    terminal.it.type("trap 'echo changed' WINCH; echo set\r")
    terminal.says(b"set\r\n")
    terminal.it.redraw()
    terminal.it.type(":\r")
    terminal.says(b"changed\r\n")
    terminal.it.type("stty size\r")
    terminal.says(b"24 80\r\n")


@pytest.mark.parametrize("size", [0, 1, 200, 4000, 70_000])
def test_a_break_loses_nothing_and_repeats_nothing(terminal: Watched, server: Embedded, size: int) -> None:
    """Wherever the connection breaks; what the program says in the meantime comes too."""
    server.faults.add(Fault("break", path=PTY, size=size + 3000))
    terminal.shell()
    terminal.it.type("seq 100000 120000; echo the end\r")
    terminal.says(b"the end")
    terminal.until(lambda: b"the end\r\n" in terminal.said)
    lines = terminal.said.partition(b"100000\r\n")[2].partition(b"the end")[0].split(b"\r\n")
    assert server.faults.struck == 1
    told = [line for line in lines if line.isdigit()]
    if b"some output was lost" in terminal.said:
        # Of the lines where it broke only a piece may have come.
        whole = [line for line in told if len(line) == 6]
        assert len(set(whole)) == len(whole) and whole == sorted(whole)
    else:
        assert told == [b"%d" % number for number in range(100001, 120001)]


def test_a_hundred_breaks(terminal: Watched, server: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that speaks slowly enough is heard whole, however often the connection breaks."""
    monkeypatch.setattr(module, "PAUSES", (0.001, 0.002))
    terminal.shell()
    said = terminal.it.tape.end
    terminal.it.type("for i in $(seq 1 400); do echo line $i; sleep 0.005; done; echo the end\r")
    terminal.says(b"line 1\r\n")
    for number in range(100):
        server.faults.add(Fault("hang_up", path=PTY, messages=number % 3))
    terminal.it._pty.close()  # type: ignore[union-attr]
    terminal.until(lambda: b"the end\r\n" in terminal.said)
    lines = terminal.it.tape.read(said, 10**9)[1].replace(b"%", b"").split(b"\r\n")
    assert [line for line in lines if line.startswith(b"line")] == [b"line %d" % number for number in range(1, 401)]
    assert server.faults.struck >= 50


def test_what_is_typed_meanwhile_waits(terminal: Watched, server: Embedded) -> None:
    """It reaches the shell once the terminal is back, and once only."""
    terminal.shell()
    server.faults.add(Fault("status", path=PTY, status=502))
    terminal.it._pty.close()  # type: ignore[union-attr]
    terminal.until(lambda: terminal.it.phase.name == "reconnecting")
    assert terminal.it.phase.retry_at and terminal.it.phase.retry_at > time.time() - 1
    terminal.it.type("echo a$((1+1))b\r")
    terminal.says(b"a2b\r\n")
    assert terminal.said.count(b"a2b") == 1


def test_a_session_is_met_again_by_its_id(http: Http, agent_id: str) -> None:
    """By another one, as after a restart of the kernel: with what it said last, and the same shell."""
    first = Watched(Api(http), agent_id)
    with first.it:
        first.shell()
        first.it.type("kept=yes; echo ready-$kept\r")
        first.says(b"ready-yes")
    second = Watched(Api(http), agent_id, reconnect=first.it.session)
    with second.it:
        second.it.start()
        second.says(b"ready-yes")
        second.it.type("echo still-$kept\r")
        second.says(b"still-yes")


def test_a_session_that_is_over_is_not_begun_anew(http: Http, agent_id: str) -> None:
    """Nothing runs, nothing is shown, and it says why."""
    watched = Watched(Api(http), agent_id, reconnect="7b0f7c6e-4f0f-4c50-8f1c-0a4f8ab0a001")
    with watched.it:
        watched.it.start()
        watched.until(lambda: watched.it.phase.name == "ended")
        assert watched.said == b""
        assert watched.it.phase.why == "its program has ended"


def test_it_can_begin_again(terminal: Watched) -> None:
    """Another shell, by another id, below what the first one said."""
    terminal.shell()
    first = terminal.it.session
    terminal.it.type("echo the first; exit\r")
    terminal.until(lambda: terminal.it.phase.name == "ended")
    terminal.it.restart()
    terminal.until(lambda: terminal.it.phase.name == "live")
    terminal.shell()
    assert terminal.it.session != first
    assert terminal.said.index(b"the first") < terminal.said.rindex(b"begun")


def test_it_can_be_left_for_another_and_met_again(terminal: Watched) -> None:
    """The first shell is there as it was."""
    terminal.shell()
    first = terminal.it.session
    terminal.it.type("kept=first; echo set\r")
    terminal.says(b"set\r\n")
    terminal.it.restart(Where())
    terminal.until(lambda: terminal.it.phase.name == "live")
    terminal.it.restart(reconnect=first)
    terminal.until(lambda: terminal.it.phase.name == "live")
    terminal.it.type("echo met-$kept\r")
    terminal.says(b"met-first")


def test_no_such_container(http: Http, agent_id: str) -> None:
    """Servers only end such a terminal; here it says what may be the reason."""
    watched = Watched(Api(http), agent_id, where=Where("nothing"))
    with watched.it:
        watched.it.start()
        watched.until(lambda: watched.it.phase.name == "ended")
        assert "in the container nothing: is it running?" in watched.it.phase.why


def test_an_agent_that_died_is_noticed(
    http: Http, agent_id: str, server: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its connections stay open and silent, so it is asked for; and its terminal is not taken for ended."""
    monkeypatch.setattr(module, "QUIET", 0.05)
    dead = threading.Event()

    def alive() -> None:
        if dead.is_set():
            server.faults.add(Fault("status", path=PTY, status=502, times=None))
            raise ConnectionLost("gone")

    watched = Watched(Api(http), agent_id, alive=alive)
    with watched.it:
        watched.shell()
        dead.set()
        watched.until(lambda: watched.it.phase.name == "reconnecting")
        dead.clear()
        server.faults.clear()
        watched.until(lambda: watched.it.phase.name == "live")


def test_a_hung_open_is_opened_again(terminal: Watched, server: Embedded, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the same id, so that there is one shell whatever became of the first attempt."""
    monkeypatch.setattr(module, "FIRST", 0.3)
    server.faults.add(Fault("silent", path=PTY))
    terminal.shell()
    assert server.faults.struck == 1


def test_ten_megabytes_arrive_whole_however_slowly_they_are_taken(terminal: Watched) -> None:
    """The program waits for who looks."""
    terminal.it.taken(0)
    terminal.shell()
    said, at = bytearray(), terminal.it.tape.end
    terminal.it.type("stty -opost; printf 'fr%s' om; yes 0123456789abcdef | head -c 10485760; printf 'un%s' til\r")
    while b"until" not in said[-10:]:
        terminal.until(lambda: terminal.it.tape.end > at)  # noqa: B023 - waited for at once
        found, data = terminal.it.tape.read(at, 256 * 1024)
        assert found == at
        said += data
        at += len(data)
        terminal.it.taken(at)
    came = bytes(said).partition(b"from")[2].partition(b"until")[0]
    assert hashlib.sha256(came).digest() == hashlib.sha256((b"0123456789abcdef\n" * 616810)[:10485760]).digest()


def test_closing_ends_everything_at_once(terminal: Watched) -> None:
    """No thread is left, whatever it was waiting for; and a second time does nothing."""
    terminal.shell()
    terminal.it.close()
    terminal.it.close()
    assert not [thread for thread in threading.enumerate() if thread.name in ("coder-nb:keyboard",)]
    assert terminal.it.phase.name == "ended"
