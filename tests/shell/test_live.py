"""Live views and lines: what `-f` and `-w` give, and what they print in a terminal."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from coder_nb.api.logs import AgentLog
from coder_nb.embedded import launch
from coder_nb.magics.live import changes, live, log_lines

ROOT = Path(__file__).parents[2]


def record(number: int, level: str, text: str) -> AgentLog:
    """A line of a log."""
    return AgentLog(id=number, created_at=datetime(2026, 3, 1, 9, 30, tzinfo=UTC), output=text, level=level)


class Still:
    """A view."""

    stopped = False

    def stop(self) -> None:
        """Ends it."""
        self.stopped = True


def test_a_terminal_gets_lines_until_ctrl_c(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """What came before Ctrl-C is printed, and the cell does not fail."""

    def lines() -> Any:
        yield "one"
        yield "two"
        raise KeyboardInterrupt

    assert live(Still, lines) is None
    assert capsys.readouterr().out == "one\ntwo\n\n"


def test_without_a_shell_the_view_is_given() -> None:
    """A script gets what a notebook gets, streaming or not yet."""
    script = "from coder_nb.magics.live import live; from tests.shell.test_live import Still\n"
    script += "print(live(Still, lambda: ['a line']).stopped)"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert ran.stdout == "False\n"


def test_a_view_that_must_not_stream_is_stopped(shell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a terminal too: the view's text is what is shown."""
    monkeypatch.setenv("CODER_NB_LIVE", "0")
    view = live(Still, lambda: ["a line"])
    assert view is not None and view.stopped


def test_a_line_has_time_level_source_and_text_in_which_nothing_acts() -> None:
    """Escape codes and control characters of a log reach no terminal."""
    [line] = log_lines([record(1, "warn", "\x1b[31mred\x1b[0m\x07 bell")], lambda _: "Startup\x1b[2J")
    assert line.startswith("09:30:00 warn  Startup␛[2J: red")
    assert not any(ord(char) < 32 for char in line)


def test_a_tables_changes_are_a_line_each() -> None:
    """Rows come, change and go; what stays as it is says nothing."""
    first = pd.DataFrame({"port": [80, 90], "process": ["nginx", "old"], "via": ["app", "listening"]})
    second = pd.DataFrame({"port": [80, 70], "process": ["caddy", "new"], "via": ["app", "listening"]})
    said = list(changes([first, first, second], "port", ("port", "process")))
    assert said == ["+ 80  nginx", "+ 90  old", "~ 80  caddy", "+ 70  new", "- 90  old"]


def test_ctrl_c_in_a_real_terminal_leads_back_to_the_prompt(tmp_path: Path) -> None:
    """IPython on a pseudo-terminal: lines come in colour, Ctrl-C ends them, and nothing looks like a failure."""
    with launch.start(here=False) as demo, terminal(demo, tmp_path) as screen:
        screen.type("import coder_nb as cn; from coder_nb.magics.live import live, log_lines\n")
        screen.type("agent = cn.connect().agent('api-broken')\n")
        screen.type("live(lambda: None, lambda: log_lines(agent.follow_logs(), str))\n")
        screen.until(b"\x1b[31m")
        screen.type("\x03")
        screen.type("print('back', 'again')\n")
        screen.until(b"back again")
    assert b"KeyboardInterrupt" not in screen.seen and b"Traceback" not in screen.seen


# Ctrl-C is only for those whose terminal it is.
IPYTHON = """
import fcntl, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from IPython import start_ipython
start_ipython(argv=["--simple-prompt", "--no-banner", "--colors=nocolor"])
"""


@contextmanager
def terminal(demo: launch.Demo, folder: Path) -> Iterator[Screen]:
    """IPython in a terminal of its own; it has to leave when told to."""
    env = {**os.environ, "CODER_URL": demo.url, "CODER_SESSION_TOKEN": demo.token.reveal()}
    env |= {"IPYTHONDIR": str(folder), "TERM": "xterm", "CODER_NB_LIVE": ""}
    master, slave = pty.openpty()
    command = [sys.executable, "-c", IPYTHON]
    process = subprocess.Popen(
        command, stdin=slave, stdout=slave, stderr=slave, env=env, cwd=ROOT, start_new_session=True
    )
    os.close(slave)
    try:
        screen = Screen(master)
        yield screen
        screen.type("exit\n")
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
        os.close(master)


class Screen:
    """What a program has written to a terminal, and the keyboard."""

    def __init__(self, master: int) -> None:
        self._master = master
        self.seen = b""

    def type(self, text: str) -> None:
        """Types it."""
        os.write(self._master, text.encode())

    def until(self, words: bytes) -> None:
        """Until that was written."""
        deadline = time.monotonic() + 30
        while words not in self.seen:
            assert time.monotonic() < deadline, self.seen
            if select.select([self._master], [], [], 1)[0]:
                self.seen += os.read(self._master, 65536)
