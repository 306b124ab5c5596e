"""Terminals over the wire: who may open one, what runs in it, sessions, their ends, and that nothing is left."""

from __future__ import annotations

import json
import socket
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import psutil
import pytest

from coder_nb.api import Api
from coder_nb.credentials import Secret
from coder_nb.embedded import launch
from coder_nb.embedded.faults import Fault
from coder_nb.transport.http import Http
from tests.conformance.waiting import until
from tests.embedded.raw import RawSocket, connect

if TYPE_CHECKING:
    from tests.embedded.conftest import Client, Small

Dial = Callable[..., RawSocket]
NOBODY = {"message": "Resource not found or you do not have access to this resource"}


@pytest.fixture
def path(small: Small) -> Callable[..., str]:
    """The path of a terminal in workspace `dev`, with a command of the shell everybody has."""
    agent = small.workspace("dev").latest.agents[0]

    def make(command: str = "", **query: str) -> str:
        known = {
            "reconnect": str(uuid.uuid4()),
            "command": f"#!/bin/sh\n{command}" if command[:2] not in ("", "#!") else command,
        }
        return f"/workspaceagents/{agent.id}/pty?{urlencode(known | query)}"

    return make


Path_ = Callable[..., str]


def read(raw: RawSocket, end: bytes) -> bytes:
    """Output until it ends with this."""
    data = b""
    while not data.endswith(end):
        said = raw.next()
        assert said.kind == "binary", (said, data)
        data += said.data
    return data


def rest(raw: RawSocket) -> bytes:
    """Output until the terminal ends, which it does without a close frame."""
    data = bytearray()
    while (said := raw.next()).kind == "binary":
        data += said.data
    assert said.kind == "end", said
    return bytes(data)


def typed(raw: RawSocket, **keys: object) -> None:
    """One object in one message."""
    raw.send("binary", json.dumps(keys).encode())


def pid(raw: RawSocket) -> int:
    """The process id a command has said."""
    return int(read(raw, b"\r\n"))


def gone(pid: int) -> bool:
    """Whether a process is no more; one that nobody has asked about yet does not run either."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def sizes(frames: bytearray) -> Iterator[int]:
    """The sizes of what a server's frames hold."""
    at = 0
    while at < len(frames):
        head, size = 2, frames[at + 1]
        if size > 125:
            head = 4 if size == 126 else 10
            size = int.from_bytes(frames[at + 2 : at + head], "big")
        yield size
        at += head + size
    assert at == len(frames)


@pytest.mark.parametrize(
    "token", [None, Secret("AAAAAAAAAA-BBBBBBBBBBBBBBBBBBBBBB"), Secret("x"), Secret(str(uuid.uuid4()))]
)
def test_a_token_that_is_no_good_finds_nothing(client: Client, path: Path_, token: Secret | None) -> None:
    """None, an unknown one, no token at all, one of an agent: 404 in JSON, never 401."""
    headers = {} if token else {"Coder-Session-Token": None}
    answer, raw = connect(client, path(), token=token, headers=headers)
    raw.close()
    assert (answer.status, json.loads(answer.body)) == (404, NOBODY)


def test_an_unknown_agent_is_a_page_whoever_asks(client: Client, bob: Client, path: Path_) -> None:
    """So is one that the caller may not see."""
    unknown = f"/workspaceagents/{uuid.uuid4()}/pty"
    answers = []
    for asked, by, headers in (
        (unknown, client, {}),
        (unknown, client, {"Coder-Session-Token": None}),
        (path(), bob, {}),
    ):
        answer, raw = connect(by, asked, headers=headers)
        raw.close()
        answers.append((answer.status, answer.headers["content-type"]))
    assert answers == [(404, "text/html; charset=utf-8")] * 3


def test_an_agent_that_is_away_is_a_page_that_names_its_state(client: Client, small: Small) -> None:
    """Said before the parameters are looked at."""
    away = small.workspace("away", small.build(small.agent(attached=False, first_connected_at=None)))
    answer, raw = connect(client, f"/workspaceagents/{away.latest.agents[0].id}/pty")
    raw.close()
    assert answer.status == 502
    assert b"Agent state is &quot;timeout&quot;, not &quot;connected&quot;" in answer.body


@pytest.mark.parametrize(
    ("query", "field", "detail"),
    [
        ("width=1.5", "width", 'must be a valid positive integer: strconv.ParseUint: parsing "1.5": invalid syntax'),
        ("height=%2B1", "height", 'must be a valid positive integer: strconv.ParseUint: parsing "+1": invalid syntax'),
        (
            "width=18446744073709551616",
            "width",
            'must be a valid positive integer: strconv.ParseUint: parsing "18446744073709551616": value out of range',
        ),
        (
            "backend_type=a&backend_type=b",
            "backend_type",
            "provided more than once, found 2 times. Only provide 1 instance of this query param.",
        ),
    ],
)
def test_bad_parameters_are_named(client: Client, path: Path_, query: str, field: str, detail: str) -> None:
    """With the texts of a real server."""
    got = client.ask(f"{path()}&{query}")
    assert got.status == 400
    assert got.json == {
        "message": "Invalid query parameters.",
        "validations": [{"field": field, "detail": f'Query param "{field}" {detail}'}],
    }


def test_without_an_upgrade_a_terminal_is_426(client: Client, path: Path_) -> None:
    """And nothing has run."""
    assert client.ask(path("echo hi")).status == 426


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        ({}, b"80 80"),
        ({"width": "", "height": ""}, b"80 80"),
        ({"width": "132", "height": "50"}, b"50 132"),
        ({"width": "65616", "height": "70000"}, b"4464 80"),
        ({"width": "0", "height": "0"}, b"0 0"),
    ],
)
def test_the_size_is_there_before_the_command(dial: Dial, path: Path_, size: dict[str, str], shown: bytes) -> None:
    """Cut to 16 bits without a word."""
    assert rest(dial(path("stty size", **size))) == shown + b"\r\n"


def test_a_new_size_is_told_to_the_program(dial: Dial, path: Path_) -> None:
    """Both sides in one object; one alone changes nothing."""
    raw = dial(path("trap 'stty size' WINCH; echo go; while :; do sleep 0.02; done"))
    read(raw, b"go\r\n")
    typed(raw, width=50, height=0)
    typed(raw, data="", width=120, height=40)
    assert read(raw, b"\r\n") == b"40 120\r\n"
    typed(raw, data="\x03")
    assert rest(raw) == b"^C"


def test_without_a_command_it_is_an_interactive_login_shell(dial: Dial, path: Path_) -> None:
    """Which echoes, prompts, and knows what kind of terminal it has."""
    raw = dial(path())
    typed(raw, data="echo T=$TERM; exit 5\r")
    said = rest(raw)
    assert b"T=xterm-256color\r\n" in said
    assert b"echo T=$TERM; exit 5" in said


def test_raw_bytes_pass_both_ways(dial: Dial, path: Path_) -> None:
    """All 256 values out, megabytes in, whatever the messages they come in."""
    every = 'i=0; while [ $i -lt 256 ]; do printf "\\\\$(printf %03o $i)"; i=$((i+1)); done'
    raw = dial(path(f"stty raw -echo; {every}; head -c 3000000 | wc -c"))
    assert read(raw, b"\xff") == bytes(range(256))
    for _ in range(150):
        typed(raw, data="é" * 10_000)
    assert rest(raw).strip() == b"3000000"


def test_a_session_is_one_program_for_all_who_attach(dial: Dial, path: Path_) -> None:
    """All see all output and may type; later commands are ignored; the last size counts."""
    one = path("echo $$; read x; stty size; echo got $x; read y")
    reconnect = one.split("reconnect=")[1][:36]
    first = dial(one)
    program = read(first, b"\r\n")
    second = dial(path("echo IGNORED", reconnect=reconnect, width="100", height="30"))
    assert read(second, b"\r\n") == program
    typed(second, data="hello\r")
    for raw in (first, second):
        assert read(raw, b"got hello\r\n") == b"hello\r\n30 100\r\ngot hello\r\n"
    typed(first, data="\r")
    for raw in (first, second):
        assert rest(raw) == b"\r\n"


def test_who_comes_later_is_told_the_last_64_kib(dial: Dial, path: Path_) -> None:
    """Exactly, from wherever that begins; then what is new."""
    one = path("stty -echo; seq 1 20000; read x; echo $x")
    reconnect = one.split("reconnect=")[1][:36]
    first = dial(one)
    everything = read(first, b"\r\n20000\r\n")
    first.close()
    second = dial(path(reconnect=reconnect))
    typed(second, data="new\r")
    assert rest(second) == everything[-65536:] + b"new\r\n"


def test_an_id_whose_program_has_ended_begins_again(dial: Dial, path: Path_) -> None:
    """With the command that is then asked for."""
    one = path("echo first")
    assert rest(dial(one)) == b"first\r\n"
    assert rest(dial(path("echo second", reconnect=one.split("reconnect=")[1][:36]))) == b"second\r\n"


def test_the_same_id_of_another_agent_is_another_session(dial: Dial, path: Path_, small: Small) -> None:
    """Ids are the agent's own."""
    one = path("echo one; read x")
    raw = dial(one)
    assert read(raw, b"\r\n") == b"one\r\n"
    agent, other = one.split("/")[2], small.workspace("other").latest.agents[0].id
    assert read(dial(one.replace(agent, other)), b"\r\n") == b"one\r\n"
    typed(raw, data="\r")
    assert rest(raw) == b"\r\n"


@pytest.mark.parametrize("farewell", ["close", "drop", "malformed", "text"])
def test_a_program_goes_on_when_its_client_has_left(dial: Dial, path: Path_, farewell: str) -> None:
    """However it left; it can be come back to."""
    one = path("stty -echo; echo here; read x; echo $x; read y")
    raw = dial(one)
    assert read(raw, b"here\r\n")
    match farewell:
        case "close":
            raw.send("close", b"\x03\xe8")
            assert raw.next().close == (1000, "")
        case "malformed":
            raw.send("binary", b'{"data":5}')
            assert raw.next().close == (1006, "")
        case "text":
            raw.send("text", b'{"data":"x"}')
            assert raw.ended() == (1003, "unexpected frame type read (expected MessageBinary): MessageText")
    raw.close()
    again = dial(one)
    typed(again, data="still\r")
    assert read(again, b"still\r\n") == b"here\r\nstill\r\n"


def test_a_program_without_clients_is_killed_after_a_while(client: Client, dial: Dial, path: Path_) -> None:
    """Five minutes, which here are shorter."""
    raw = dial(path("echo $$; read x"))
    program = pid(raw)
    client.server.site.second = 0.0005
    again = dial(path(reconnect=str(uuid.uuid4())))
    assert not gone(program)
    raw.close()
    again.close()
    # Its own second is that of its last attachment.
    assert not gone(program)
    late = dial(path("echo $$; read x"))
    program = pid(late)
    late.close()
    until(lambda: gone(program), bool)


def test_a_client_that_answers_no_ping_is_left(client: Client, dial: Dial, path: Path_) -> None:
    """With 1001, after as long again as to the ping."""
    client.server.site.ping_seconds = 0.1
    raw = dial(path("read x"))
    assert raw.next() == ("ping", b"1", 1)
    assert raw.next().close == (1001, "Ping failed")


def test_pings_go_on_while_they_are_answered(client: Client, dial: Dial, path: Path_) -> None:
    """Numbered; the client's own are answered too."""
    client.server.site.ping_seconds = 0.05
    raw = dial(path("read x"))
    for number in (b"1", b"2", b"3"):
        assert raw.next() == ("ping", number, 1)
        raw.send("pong", number)
    raw.send("ping", b"you?")
    assert raw.next("pong").data == b"you?"


def test_who_takes_nothing_holds_up_all_and_nothing_is_lost(dial: Dial, path: Path_) -> None:
    """Output stops for the others too, and goes on when the slow one has left."""
    # More than the buffers on both ways hold.
    size = 40_000_000
    one = path(f"stty -echo; echo go; read x; head -c {size} /dev/zero | tr '\\0' a")
    slow, quick = dial(one), dial(one)
    slow.stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
    read(quick, b"go\r\n")
    typed(quick, data="\r")
    quick.stream.settimeout(1)
    came = bytearray()
    with pytest.raises(TimeoutError):
        while data := quick.stream.recv(65536):
            came += data
    assert len(came) < size
    slow.close()
    quick.stream.settimeout(20)
    while data := quick.stream.recv(65536):
        came += data
    assert sum(sizes(came)) == size


@pytest.mark.parametrize(
    "query",
    [
        {"command": "#!"},
        {"command": "#! \necho hi"},
        {"command": "#!/no/such\necho hi"},
        {"command": "echo hi; : " + "x" * 1000},
        {"command": "echo hi", "backend_type": "screen"},
        {"command": "echo hi", "container": "nosuch"},
    ],
)
def test_what_cannot_run_ends_without_a_word(dial: Dial, path: Path_, query: dict[str, str]) -> None:
    """101, and then only the end of the connection."""
    assert dial(path(**query)).next().close == (1006, "")


def test_programs_end_with_their_agent(dial: Dial, path: Path_, small: Small) -> None:
    """At once, and for the client without a close frame."""
    raw = dial(path("echo $$; read x"))
    program = pid(raw)
    [it] = small.deployment.workspaces
    it.latest.agents[0].attached = False
    it.latest.agents[0].disconnected_at = small.now
    it.changes.tell()
    assert raw.next().close == (1006, "")
    until(lambda: gone(program), bool)


def test_nothing_is_left_when_the_server_stops(client: Client, dial: Dial, path: Path_) -> None:
    """Neither programs, nor what they have left in the background, nor the workspace's home."""
    raw = dial(path("trap '' HUP; sleep 600 & echo $! $$ $HOME; read x"))
    *programs, home = read(raw, b"\r\n").decode().split()
    left = dial(path("trap '' HUP; sleep 600 & echo $!"))
    programs.append(rest(left).decode())
    assert not any(gone(int(program)) for program in programs)
    assert Path(home).is_dir()
    client.server.close()
    until(lambda: [gone(int(program)) for program in programs], all)
    assert not Path(home).exists()
    assert raw.next().kind == "end"


def test_nothing_is_left_when_a_deployments_process_ends() -> None:
    """Of this machine's terminals, and of those of simulated workspaces."""
    programs: list[int] = []
    homes: list[Path] = []
    with launch.start() as demo:
        api = Api(Http(demo.url, demo.token))
        found = {it.name: it.latest_build.agents for it in api.workspaces.list("owner:me").workspaces}
        for name in ("here", "web"):
            pty = api.pty.open(found[name][0].id, shell="/bin/sh", command="sleep 600 & echo $! $$ $HOME; read x")
            said = b""
            while not said.endswith(b"\n"):
                said += pty.read(10)
            *pids, home = said.decode().split()
            programs += map(int, pids)
            homes.append(Path(home))
    until(lambda: [gone(program) for program in programs], all)
    assert [home.exists() for home in homes] == [True, False]


def test_a_terminal_can_be_ordered_to_fall_silent(client: Client, dial: Dial, path: Path_) -> None:
    """As when its agent has died: nothing comes any more, and pings go on."""
    client.server.site.ping_seconds = 0.1
    client.server.faults.add(Fault("silent", path="*/pty", messages=1))
    raw = dial(path("echo one; read x; echo two; read y"))
    assert read(raw, b"one\r\n") == b"one\r\n"
    typed(raw, data="\r")
    for number in (b"1", b"2"):
        assert raw.next() == ("ping", number, 1)
        raw.send("pong", number)


def test_a_workspace_keeps_what_is_written_to_its_home(dial: Dial, path: Path_) -> None:
    """From one terminal to the next."""
    assert rest(dial(path("echo kept > file"))) == b""
    assert rest(dial(path("cat file"))) == b"kept\r\n"
