"""A kernel beside its keeper: output there is no room for is counted and told, and nothing else is lost."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import zmq
from jupyter_client.session import Session

from coder_nb.kernels.there.kernel import Kernel
from coder_nb.kernels.there.messages import KEEPER, Unpacker, read_note
from coder_nb.kernels.there.place import Place
from coder_nb.remote import identity

ARGUMENTS = ["python3", "-Xfrozen_modules=off", "-m", "ipykernel_launcher", "-f", "{connection_file}"]


class Beside:
    """What a keeper does for its kernel, without a line to anybody."""

    def __init__(self) -> None:
        self.poller, self.said, self.room = zmq.Poller(), bytearray(), True
        self.place = Place(identity.nonce())
        self.kernel = Kernel(self.place, self.poller, self.said.extend, lambda: self.room)
        self.session = Session(key=b"k" * 32)
        self.unpacker = Unpacker()

    def begin(self, number: int = 1) -> None:
        """Starts a kernel and waits until it answers."""
        connection = {"key": "k" * 32, "signature_scheme": "hmac-sha256"}
        self.kernel.begin({"arguments": ARGUMENTS, "environ": {"A": "b"}, "connection": connection, "number": number})
        self.until("began")

    def until(self, wanted: str) -> list[tuple[str, Any]]:
        """What is said until a note with this word, or a message of this type, is."""
        heard: list[tuple[str, Any]] = []
        deadline = time.monotonic() + 60
        while not any(name == wanted for name, _ in heard):
            assert time.monotonic() < deadline, heard
            self.kernel.handle(dict(self.poller.poll(100)))
            data = bytes(self.said)
            self.said.clear()
            for channel, frames in self.unpacker.feed(data):
                heard.append(read_note(frames) if channel == KEEPER else self._message(frames))
        return heard

    def run(self, code: str) -> None:
        """Has a client run a cell."""
        message = self.session.msg("execute_request", {"code": code, "silent": False})
        self.kernel.pass_on("shell", self.session.serialize(message, ident=b"client"))

    def _message(self, frames: list[bytes]) -> tuple[str, Any]:
        _, rest = self.session.feed_identities(frames, copy=True)
        message = self.session.deserialize(rest, content=True)
        return str(message["msg_type"]), message["content"]


@pytest.fixture
def beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Beside]:
    """A place for a kernel."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    beside = Beside()
    yield beside
    beside.kernel.end()
    beside.place.remove()


def test_output_without_room_is_counted_and_told(beside: Beside) -> None:
    """With the cell it was of, once there is room; replies are always kept."""
    beside.begin()
    beside.room = False
    beside.run("for n in range(50): print(n, flush=True)")
    heard = beside.until("execute_reply")
    assert not [name for name, _ in heard if name == "stream"]
    beside.room = True
    beside.run("print('room again')")
    told = dict(beside.until("execute_reply"))
    assert told["dropped"]["count"] >= 50
    assert json.loads(told["dropped"]["parent"])["msg_type"] == "execute_request"
    assert told["stream"]["text"] == "room again\n"


def test_a_new_kernel_takes_the_place_of_the_one_before(beside: Beside) -> None:
    """Whose end is not said: nobody has asked for it."""
    beside.begin(1)
    beside.run("x = 1; print('first')")
    beside.until("stream")
    beside.begin(2)
    beside.run("print('x' in globals())")
    assert dict(beside.until("stream"))["stream"]["text"] == "False\n"


def test_an_end_comes_after_the_last_output(beside: Beside) -> None:
    """With its code, and the kernel's number."""
    beside.begin(7)
    beside.run("import os; print('last', flush=True); import time; time.sleep(0.1); os._exit(5)")
    heard = beside.until("ended")
    names = [name for name, _ in heard]
    assert names.index("stream") < names.index("ended")
    assert dict(heard)["ended"] == {"number": 7, "code": 5}
    assert not list(beside.place.folder.glob("connection*"))
