"""What goes wrong on the way is told in words: which deployment, what happened, and what to type."""

from __future__ import annotations

import socket

import pytest

from coder_nb.credentials import Secret
from coder_nb.errors import ProtocolError, TransportError
from coder_nb.transport.http import Http, Limits
from tests.transport.conftest import Serve
from tests.transport.hostile import Request, Script

ONCE = Limits(retries=0, connect=0.3)


def dropping(data: bytes) -> Script:
    """Sends these bytes and ends the connection."""

    def script(sock: socket.socket, request: Request) -> None:
        sock.sendall(data)
        sock.shutdown(socket.SHUT_RDWR)

    return script


def failure(url: str, token: Secret) -> Exception:
    """What a call there raises."""
    with pytest.raises((TransportError, ProtocolError)) as raised:
        Http(url, token, limits=ONCE).request("GET", "/users/me")
    return raised.value


def test_a_port_nobody_listens_on(token: Secret) -> None:
    """The system's own words follow the address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    assert str(failure(url, token)).startswith(f"could not reach {url}: connection refused\nhint: check the address")


def test_a_name_nobody_has(token: Secret) -> None:
    """.invalid is reserved for names that do not exist."""
    error = failure("https://coder.invalid", token)
    assert isinstance(error, TransportError)
    assert error.message.startswith("could not reach https://coder.invalid: there is no host coder.invalid")


def test_a_connection_that_is_not_made_in_time(token: Secret) -> None:
    """A listener whose queue is full does not answer."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(3)]
        for sock in waiting:
            sock.setblocking(False)
            sock.connect_ex(listener.getsockname())
        error = failure(f"http://127.0.0.1:{listener.getsockname()[1]}", token)
        for sock in waiting:
            sock.close()
    assert "no connection within 0.3 s" in str(error)


@pytest.mark.parametrize(
    ("data", "kind", "words"),
    [
        (b"", TransportError, "closed the connection without an answer"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", ProtocolError, "is not HTTP"),
        (b"HTTP/1.1 banana\r\n\r\n", ProtocolError, "is not HTTP"),
        (b"\x15\x03\x01\x00\x02\x02\x16", ProtocolError, "is not HTTP"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n", ProtocolError, "is not HTTP"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n", ProtocolError, "is not HTTP"),
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", ProtocolError, "which is no answer"),
    ],
)
def test_what_is_no_answer(serve: Serve, token: Secret, data: bytes, kind: type[Exception], words: str) -> None:
    """An early end is a dropped connection; other protocols and endless headers are no HTTP."""
    server = serve(dropping(data))
    error = failure(server.url, token)
    assert type(error) is kind
    assert words in str(error)
    assert "GET /api/v2/users/me" in str(error)


def test_what_was_caught_is_not_kept(serve: Serve, token: Secret) -> None:
    """Neither cause nor context nor a frame below the transport hangs on the error: they hold headers."""
    error = failure(serve(dropping(b"")).url, token)
    assert error.__cause__ is None
    assert error.__context__ is None
    frames = []
    trace = error.__traceback__
    while trace:
        frames.append(trace.tb_frame.f_globals["__name__"])
        trace = trace.tb_next
    assert frames[-1] == "coder_nb.transport.wire"
    assert not any(name.startswith(("urllib3", "http.", "socket", "ssl")) for name in frames)
