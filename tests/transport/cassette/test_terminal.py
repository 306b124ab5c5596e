"""A recorded terminal answers what is typed, in whichever order and on whichever line."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from coder_nb.api import Api
from coder_nb.api.pty import Pty
from coder_nb.credentials import Secret
from coder_nb.errors import NotRecorded, TransportError
from coder_nb.remote import identity
from coder_nb.transport.cassette.exchange import Frame
from coder_nb.transport.cassette.reading import Cassette
from coder_nb.transport.cassette.recorder import Recording
from tests.transport.cassette.made import cassette, opened, replayed

AGENT = "4fa808b2-295d-4d28-ba82-27578190b73c"

Talk = list[tuple[str, bytes]]


def recorded(*talks: Talk, ended: bool = False) -> Cassette:
    """Terminals, each with what was typed and what came; the nonce of each is {N}."""
    recording = Recording()
    for talk in talks:
        nonce = identity.nonce()
        exchange = opened(recording, f"/workspaceagents/{AGENT}/pty", query(identity.session(), nonce))
        for typed, came in talk:
            for piece in [typed[at : at + 60_000] for at in range(0, len(typed), 60_000)]:
                said = json.dumps({"data": piece.replace("{N}", nonce)}).encode()
                recording.heard(exchange, True, said)
            recording.heard(exchange, False, came.replace(b"{N}", nonce.encode()))
        if ended:
            recording.came_to(exchange, "eof")
    return cassette(recording)


def query(session: str, nonce: str) -> dict[str, object]:
    """As a terminal is asked for."""
    return {
        "reconnect": session, "width": 80, "height": 24, "command": f"#!/bin/sh\nN={nonce}",
        "backend_type": "buffered",
    }  # fmt: skip


def terminal(found: Cassette, *, speed: float = 0.0) -> tuple[Pty, str]:
    """A terminal of its replay, and its nonce."""
    http = replayed(found, speed=speed)
    nonce = identity.nonce()
    return Api(http).pty.open(AGENT, reconnect=identity.session(), shell="/bin/sh", command=f"N={nonce}"), nonce


def told(pty: Pty, typed: str) -> bytes:
    """What comes of what is typed."""
    pty.write(typed)
    return pty.read(5)


def test_names_of_the_recording_become_those_of_the_replay() -> None:
    """In what is typed and in what comes."""
    pty, nonce = terminal(recorded([("run {N}\n", b"\x1eE{N}:0\x1e")]))
    assert told(pty, f"run {nonce}\n") == f"\x1eE{nonce}:0\x1e".encode()


def test_it_matters_not_on_which_line_something_was_typed() -> None:
    """Lines are kept for some seconds, and a replay has other seconds."""
    found = recorded([("a\n", b"A")], [("b\n", b"B"), ("c\n", b"C")])
    one, _ = terminal(found)
    assert [told(one, f"{word}\n") for word in "abc"] == [b"A", b"B", b"C"]
    other, _ = terminal(found)
    assert [told(other, f"{word}\n") for word in "cab"] == [b"C", b"A", b"B"]


def test_the_same_command_has_its_answers_in_turn() -> None:
    """The last one stays."""
    pty, _ = terminal(recorded([("date\n", b"1"), ("x\n", b"x"), ("date\n", b"2")]))
    assert [told(pty, "date\n") for _ in range(3)] == [b"1", b"2", b"2"]


def test_a_command_may_come_in_pieces() -> None:
    """As long ones do, of some megabytes."""
    text = "".join(f"{number:06} " for number in range(300_000)) + "\n"
    pty, _ = terminal(recorded([("short\n", b"s"), (text, b"done")]))
    begun = time.monotonic()
    assert told(pty, text) == b"done"
    assert time.monotonic() - begun < 20


def test_a_secret_that_is_typed_may_be_another() -> None:
    """The recording does not know it."""
    Secret("first-secret-1234")
    Secret("other-secret-9876")
    pty, _ = terminal(recorded([("login first-secret-1234 now\n", b"in")], [("login x first-secret-1234\n", b"x")]))
    assert told(pty, "login other-secret-9876 now\n") == b"in"
    assert told(pty, "login nobody-knows-it now\n") == b"in"
    pty.write("login nobody")
    assert told(pty, "-knows-it now\n") == b"in"
    with pytest.raises(NotRecorded):
        pty.write("logout\n")


def test_what_was_never_typed_is_an_error_that_shows_the_difference() -> None:
    """And the terminal ends, for who reads it."""
    pty, _ = terminal(recorded([("begin\ndf -h /home\nend\n", b"x"), ("ls\n", b"y")]))
    with pytest.raises(NotRecorded, match="typed: 'df -h /var'; nearest: 'df -h /home'"):
        pty.write("begin\ndf -h /var\nend\n")
    assert pty.read(1) == b""
    with pytest.raises(TransportError):
        pty.write("ls\n")


def test_a_terminal_of_another_size_or_agent_is_another(tmp_path: Path) -> None:
    """It is named."""
    http = replayed(recorded([("a\n", b"A")]))
    with pytest.raises(NotRecorded, match=r"the WebSocket /workspaceagents/.*/pty\?width=100&height=24"):
        Api(http).pty.open(AGENT, width=100, shell="/bin/sh", command=f"N={identity.nonce()}")


def test_it_ends_where_it_ended() -> None:
    """After the last thing that came."""
    pty, _ = terminal(recorded([("exit\n", b"bye")], ended=True))
    assert told(pty, "exit\n") == b"bye" and pty.read(5) == b""
    assert pty.ended is not None and pty.ended.code == 1006


def test_the_recorded_tempo_is_kept_where_that_is_wished() -> None:
    """Between what comes; a tenth of it, for a test."""
    found = recorded([("slow\n", b"a")])
    frames = found.exchanges[0].frames
    frames.append(Frame(frames[-1].at + 3, False, b"b"))
    pty, _ = terminal(found, speed=10)
    assert told(pty, "slow\n") == b"a"
    begun = time.monotonic()
    assert pty.read(5) == b"b" and 0.2 < time.monotonic() - begun < 3
