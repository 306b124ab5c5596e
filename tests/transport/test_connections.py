"""An exchange ends in time, at Ctrl-C and at close; idle connections are not used again."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable

import pytest

from coder_nb.credentials import Secret
from coder_nb.errors import CoderError, TransportError
from coder_nb.transport.http import Http, Limits
from tests.transport.conftest import Serve
from tests.transport.hostile import Request, Script, json_answer

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def dripping(first: bytes, drop: bytes) -> Script:
    """Sends a beginning, then a byte or so every few milliseconds for as long as the client listens."""

    def script(sock: socket.socket, request: Request) -> None:
        sock.sendall(first)
        while not threading.Event().wait(0.01):
            sock.sendall(drop)

    return script


@pytest.mark.parametrize(
    "script",
    [
        dripping(b"", b"H"),
        dripping(b"HTTP/1.1 200 OK\r\nX-Long: ", b"x"),
        dripping(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
        dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        dripping(HEAD + b"Content-Length: 100000\r\n\r\n", b" "),
        dripping(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        dripping(HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;", b"x"),
        dripping(HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n"),
    ],
    ids=["status", "header", "headers", "continue", "body", "chunks", "chunk size", "trailer"],
)
def test_a_server_that_drips_does_not_hold_a_cell(serve: Serve, token: Secret, script: Script) -> None:
    """Each byte comes well within the read limit; the exchange as a whole has one too."""
    http = Http(serve(script).url, token, limits=Limits(exchange=0.3, retries=0))
    with pytest.raises(CoderError) as raised:
        http.request("GET", "/workspaces")
    http.close()
    # Too many headers are refused before the time is up.
    assert "not complete after 0.3 s" in str(raised.value) or "is not HTTP" in str(raised.value)


def test_silence_at_the_end_of_an_exchange_is_cut_short(serve: Serve, token: Secret) -> None:
    """The last wait for a byte is no longer than what is left of the whole."""
    http = Http(serve(lambda sock, request: sock.sendall(HEAD)).url, token, limits=Limits(exchange=0.3))
    with pytest.raises(TransportError, match=r"not complete after 0\.3 s"):
        http.request("GET", "/workspaces")


def test_silence_is_not_waited_out_for_ever(serve: Serve, token: Secret) -> None:
    """The read limit is its own on calls that dial the agent, and the error names it."""
    http = Http(serve(lambda sock, request: None).url, token, limits=Limits(read=0.2, dial=0.4))
    with pytest.raises(TransportError, match=r"sent nothing for 0\.2 s"):
        http.request("GET", "/users/me")
    with pytest.raises(TransportError, match=r"sent nothing for 0\.4 s") as raised:
        http.request("GET", "/workspaceagents/0b1c/containers", dials_agent=True)
    assert "%coder show" in raised.value.hint


def test_a_patient_call_has_a_limit_of_its_own(serve: Serve, token: Secret) -> None:
    """It outlives the other limits while it waits for something to happen, and then ends too."""

    def late(sock: socket.socket, request: Request) -> None:
        threading.Event().wait(0.3)
        json_answer('"signed in"')(sock, request)

    http = Http(serve(late).url, token, limits=Limits(read=0.05, exchange=0.05, patient=30))
    assert http.request("GET", "/x", patient=True).body == b'"signed in"'
    http = Http(serve(lambda sock, request: None).url, token, limits=Limits(patient=0.1))
    with pytest.raises(TransportError, match=r"after 0\.1 s|for 0\.1 s"):
        http.request("GET", "/x", patient=True)


def test_a_change_that_was_not_answered_may_have_been_done(serve: Serve, token: Secret) -> None:
    """The hint says so, instead of `try again`."""
    http = Http(serve(lambda sock, request: None).url, token, limits=Limits(read=0.1))
    with pytest.raises(TransportError) as raised:
        http.request("POST", "/workspaces/x/builds", body={}, changes=True)
    assert "may have been done" in raised.value.hint


def interrupt(sock: socket.socket, request: Request) -> None:
    """Sends this process what Ctrl-C sends, while the main thread waits for an answer."""
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)


def interrupt_in_the_body(sock: socket.socket, request: Request) -> None:
    """The same, once the answer has begun."""
    sock.sendall(HEAD + b"Content-Length: 100\r\n\r\n{")
    interrupt(sock, request)


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="signals to a thread are POSIX's")
@pytest.mark.parametrize("script", [interrupt, interrupt_in_the_body])
def test_ctrl_c_ends_a_wait_at_once(serve: Serve, token: Secret, script: Script) -> None:
    """KeyboardInterrupt comes out long before the read limit, and the connection is not used again."""
    server = serve(script, json_answer('"next"'))
    http = Http(server.url, token)
    with pytest.raises(KeyboardInterrupt):
        http.request("GET", "/users/me")
    assert http.request("GET", "/users/me").body == b'"next"'
    assert server.connections == 2


@pytest.mark.parametrize("first", [b"", HEAD + b"Content-Length: 100\r\n\r\n{"], ids=["waiting", "reading"])
def test_close_ends_what_other_threads_wait_for(serve: Serve, token: Secret, first: bytes) -> None:
    """A thread in the middle of an exchange comes back with an error that says why."""
    asked = threading.Event()

    def silent(sock: socket.socket, request: Request) -> None:
        sock.sendall(first)
        asked.set()

    http = Http(serve(silent).url, token)
    raised: list[CoderError] = []
    thread = threading.Thread(target=record, args=(raised, lambda: http.request("GET", "/users/me")))
    thread.start()
    assert asked.wait(10)
    http.close()
    thread.join(10)
    assert not thread.is_alive()
    assert "closed" in str(raised[0])


def record(raised: list[CoderError], action: Callable[[], object]) -> None:
    """Run something and keep the error it raises."""
    try:
        action()
    except CoderError as error:
        raised.append(error)


def test_a_connection_is_kept_for_the_next_call(serve: Serve, token: Secret) -> None:
    """Two calls in a row share one."""
    server = serve(json_answer("{}"))
    http = Http(server.url, token)
    http.request("GET", "/a")
    http.request("GET", "/b")
    assert server.connections == 1


def test_one_that_was_idle_too_long_is_not_used_again(serve: Serve, token: Secret) -> None:
    """A load balancer may have dropped it in silence, and would swallow the request."""
    server = serve(json_answer("{}"))
    http = Http(server.url, token, limits=Limits(idle=0.0))
    http.request("GET", "/a")
    http.request("POST", "/b", changes=True)
    assert server.connections == 2
