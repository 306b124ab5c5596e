"""`%coder terminal` in a terminal's IPython: the shell itself, until it ends or is left."""

from __future__ import annotations

import fcntl
import struct
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

from coder_nb.embedded import launch
from coder_nb.errors import InvalidCommand
from tests.shell.test_live import Screen, terminal


@pytest.fixture(scope="module")
def demo() -> Iterator[launch.Demo]:
    """A deployment."""
    with launch.start() as demo:
        yield demo


def begun(screen: Screen) -> None:
    """A shell of a workspace is on the screen, with a prompt of its own."""
    screen.until(b"In [1]")
    fcntl.ioctl(screen._master, termios.TIOCSWINSZ, struct.pack("HHHH", 31, 97, 0, 0))
    screen.type("%load_ext coder_nb\n")
    screen.until(b"In [2]")
    screen.type("%coder terminal web\n")
    screen.until(b"Ctrl-] leaves it")
    screen.until(b"# ")
    screen.type("PS1='there: '; printf 'be%s\\n' gun\r")
    screen.until(b"begun\r\n")


def test_the_shell_has_the_terminal_until_it_ends(demo: launch.Demo, tmp_path: Path) -> None:
    """Its size, Ctrl-C, and then the terminal as it was before."""
    with terminal(demo, tmp_path) as screen:
        begun(screen)
        screen.type("stty size\r")
        screen.until(b"31 97\r\n")
        # Ctrl-C throws away what was typed and not read: what it ends has to run, and to be over.
        screen.type("sh -c 'echo it-\"runs\"; exec sleep 100'\r")
        screen.until(b"it-runs\r\n")
        screen.type("\x03")
        screen.until(b"^C")
        screen.type("echo code-$?\r")
        screen.until(b"code-130\r\n")
        screen.type("exit\r")
        screen.until(b"terminal of web.main: its program has ended\r\n")
        screen.until(b"In [3]")
        screen.type("print(6 * 7)\n")
        screen.until(b"42\r\n")


def test_ctrl_bracket_leaves_it(demo: launch.Demo, tmp_path: Path) -> None:
    """The shell runs on; what was typed before is not lost."""
    with terminal(demo, tmp_path) as screen:
        begun(screen)
        screen.type("\x1d")
        screen.until(b"left; its shell runs on for five minutes\r\n")
        screen.until(b"In [3]")


def test_without_a_terminal_it_says_what_to_use() -> None:
    """Neither a notebook nor a terminal."""
    from coder_nb.magics.tty import hand_over

    with pytest.raises(InvalidCommand, match="needs a notebook or a terminal"):
        hand_over(lambda wake: pytest.fail("opened"), "web.main")
