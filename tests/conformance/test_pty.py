"""GET /workspaceagents/{id}/pty, over WebSocket

Commands are for /bin/sh and wait for an answer before they end: terminals may lose what is said last, and an open that
hangs is tried again, which is safe before anything has run.
"""

from __future__ import annotations

import http.client
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest

from coder_nb.api import Api
from coder_nb.api.pty import Pty
from coder_nb.client import Agent, Coder
from coder_nb.errors import ApiError, AuthenticationError, Invalid, NotFound, RateLimited, ServerError
from coder_nb.transport.http import Http

from .conftest import Target

ROUTE = "/workspaceagents/{id}/pty"
SECONDS = 20.0


class Screen:
    """A terminal, and what of its output was not asked for yet."""

    def __init__(self, pty: Pty) -> None:
        self.pty = pty
        self._left = b""

    def until(self, end: bytes, *, seconds: float = SECONDS) -> bytes:
        """Output up to this, and with it."""
        deadline, data = time.monotonic() + seconds, bytearray(self._left)
        while end not in data:
            piece = self.pty.read(deadline - time.monotonic())
            assert piece, (self.pty.ended, data)
            data += piece
        found, _, self._left = bytes(data).partition(end)
        return found + end

    def rest(self) -> bytes:
        """Output until the end, which is none or a proper one."""
        data = bytearray(self._left)
        while piece := self.pty.read(SECONDS):
            data += piece
        assert self.pty.ended is not None and self.pty.ended.code in (1000, 1006), self.pty.ended
        return bytes(data)


@contextmanager
def opened(coder: Coder, agent: Agent, **how: Any) -> Iterator[Screen]:
    """A terminal."""
    with coder.api.pty.open(agent.id, **how) as pty:
        yield Screen(pty)


@contextmanager
def running(coder: Coder, agent: Agent, command: str, *, stty: str = "-echo") -> Iterator[Screen]:
    """A terminal in which a command has begun."""
    for _ in range(3):
        with opened(coder, agent, shell="/bin/sh", command=f"stty {stty}; echo READY; {command}") as screen:
            try:
                assert screen.until(b"\n", seconds=10).strip() == b"READY"
            except TimeoutError:
                continue
            yield screen
            return
    raise AssertionError("no terminal began in three attempts")


def test_a_command_runs_on_a_terminal(coder: Coder, agent: Agent) -> None:
    """stdout and stderr are one, lines end as on a terminal, and there is no exit code."""
    with running(coder, agent, "tty >/dev/null && echo out; echo err >&2; read x; exit 7") as screen:
        assert screen.until(b"err\r\n") == b"out\r\nerr\r\n"
        screen.pty.write("\r")
        screen.rest()


def test_without_a_command_it_is_an_interactive_login_shell(coder: Coder, agent: Agent) -> None:
    """Whichever that is."""
    with opened(coder, agent) as screen:
        screen.pty.write("echo T=$TERM=; read x\r")
        assert b"T=xterm-256color=" in screen.until(b"color=")
        screen.pty.write("\rexit\r")
        screen.rest()


def test_the_environment_names_the_workspace(coder: Coder, agent: Agent, target: Target) -> None:
    """And says that this is one."""
    asked = "echo $CODER:$CODER_WORKSPACE_NAME:$CODER_WORKSPACE_AGENT_NAME:$TERM; read x"
    with running(coder, agent, asked) as screen:
        name = coder.workspace(target.workspace).name
        assert screen.until(b"\n").decode().strip() == f"true:{name}:{agent.record.name}:xterm-256color"
        screen.pty.write("\r")


def test_the_size_is_there_at_once_and_can_be_changed(coder: Coder, agent: Agent) -> None:
    """Columns first, as asked; stty says rows first."""
    with opened(coder, agent, width=132, height=50, shell="/bin/sh", command="stty size; read x") as screen:
        assert screen.until(b"\n") == b"50 132\r\n"
        screen.pty.write("\r")
    with running(coder, agent, "while read x; do stty size; done") as screen:
        screen.pty.resize(120, 40)
        screen.pty.write("\r")
        assert screen.until(b"\n") == b"40 120\r\n"
        screen.pty.write("\x04")
        screen.rest()


def test_ctrl_c_reaches_the_program(coder: Coder, agent: Agent) -> None:
    """As a signal, and as an echo."""
    command = "trap 'echo INT; read x; exit 3' INT; echo go; while :; do sleep 0.1; done"
    with running(coder, agent, command, stty="echo") as screen:
        screen.until(b"go\r\n")
        screen.pty.write("\x03")
        assert screen.until(b"INT\r\n") == b"^CINT\r\n"
        screen.pty.write("\r")
        screen.rest()


def test_typed_text_arrives_as_utf_8(coder: Coder, agent: Agent) -> None:
    """Characters of every length, and more of them than one message holds."""
    with running(coder, agent, "head -n 1; head -c 300000 | wc -c; read x") as screen:
        screen.pty.write("é€😀\r")
        assert screen.until(b"\n").decode() == "é€😀\r\n"
        screen.pty.write(("€" * 999 + "é\n") * 100)
        assert int(screen.until(b"\n")) == 300_000
        screen.pty.write("\r")
        screen.rest()


def test_a_raw_terminal_is_transparent(coder: Coder, agent: Agent) -> None:
    """Control characters pass, and megabytes come whole."""
    command = "head -c 3 | od -An -tx1; head -c 5000000 /dev/zero | tr '\\0' a; echo; head -c 1"
    with running(coder, agent, command, stty="raw -echo") as screen:
        screen.pty.write("\x03\x04\x1a")
        said = screen.until(b"\n")
        assert said.split() == [b"03", b"04", b"1a"]
        assert len(screen.until(b"\n")) == 5_000_001
        screen.pty.write("x")


def test_a_session_can_be_come_back_to(coder: Coder, agent: Agent) -> None:
    """It runs on, tells its last output again, and does not run another command."""
    with running(coder, agent, "echo one; read x; echo two; read y") as first:
        first.until(b"one\r\n")
    with opened(coder, agent, reconnect=first.pty.reconnect, command="echo IGNORED") as second:
        assert second.until(b"one\r\n").startswith(b"READY\r\n")
        second.pty.write("\r")
        assert second.until(b"two\r\n") == b"two\r\n"
        second.pty.write("\r")
        second.rest()


def test_the_last_64_kib_are_told_again(coder: Coder, agent: Agent) -> None:
    """Exactly so many, from wherever that begins."""
    with running(coder, agent, "seq 1 20000; read x") as first:
        everything = first.until(b"\r\n20000\r\n")
        with opened(coder, agent, reconnect=first.pty.reconnect) as second:
            again = second.until(b"\r\n20000\r\n")
            assert len(again) == 65536
            assert everything.endswith(again)
            second.pty.write("\r")


def test_an_id_whose_program_has_ended_runs_the_new_command(coder: Coder, agent: Agent) -> None:
    """So nothing here opens one again by itself."""
    with running(coder, agent, "read x") as first:
        first.pty.write("\r")
        first.rest()
    with opened(coder, agent, reconnect=first.pty.reconnect, shell="/bin/sh", command="echo second; read x") as second:
        assert second.until(b"\n") == b"second\r\n"
        second.pty.write("\r")


def test_what_cannot_run_ends_without_a_word(coder: Coder, agent: Agent) -> None:
    """An interpreter that is not there: 101, and then the end."""
    with opened(coder, agent, shell="/no/such/interpreter", command="echo hi") as screen:
        assert screen.rest() == b""


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ({}, ["reconnect"]),
        ({"reconnect": ""}, ["reconnect"]),
        ({"reconnect": "abc"}, ["reconnect"]),
        ({"reconnect": str(uuid.uuid4()), "width": "-1"}, ["width"]),
        ({"reconnect": str(uuid.uuid4()), "width": "abc", "height": "1.5"}, ["height", "width"]),
        ({"reconnect": str(uuid.uuid4()), "width": "36893488147419103232"}, ["width"]),
        ({"reconnect": str(uuid.uuid4()), "width": ["80", "81"]}, ["width"]),
    ],
)
def test_bad_parameters_are_named(
    http: Http, agent: Agent, query: dict[str, str | list[str]], fields: list[str]
) -> None:
    """All of them at once."""
    with pytest.raises(Invalid) as caught:
        http.websocket(ROUTE.format(id=agent.id), query=query)
    assert caught.value.message == "Invalid query parameters."
    assert [validation.field for validation in caught.value.validations] == fields


def test_a_token_that_is_no_good_is_a_404_on_the_wire(agent: Agent, stranger: Http, forger: Http) -> None:
    """None at all, and a wrong one; the client asks further and says what it is about."""
    for client, anonymous in ((stranger, True), (forger, False)):
        with pytest.raises(NotFound, match="Resource not found or you do not have access") as caught:
            client.websocket(ROUTE.format(id=agent.id), query={"reconnect": str(uuid.uuid4())}, anonymous=anonymous)
        assert caught.value.status == 404
    with pytest.raises(AuthenticationError):
        Api(forger).pty.open(agent.id)


def test_an_agents_own_token_opens_no_terminal(agent: Agent, target: Target) -> None:
    """It is no user's."""
    if target.agent_token is None:
        pytest.skip("CODER_NB_TEST_AGENT_TOKEN, the token of the workspace's agent, is not set")
    headers = {"Coder-Session-Token": target.agent_token.reveal()}
    status, kind, body = upgrade(target, agent.id, headers)
    assert (status, kind) == (404, "application/json; charset=utf-8")
    assert b"Resource not found or you do not have access to this resource" in body


def test_an_unknown_agent_is_a_page(coder: Coder, target: Target, nobody: str) -> None:
    """With a token and without; the client says that there is no such agent."""
    for headers in ({}, {"Coder-Session-Token": target.token.reveal()}):
        assert upgrade(target, nobody, headers)[:2] == (404, "text/html; charset=utf-8")
    with pytest.raises(NotFound, match="Agent doesn't exist with that id"):
        coder.api.pty.open(nobody)


def test_what_is_no_id_is_a_page_with_500(coder: Coder, target: Target) -> None:
    """The client says what is wrong."""
    headers = {"Coder-Session-Token": target.token.reveal()}
    assert upgrade(target, "zzz", headers)[:2] == (500, "text/html; charset=utf-8")
    with pytest.raises(Invalid, match="zzz"):
        coder.api.pty.open("zzz")


def test_a_page_of_another_site_opens_no_terminal(agent: Agent, target: Target) -> None:
    """A browser says where it comes from."""
    headers = {"Coder-Session-Token": target.token.reveal(), "Origin": "http://evil.example"}
    status, kind, body = upgrade(target, agent.id, headers)
    assert (status, kind) == (403, "text/plain; charset=utf-8")
    assert b'request Origin "evil.example" is not authorized' in body


def test_a_plain_request_is_asked_to_upgrade(http: Http, agent: Agent) -> None:
    """And nothing has run."""
    with pytest.raises(ApiError) as caught:
        http.request("GET", ROUTE.format(id=agent.id), query={"reconnect": str(uuid.uuid4())})
    assert caught.value.status == 426


@pytest.mark.parametrize(("name", "state"), [("laptop", "disconnected"), ("archive", "disconnected")])
def test_an_agent_that_is_not_connected_is_a_page_with_502(fleet: Coder, target: Target, name: str, state: str) -> None:
    """The client names the state."""
    agent = fleet.agent(name)
    headers = {"Coder-Session-Token": target.token.reveal()}
    status, kind, body = upgrade(target, agent.id, headers)
    assert (status, kind) == (502, "text/html; charset=utf-8")
    assert state.encode() in body
    with pytest.raises(ServerError, match=f"{state}, not connected"):
        fleet.api.pty.open(agent.id)


def test_more_than_512_opens_a_minute_are_too_many(fleet: Coder) -> None:
    """Refused ones count; only this agent's terminals are closed by it."""
    agent = fleet.agent("chatty")
    for _ in range(512):
        with pytest.raises(Invalid):
            fleet.api.http.websocket(ROUTE.format(id=agent.id), changes=True)
    with pytest.raises(RateLimited, match="512 requests in 1m0s"):
        fleet.api.pty.open(agent.id)
    assert fleet.agent("chatty").record.status == "connected"


def test_a_simulated_workspace_has_a_shell_and_a_home_of_its_own(fleet: Coder) -> None:
    """It is real, and not the home of who runs the deployment."""
    agent = fleet.agent("web")
    with running(fleet, agent, "echo kept >file; pwd; read x") as screen:
        home = screen.until(b"\n").strip()
        screen.pty.write("\r")
    with running(fleet, agent, "pwd; cat file; read x") as screen:
        assert screen.until(b"kept\r\n").split() == [home, b"kept"]
    with running(fleet, fleet.agent("here"), "echo $HOME; read x") as screen:
        assert screen.until(b"\n").strip() != home


def upgrade(target: Target, agent_id: str, headers: dict[str, str]) -> tuple[int, str, bytes]:
    """Asks for a terminal with these headers; status, type and body of the refusal."""
    url = urlsplit(target.url)
    connect = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    connection = connect(url.netloc, timeout=SECONDS)
    wanted = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    try:
        path = f"{url.path}/api/v2{ROUTE.format(id=agent_id)}?reconnect={uuid.uuid4()}"
        connection.request("GET", path, headers=wanted | headers)
        answer = connection.getresponse()
        return answer.status, answer.headers["Content-Type"], answer.read()
    finally:
        connection.close()
