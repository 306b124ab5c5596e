"""A keeper as a workspace runs it: a process of its own that ends itself, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from coder_nb.kernels.archive import archive
from coder_nb.kernels.there.lasting import Lasting
from coder_nb.kernels.there.messages import KEEPER, Unpacker, note, read_note
from coder_nb.remote import identity

KERNEL = ["python3", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
CONNECTION = {"key": "k" * 32, "signature_scheme": "hmac-sha256"}


class Keeper:
    """One that was left behind, and a connection to it."""

    def __init__(self, folder: Path, id: str, path: str) -> None:
        self.folder, self.path = folder, path
        self.stream, self.unpacker = Lasting(bytes.fromhex(id), first=False), Unpacker()

    def connect(self) -> None:
        """Connects, in place of the connection before."""
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(30)
        self.socket.connect(self.path)
        self.stream.connected()

    def hear(self, verb: str) -> dict[str, Any]:
        """What it says under this word; others are passed over."""
        while True:
            if out := self.stream.outgoing():
                self.socket.sendall(out)
            data = self.socket.recv(65536)
            assert data, "it has hung up"
            for channel, frames in self.unpacker.feed(self.stream.feed(data)):
                if channel == KEEPER and read_note(frames)[0] == verb:
                    return read_note(frames)[1]

    def about(self) -> dict[str, Any]:
        """What it tells of itself, once it does."""
        deadline = time.monotonic() + 20
        while not (told := next(self.folder.glob("*/about.json"), None)):
            assert time.monotonic() < deadline, "it says nothing"
            threading.Event().wait(0.02)
        about: dict[str, Any] = json.loads(told.read_bytes())
        return about

    def wait_until_gone(self) -> None:
        """Returns when nothing is left of it."""
        deadline = time.monotonic() + 20
        while Path(self.path).parent.exists() or list(self.folder.iterdir()):
            assert time.monotonic() < deadline, "something is left"
            threading.Event().wait(0.02)


Leave = Callable[..., Keeper]


@pytest.fixture
def leave(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Leave]:
    """Leaves keepers behind; what is left of them at the end of the test is ended."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path.parent))
    program = tmp_path / "keeper.pyz"
    program.write_bytes(archive())
    folder = tmp_path / "cache/coder-nb/kernels"

    def start(idle: float = 60.0) -> Keeper:
        id = identity.nonce()
        command = [sys.executable, str(program), id, str(idle)]
        said = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=30)
        return Keeper(folder, id, json.loads(said.stdout)["socket"])

    yield start
    for told in folder.glob("*/about.json"):
        os.kill(json.loads(told.read_bytes())["keeper"], signal.SIGTERM)


def test_it_ends_when_nobody_comes(leave: Leave) -> None:
    """After as long as it was told."""
    leave(0.5).wait_until_gone()


def test_it_stays_for_as_long_as_somebody_is_there(leave: Leave) -> None:
    """And ends when nobody has come back for as long as it was told."""
    keeper = leave(1.5)
    keeper.connect()
    keeper.stream.write(note("begin", arguments=KERNEL, environ={}, connection=CONNECTION, number=1))
    pid = keeper.hear("began")["pid"]
    assert Path(f"/proc/{pid}").exists()
    keeper.socket.close()
    keeper.wait_until_gone()
    assert not Path(f"/proc/{pid}").exists()


def test_it_ends_by_a_signal_and_says_so(leave: Leave) -> None:
    """With its kernel, wherever that is."""
    keeper = leave()
    keeper.connect()
    keeper.stream.write(note("begin", arguments=KERNEL, environ={}, connection=CONNECTION, number=1))
    keeper.hear("began")
    os.kill(keeper.about()["keeper"], signal.SIGTERM)
    keeper.hear("over")
    keeper.socket.close()
    keeper.wait_until_gone()


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        (["/no/such/python"], None, "No such file"),
        (["python3", "-c", "import sys; print('no, not today'); sys.exit(4)"], 4, "not today"),
    ],
)
def test_why_a_kernel_did_not_begin_is_said(leave: Leave, arguments: list[str], code: int | None, why: str) -> None:
    """In its own last words."""
    keeper = leave()
    keeper.connect()
    keeper.stream.write(note("begin", arguments=arguments, environ={}, connection=CONNECTION, number=1))
    failed = keeper.hear("failed")
    assert (failed["code"], failed["number"]) == (code, 1)
    assert why in failed["text"]


def test_the_newest_connection_is_the_one(leave: Leave) -> None:
    """The one before may be dead without anybody knowing."""
    keeper = leave()
    keeper.connect()
    old = keeper.socket
    keeper.connect()
    keeper.stream.write(note("begin", arguments=["/none"], environ={}, connection=CONNECTION, number=1))
    assert keeper.hear("failed")["number"] == 1
    while old.recv(4096):
        pass


def test_what_killed_ones_left_goes_when_the_next_begins(leave: Leave) -> None:
    """They could not do it themselves."""
    killed = leave()
    pid, deadline = killed.about()["keeper"], time.monotonic() + 10
    os.kill(pid, signal.SIGKILL)
    while Path(f"/proc/{pid}").exists():
        assert time.monotonic() < deadline, "it does not die"
        threading.Event().wait(0.02)
    next_one = leave()
    assert not Path(killed.path).exists()
    assert len(list(next_one.folder.iterdir())) == 1
