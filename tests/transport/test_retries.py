"""The retry contract, clause by clause. Waiting is recorded, not done."""

from __future__ import annotations

import signal
import socket
import threading

import pytest

from coder_nb.credentials import Secret
from coder_nb.errors import (
    ApiError,
    CoderError,
    Conflict,
    NotFound,
    ProtocolError,
    RateLimited,
    ServerError,
    TransportError,
)
from coder_nb.transport.http import Http, Limits
from tests.transport.conftest import Serve
from tests.transport.hostile import HostileServer, Request, Script, answer, json_answer

GOOD = json_answer('"good"')
DATE = "Mon, 23 Nov 2026 22:44:30 GMT"
RESET = "1795474200"  # 2026-11-23 22:50:00 UTC; DATE is 330 s before
LIMITED = '{"message":"You\'ve been rate limited."}'


class Asked:
    """A deployment that answers with scripts, and a client whose waits are recorded."""

    def __init__(self, server: HostileServer, token: Secret) -> None:
        self.server = server
        self.waits: list[float] = []
        self.said: list[str] = []
        self.http = Http(server.url, token, limits=Limits(wait=self.waits.append), notify=self.said.append)


def drop(sock: socket.socket, request: Request) -> None:
    """Ends the connection without an answer."""
    sock.shutdown(socket.SHUT_RDWR)


def limited(seconds: int, **headers: str) -> Script:
    """A 429 whose window ends this many seconds after the server's own time."""
    return json_answer(
        LIMITED, "429 Too Many Requests", X_RateLimit_Reset=str(1795474200 - 330 + seconds), Date=DATE, **headers
    )


@pytest.mark.parametrize("status", ["502 Bad Gateway", "503 Service Unavailable", "504 Gateway Timeout"])
def test_a_server_that_is_not_ready_is_asked_twice_more(serve: Serve, token: Secret, status: str) -> None:
    """Half a second, then a second, each shortened at random by no more than a half."""
    bad = answer(b"<html>", status=status, kind="text/html")
    asked = Asked(serve(bad, bad, GOOD), token)
    assert asked.http.request("GET", "/x").body == b'"good"'
    assert len(asked.server.requests) == 3
    assert 0.25 <= asked.waits[0] <= 0.5 <= asked.waits[1] <= 1.0


def test_after_the_second_retry_the_error_is_raised(serve: Serve, token: Secret) -> None:
    """Three attempts and two waits are all."""
    asked = Asked(serve(json_answer("{}", "503 Service Unavailable")), token)
    with pytest.raises(ServerError):
        asked.http.request("GET", "/x")
    assert (len(asked.server.requests), len(asked.waits)) == (3, 2)


def test_waits_are_jittered(serve: Serve, token: Secret) -> None:
    """No two notebooks come back in step."""
    asked = Asked(serve(json_answer("{}", "503 Service Unavailable")), token)
    for _ in range(4):
        with pytest.raises(ServerError):
            asked.http.request("GET", "/x")
    assert len(set(asked.waits)) == len(asked.waits) == 8


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        (json_answer("{}", "500 Internal Server Error"), ServerError),
        (json_answer("{}", "501 Not Implemented"), ServerError),
        (json_answer("{}", "404 Not Found"), NotFound),
        (json_answer("{}", "409 Conflict"), Conflict),
        (json_answer("{}", "408 Request Timeout"), ApiError),
        (answer(b"<html>", kind="text/html"), ProtocolError),
        (answer(b"", status="307 Temporary Redirect", Location="/"), ProtocolError),
        (drop, TransportError),
        (lambda sock, request: sock.sendall(b"SSH-2.0\r\n"), ProtocolError),
    ],
    ids=["500", "501", "404", "409", "408", "html", "redirect", "dropped", "not http"],
)
def test_everything_else_is_asked_once(serve: Serve, token: Secret, script: Script, kind: type[CoderError]) -> None:
    """A 500, a dropped fresh connection and what is no answer are never tried again."""
    asked = Asked(serve(script), token)
    with pytest.raises(kind):
        asked.http.request("GET", "/x")
    assert (len(asked.server.requests), asked.waits) == (1, [])


def test_a_read_timeout_is_not_tried_again(serve: Serve, token: Secret) -> None:
    """The server may still be working on the first."""
    waits: list[float] = []
    server = serve(lambda sock, request: None)
    with pytest.raises(TransportError, match="sent nothing"):
        Http(server.url, token, limits=Limits(read=0.1, wait=waits.append)).request("GET", "/x")
    assert (len(server.requests), waits) == (1, [])


def test_an_answer_that_breaks_off_is_asked_once(serve: Serve, token: Secret) -> None:
    """What had begun is not fetched a second time."""

    def half(sock: socket.socket, request: Request) -> None:
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{")
        sock.shutdown(socket.SHUT_RDWR)

    asked = Asked(serve(half), token)
    with pytest.raises(TransportError, match="broke off"):
        asked.http.request("GET", "/x")
    assert len(asked.server.requests) == 1


@pytest.mark.parametrize(("method", "changes"), [("POST", True), ("POST", False), ("GET", True), ("DELETE", True)])
def test_a_change_is_never_sent_twice(serve: Serve, token: Secret, method: str, changes: bool) -> None:
    """Not even where the server says it was too busy to look."""
    for script in (json_answer("{}", "503 Service Unavailable"), limited(1)):
        asked = Asked(serve(script), token)
        with pytest.raises(ApiError):
            asked.http.request(method, "/x", changes=changes)
        assert (len(asked.server.requests), asked.waits) == (1, [])


def test_no_connection_is_tried_twice_more(token: Secret) -> None:
    """A deployment that restarts is back in a moment; a change waits for nobody either."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    waits: list[float] = []
    http = Http(url, token, limits=Limits(wait=waits.append))
    with pytest.raises(TransportError, match="could not reach"):
        http.request("GET", "/x")
    assert len(waits) == 2
    with pytest.raises(TransportError, match="could not reach"):
        http.request("POST", "/x", changes=True)
    assert len(waits) == 2


def test_a_kept_connection_that_had_died_is_replaced(serve: Serve, token: Secret) -> None:
    """The server closed it just as it was used again: a GET goes out once more, a change does not."""
    asked = Asked(serve(GOOD, drop, GOOD, drop), token)
    asked.http.request("GET", "/a")
    assert asked.http.request("GET", "/b").body == b'"good"'
    assert [request.path for request in asked.server.requests] == ["/api/v2/a", "/api/v2/b", "/api/v2/b"]
    assert asked.server.connections == 2
    with pytest.raises(TransportError, match="without an answer") as raised:
        asked.http.request("POST", "/c", changes=True)
    assert len(asked.server.requests) == 4
    assert "may have been done" in raised.value.hint


def test_a_rate_limit_is_waited_out_by_the_servers_clock(serve: Serve, token: Secret) -> None:
    """Until X-RateLimit-Reset, counted from its Date, up to a second more, and it is said."""
    asked = Asked(serve(limited(17), GOOD), token)
    assert asked.http.request("GET", "/x").body == b'"good"'
    assert len(asked.waits) == 1
    assert 17 <= asked.waits[0] <= 18
    assert asked.said == [f"{asked.server.url[7:]} limits how often it may be asked: waiting {asked.waits[0]:.0f} s"]


def test_without_a_reset_the_wait_is_the_servers_other_word(serve: Serve, token: Secret) -> None:
    """Retry-After in seconds, else a minute."""
    asked = Asked(serve(json_answer(LIMITED, "429 Too Many Requests", Retry_After="5"), GOOD), token)
    asked.http.request("GET", "/x")
    assert 5 <= asked.waits[0] <= 6
    asked = Asked(serve(json_answer(LIMITED, "429 Too Many Requests", Retry_After="soon"), GOOD), token)
    asked.http.request("GET", "/x")
    assert asked.waits == [60]


def test_a_minute_is_all_a_call_waits_for_its_turn(serve: Serve, token: Secret) -> None:
    """All waits together: a window that ends later is waited for no longer, and the rest is in the error."""
    asked = Asked(serve(limited(300)), token)
    with pytest.raises(RateLimited) as raised:
        asked.http.request("GET", "/x")
    assert asked.waits == [60]
    assert raised.value.retry_after == 300
    assert raised.value.hint == "try again in 300 s"
    asked = Asked(serve(limited(40)), token)
    with pytest.raises(RateLimited):
        asked.http.request("GET", "/x")
    assert sum(asked.waits) == pytest.approx(60)


def test_a_window_that_has_ended_is_not_waited_for(serve: Serve, token: Secret) -> None:
    """A reset in the past is no negative time."""
    asked = Asked(serve(limited(-30), GOOD), token)
    asked.http.request("GET", "/x")
    assert 0 <= asked.waits[0] <= 1


@pytest.mark.parametrize("reset", ["never", "-5", "9" * 40, "1e9", "²"])
def test_a_reset_that_makes_no_sense_is_a_minute(serve: Serve, token: Secret, reset: str) -> None:
    """It never becomes an endless wait or an error of its own."""
    script = answer(LIMITED.encode(), status="429 Too Many Requests", X_RateLimit_Reset=reset, Date=DATE)
    asked = Asked(serve(script, GOOD), token)
    asked.http.request("GET", "/x")
    assert asked.waits == [60]


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="signals to a thread are POSIX's")
def test_ctrl_c_ends_a_wait_for_the_rate_limit(serve: Serve, token: Secret) -> None:
    """The wait is real here, a minute long, and over at once."""
    server = serve(json_answer(LIMITED, "429 Too Many Requests", Retry_After="60"))

    def press(line: str) -> None:
        threading.Timer(0.05, signal.pthread_kill, (threading.main_thread().ident, signal.SIGINT)).start()

    with pytest.raises(KeyboardInterrupt):
        Http(server.url, token, notify=press).request("GET", "/x")
    assert len(server.requests) == 1


def test_close_ends_a_wait_for_the_rate_limit(serve: Serve, token: Secret) -> None:
    """A thread that waits for its turn comes back when the connection is closed."""
    server = serve(json_answer(LIMITED, "429 Too Many Requests", Retry_After="60"))
    waiting = threading.Event()
    http = Http(server.url, token, notify=lambda line: waiting.set())
    raised: list[CoderError] = []

    def ask() -> None:
        try:
            http.request("GET", "/x")
        except CoderError as error:
            raised.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    assert waiting.wait(10)
    http.close()
    thread.join(10)
    assert not thread.is_alive()
    assert "is closed" in str(raised[0])
