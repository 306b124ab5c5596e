"""What a server said is said again: refusals, broken connections, waits, and answers that were no streams."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from coder_nb import chance
from coder_nb.errors import CoderError, NotFound, NotRecorded, ProtocolError, RateLimited, TransportError
from coder_nb.transport.cassette.recorder import Recording, RecordingWire
from coder_nb.transport.http import Http
from coder_nb.transport.limits import Limits
from tests.transport.cassette.made import TOKEN, cassette, replayed


class _Answers(BaseHTTPRequestHandler):
    """Answers by the path that is asked."""

    protocol_version = "HTTP/1.1"
    asked = 0

    def do_GET(self) -> None:
        path = self.path.removeprefix("/api/v2")
        type(self).asked += 1
        if path == "/broken":
            self.close_connection = True
            return
        status, kind, body = {
            "/good": (200, "application/json", '{"n":1}\n'),
            "/text": (200, "text/plain", "hello"),
            "/missing": (404, "application/json", '{"message":"no such thing"}'),
            "/often": (429, "application/json", '{"message":"too often"}'),
        }[path]
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Set-Cookie", "session=secret-cookie-value")
        self.send_header("Retry-After", "30")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""


@pytest.fixture
def url() -> Iterator[str]:
    """A server for one test."""
    _Answers.asked = 0
    with ThreadingHTTPServer(("127.0.0.1", 0), _Answers) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def outcome(ask: Callable[[], object]) -> object:
    """What comes of it: a value, or an error's kind and text."""
    try:
        return ask()
    except CoderError as error:
        return type(error), error.message, error.hint


def asks(http: Http) -> list[object]:
    """What there is to ask for."""
    return [
        outcome(lambda: http.request("GET", "/good").body),
        outcome(lambda: http.request("GET", "/text")),
        outcome(lambda: http.request("GET", "/missing")),
        outcome(lambda: http.request("GET", "/often")),
        outcome(lambda: http.request("GET", "/broken")),
        outcome(lambda: http.websocket("/good")),
        outcome(lambda: http.events("/missing")),
    ]


@contextmanager
def recorded(url: str) -> Iterator[tuple[Recording, Http]]:
    """A connection that is recorded."""
    recording, waited = Recording(), list[float]()
    http = Http(url, TOKEN, limits=Limits(wait=waited.append))
    http.wire = RecordingWire(http.wire, recording)
    yield recording, http
    http.close()
    recording.stop()


def test_refusals_and_failures_are_those_of_the_recording(url: str) -> None:
    """Kind, text and hint; with the retries there were, whose pauses take no time."""
    with recorded(url) as (recording, http):
        then = asks(http)
    assert [it[0] for it in then[1:] if isinstance(it, tuple)] == [
        *(ProtocolError, NotFound, RateLimited, TransportError, ProtocolError, NotFound),
    ]
    begun = time.monotonic()
    replay = replayed(cassette(recording), url=url)
    assert asks(replay) == then
    assert time.monotonic() - begun < 5
    assert sum(it.path == "/often" for it in recording.exchanges) == 3
    replay.close()


def test_cookies_are_not_taken_down(url: str) -> None:
    """Nor any other header that nothing depends on."""
    with recorded(url) as (recording, http):
        asks(http)
    names = {name for it in recording.exchanges for name in it.headers}
    assert names <= {"Content-Type", "Date", "Retry-After", "X-Coder-Request-Id"}


def test_a_closed_replay_says_so_and_ends_its_waits(url: str) -> None:
    """As a closed connection does; its clock is no clock any more."""
    with recorded(url) as (recording, http):
        http.request("GET", "/good")
    replay = replayed(cassette(recording), speed=0.01)
    then = chance.moment()
    assert then is not None and abs((then - recording.begun).total_seconds()) < 0.002
    closing = threading.Timer(0.05, replay.close)
    closing.start()
    with pytest.raises(TransportError, match="the replay of made is closed"):
        replay.pause(60)
    closing.join()
    assert chance.moment() != then
    with pytest.raises(TransportError, match="closed"):
        replay.request("GET", "/good")


def test_a_pause_takes_no_time_unless_the_tempo_is_wished(url: str) -> None:
    """It says how much was left out."""
    with recorded(url) as (recording, http):
        http.request("GET", "/good")
    found = cassette(recording)
    with_tempo, without = replayed(found, speed=100), replayed(found)
    assert without.pause(600) == 600
    begun = time.monotonic()
    assert with_tempo.pause(10) == pytest.approx(9.9)
    assert 0.1 <= time.monotonic() - begun < 5
    with pytest.raises(NotRecorded, match="POST /good"):
        without.request("POST", "/good", changes=True)
    with_tempo.close()
    without.close()


def test_an_answer_takes_as_long_as_it_took(url: str) -> None:
    """At the recorded tempo; or a tenth of it."""
    with recorded(url) as (recording, http):
        http.request("GET", "/good")
    found = cassette(recording)
    found.exchanges[0].ended = found.exchanges[0].begun + 3
    replay = replayed(found, speed=10)
    begun = time.monotonic()
    replay.request("GET", "/good")
    assert 0.3 <= time.monotonic() - begun < 3
    replay.close()
