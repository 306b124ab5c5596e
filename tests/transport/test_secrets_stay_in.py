"""Tokens and passwords show nowhere: not in IPython's most talkative traceback, not in logs, not in debug output."""

from __future__ import annotations

import http.client
import logging
import signal
import socket
import sys
import threading
import traceback
import warnings
from types import TracebackType
from typing import Any

import pytest
from IPython.core.ultratb import VerboseTB

from coder_nb.credentials import Secret
from coder_nb.errors import CoderError
from coder_nb.transport.http import Http, Limits
from tests.transport.conftest import Serve
from tests.transport.hostile import Request, Script, answer, json_answer

PASSWORD = "correct-horse-battery"
ONCE = Limits(retries=0, read=0.2)


def shown(error: BaseException) -> str:
    """Everything Python and IPython can tell of an exception below the test, each frame's variables included."""
    assert error.__traceback__ is not None
    below = error.__traceback__.tb_next
    assert below is not None
    text: str = VerboseTB(include_vars=True, long_header=True).text(type(error), error, below)
    summary = traceback.TracebackException(type(error), error, below, capture_locals=True)
    return text + "".join(summary.format()) + repr(vars(error))


def chain(error: BaseException) -> list[BaseException]:
    """An exception and everything it came from."""
    found: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        current = waiting.pop()
        if current is not None and current not in found:
            found.append(current)
            waiting += [current.__cause__, current.__context__]
    return found


def frames(error: BaseException) -> list[dict[str, Any]]:
    """The variables of every frame an exception came through, as they are."""
    found = []
    trace: TracebackType | None = error.__traceback__.tb_next if error.__traceback__ else None
    while trace:
        found.append(trace.tb_frame.f_locals)
        trace = trace.tb_next
    return found


def reset(sock: socket.socket, request: Request) -> None:
    """Drops the connection."""
    sock.shutdown(socket.SHUT_RDWR)


def press_ctrl_c(sock: socket.socket, request: Request) -> None:
    """Interrupts the main thread while it waits."""
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)


FAILURES: dict[str, Script] = {
    "refused": json_answer('{"message":"no"}', "401 Unauthorized"),
    "web page": answer(b"<html>", kind="text/html"),
    "redirect": answer(b"", status="302 Found", Location="https://evil.example/"),
    "dropped": reset,
    "silent": lambda sock, request: None,
    "not http": lambda sock, request: sock.sendall(b"SSH-2.0\r\n"),
    "bad gzip": answer(b"junk", Content_Encoding="gzip"),
    "ctrl-c": press_ctrl_c,
}


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="signals to a thread are POSIX's")
@pytest.mark.parametrize("script", FAILURES.values(), ids=FAILURES.keys())
def test_no_failure_shows_a_secret(serve: Serve, token: Secret, script: Script) -> None:
    """However a call with a token and a password in its body ends, no variable of its traceback's frames has them."""
    http_client = Http(serve(script).url, token, limits=ONCE)
    visible = "this must be seen"
    with pytest.raises((CoderError, KeyboardInterrupt)) as raised:
        http_client.request("POST", "/users/login", body={"visible": visible, "password": Secret(PASSWORD)})
    for error in chain(raised.value):
        text = shown(error)
        assert "this must be seen" in text, "the traceback is not as talkative as this test needs"
        assert token.reveal() not in text
        assert PASSWORD not in text
    for variables in frames(raised.value):
        held = repr(variables)
        assert token.reveal() not in held
        assert PASSWORD not in held


def test_no_connection_shows_no_secret(token: Secret) -> None:
    """The request was made up, and never sent: it is not in the traceback either."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with pytest.raises(CoderError) as raised:
        Http(url, token, limits=ONCE).request("POST", "/x", body={"password": Secret(PASSWORD)})
    assert token.reveal() not in shown(raised.value)
    assert PASSWORD not in shown(raised.value)


@pytest.mark.parametrize("script", [FAILURES["refused"], FAILURES["dropped"], FAILURES["not http"]])
def test_no_failed_handshake_shows_a_secret(serve: Serve, token: Secret, script: Script) -> None:
    """The same for what asks for a WebSocket."""
    with pytest.raises(CoderError) as raised:
        Http(serve(script).url, token, limits=ONCE).websocket("/workspaceagents/0b1c/pty", query={"visible": "seen"})
    for error in chain(raised.value):
        assert "visible" in shown(error)
        assert token.reveal() not in shown(error)
    for variables in frames(raised.value):
        assert token.reveal() not in repr(variables)


def test_logs_and_debug_output_hold_no_secret(
    serve: Serve,
    token: Secret,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not with every logger at DEBUG, nor with http.client's own debug output, which prints what is sent."""
    monkeypatch.setattr(http.client.HTTPConnection, "debuglevel", 1)
    server = serve(json_answer("{}", Set_Cookie=f"coder_session_token={token.reveal()}"))
    with caplog.at_level(logging.DEBUG), warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        Http(server.url, token).request("POST", "/users/login", body={"password": Secret(PASSWORD)})
    printed = capsys.readouterr()
    text = printed.out + printed.err + caplog.text + "".join(str(item.message) for item in warned)
    assert "/api/v2/users/login" in caplog.text, "urllib3 logs requests: this test must see them"
    assert token.reveal() not in text
    assert PASSWORD not in text


def test_the_debug_output_would_have_shown_it(
    serve: Serve, token: Secret, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test above can fail: a plain http.client connection prints the header."""
    monkeypatch.setattr(http.client.HTTPConnection, "debuglevel", 1)
    server = serve(json_answer("{}"))
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    connection.request("GET", "/", headers={"Coder-Session-Token": token.reveal()})
    connection.close()
    assert token.reveal() in capsys.readouterr().out


def test_nothing_of_the_client_shows_a_secret(serve: Serve, token: Secret, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every object a client is made of has a repr without the token and without the proxy's password."""
    monkeypatch.setenv("HTTP_PROXY", f"http://ada:{PASSWORD}@127.0.0.1:9")
    seen: set[int] = set()
    waiting: list[object] = [Http("http://coder.test", token)]
    texts = []
    while waiting:
        current = waiting.pop()
        if id(current) in seen or isinstance(current, type | type(sys)):
            continue
        seen.add(id(current))
        texts.append(repr(current))
        waiting += [value for name, value in getattr(current, "__dict__", {}).items()]
        waiting += current.values() if isinstance(current, dict) else []
        waiting += current if isinstance(current, list | tuple | set) else []
    text = "\n".join(texts)
    assert "ProxyManager" in text, "this test must reach what is inside"
    for secret in (token.reveal(), PASSWORD, "YWRhOmNvcnJlY3QtaG9yc2UtYmF0dGVyeQ"):
        assert secret not in text
