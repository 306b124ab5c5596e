"""The deployment as a process: its one line in and out, and when it ends."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest

from coder_nb.credentials import Secret
from coder_nb.embedded.keys import new_token
from coder_nb.embedded.process import Settings
from coder_nb.errors import ConfigurationError
from tests.embedded.raw import UPGRADE, RawSocket

Child = subprocess.Popen[str]
Start = Callable[..., Child]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts the process with one line of settings; what is left of it is killed at the end."""
    children: list[Child] = []

    def begin(line: object) -> Child:
        child = subprocess.Popen(
            [sys.executable, "-P", "-m", "coder_nb.embedded"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        children.append(child)
        assert child.stdin
        child.stdin.write((line if isinstance(line, str) else json.dumps(line)) + "\n")
        child.stdin.flush()
        return child

    yield begin
    for child in children:
        child.kill()
        child.communicate()


def settings(**more: Any) -> dict[str, Any]:
    """The smallest deployment: ada alone, no fleet, nothing of this machine."""
    return {"tokens": {"ada": new_token()}, "scenario": None, "here": False} | more


def said(child: Child) -> Any:
    """The one line."""
    assert child.stdout
    return json.loads(child.stdout.readline())


def ask(url: str, path: str, token: str) -> tuple[int, Any]:
    """One request."""
    connection = HTTPConnection(urlsplit(url).netloc, timeout=10)
    connection.request("GET", f"/api/v2{path}", headers={"Coder-Session-Token": token})
    answer = connection.getresponse()
    body = json.loads(answer.read())
    connection.close()
    return answer.status, body


def test_it_answers_when_it_has_said_so_and_ends_with_its_input(start: Start) -> None:
    """The line names address, id and process; when standard input closes the process ends well, having said no more."""
    wanted = settings()
    token = wanted["tokens"]["ada"]
    child = start(wanted)
    line = said(child)
    assert (set(line), line["pid"]) == ({"url", "deployment_id", "pid"}, child.pid)
    assert ask(line["url"], "/users/me", token)[1]["username"] == "ada"
    assert ask(line["url"], "/buildinfo", token)[1]["deployment_id"] == line["deployment_id"]
    rest, errors = child.communicate(timeout=10)
    assert (child.returncode, rest, errors) == (0, "", "")
    assert token not in json.dumps(line)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals to handle")
def test_a_signal_ends_it_well(start: Start, number: signal.Signals) -> None:
    """Exit code 0 and no traceback, while its input is still open."""
    child = start(settings())
    said(child)
    child.send_signal(number)
    assert child.wait(10) == 0
    assert child.stderr
    assert child.stderr.read() == ""


def test_streams_end_with_it(start: Start) -> None:
    """At once, whoever still listens; it has nothing to say about them."""
    values = settings()
    child = start(values)
    address = urlsplit(said(child)["url"])
    token = values["tokens"]["ada"]
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=10) as stream:
        headers = UPGRADE | {"Host": address.netloc, "Coder-Session-Token": token}
        lines = ["GET /api/v2/derp-map HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        stream.sendall("\r\n".join([*lines, "", ""]).encode())
        raw = RawSocket(stream)
        assert raw.handshake().status == 101
        assert raw.next().kind == "binary"
        child.send_signal(signal.SIGTERM)
        assert raw.next().kind == "end"
    assert child.wait(timeout=10) == 0
    assert child.stderr
    assert child.stderr.read() == ""


def test_told_to_stay_it_outlives_its_input(start: Start) -> None:
    """Then only a signal ends it."""
    wanted = settings(stay=True)
    child = start(wanted)
    line = said(child)
    assert child.stdin
    child.stdin.close()
    child.stdin = None
    assert ask(line["url"], "/users/me", wanted["tokens"]["ada"])[0] == 200
    assert child.poll() is None
    child.terminate()
    assert child.wait(10) == 0


def test_each_named_user_gets_their_token(start: Start) -> None:
    """In the fleet, ada is the owner and bob a member."""
    tokens = {"ada": new_token(), "bob": new_token()}
    line = said(start({"tokens": tokens, "here": False}))
    for name, token in tokens.items():
        assert ask(line["url"], "/users/me", token)[1]["username"] == name
    assert ask(line["url"], "/users/ada", tokens["bob"])[0] == 400


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("", "not understood"),
        ("{", "not understood"),
        ('{"tokens": {}}', "not understood"),
        ('{"tokens": {"ada": "secret-that-is-none"}}', "not understood"),
        (settings(colour="red"), "not understood"),
        (settings(scenario="nowhere"), "nowhere"),
        (settings(tokens={"nobody": new_token()}, scenario="fleet"), "has no user nobody"),
    ],
)
def test_what_it_cannot_do_it_says_in_its_line(start: Start, line: object, word: str) -> None:
    """An error with a hint on standard output, exit code 1, nothing on standard error, and never the line itself."""
    child = start(line)
    output, errors = child.communicate(timeout=20)
    error = json.loads(output)
    assert child.returncode == 1
    assert word in error["error"]
    assert error["hint"]
    assert "secret-that-is-none" not in output + errors
    assert errors == ""


def test_a_taken_port_is_an_error(start: Start) -> None:
    """It does not quietly take another."""
    port = urlsplit(said(start(settings()))["url"]).port
    error = said(start(settings(port=port)))
    assert "Address already in use" in error["error"]


def test_settings_never_show_their_tokens() -> None:
    """Neither in their text nor in an error about them."""
    token = new_token()
    read = Settings.read(json.dumps({"tokens": {"ada": token}}))
    assert read.tokens == {"ada": Secret(token)}
    assert token not in repr(read)
    with pytest.raises(ConfigurationError) as error:
        Settings.read(json.dumps({"tokens": {"ada": token}, "x": 1}))
    assert token not in str(error.value)
