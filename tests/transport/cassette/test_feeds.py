"""A recorded stream is told in order, after what had been sent, and then says nothing more."""

from __future__ import annotations

import threading
import time

import pytest

from coder_nb.transport.cassette.exchange import Exchange, Frame
from coder_nb.transport.cassette.feeds import FeedLine, events_frames, websocket_frames
from coder_nb.transport.cassette.reading import Cassette
from coder_nb.transport.cassette.tape import Tape
from coder_nb.transport.events import EventStream
from coder_nb.transport.limits import Limits
from coder_nb.transport.websocket import WebSocket
from tests.transport.cassette.made import stream

LIMITS = Limits(silence=60)


def socket(exchange: Exchange, *, speed: float = 0.0, others: tuple[Exchange, ...] = ()) -> tuple[Tape, WebSocket]:
    """A WebSocket to a recording of it."""
    tape = Tape(Cassette("made", {}, [*others, exchange]), speed=speed)
    found = tape.answer_to(exchange)
    return tape, WebSocket(FeedLine(tape, found, websocket_frames(found)), "GET /stream", LIMITS)


def test_messages_come_in_order_and_then_it_is_quiet() -> None:
    """No end is made up: who waits, waits."""
    _, feed = socket(stream([Frame(1, False, b"a", True), Frame(2, False, b"b"), Frame(2, False, b"")]))
    got = [feed.receive(5) for _ in range(3)]
    assert [(it.text, it.data) for it in got if it] == [(True, b"a"), (False, b"b"), (False, b"")]
    with pytest.raises(TimeoutError):
        feed.receive(0.05)
    assert feed.ended is None


def test_an_answer_waits_until_as_much_was_sent_as_had_been() -> None:
    """However it is cut."""
    _, feed = socket(stream([Frame(1, True, b"12345"), Frame(2, False, b"answer"), Frame(3, True, b"6")]))
    feed.send(b"12")
    with pytest.raises(TimeoutError):
        feed.receive(0.05)
    feed.send(b"345")
    assert (got := feed.receive(5)) is not None and got.data == b"answer"


@pytest.mark.parametrize(("end", "code", "ended"), [("eof", 0, 1006), ("closed", 1000, 1000), ("closed", 1011, 1011)])
def test_it_ends_as_it_ended(end: str, code: int, ended: int) -> None:
    """With the code and the reason there were."""
    made = stream([Frame(1, False, b"a")], end=end, code=code, reason="why" if code else "")
    _, feed = socket(made)
    assert feed.receive(5) is not None and feed.receive(5) is None
    assert feed.ended is not None and (feed.ended.code, feed.ended.here) == (ended, False)
    assert code == 0 or feed.ended.reason == "why"


def test_what_is_replayed_again_has_no_end() -> None:
    """Who connects again after each end would do so for ever."""
    tape, feed = socket(stream([Frame(1, False, b"a")], end="eof"))
    assert feed.receive(5) is not None and feed.receive(5) is None
    found = tape.answer_to(stream([]))
    again = WebSocket(FeedLine(tape, found, websocket_frames(found)), "GET /stream", LIMITS)
    assert again.receive(5) is not None
    with pytest.raises(TimeoutError):
        again.receive(0.05)


@pytest.mark.parametrize(("end", "ended"), [("eof", 1006), ("closed", 1000)])
def test_events_come_as_they_came(end: str, ended: int) -> None:
    """In chunks, as a server sends them."""
    made = Exchange("events", "GET", "/stream", status=200, end=end)  # type: ignore[arg-type]
    made.frames = [Frame(1, False, b"event: ping\n\n"), Frame(2, False, b"data: 1\ndata: 2\n\n")]
    tape = Tape(Cassette("made", {}, [made]))
    line = FeedLine(tape, tape.answer_to(made), events_frames(made))
    events = EventStream(line, {"Transfer-Encoding": "chunked"}, "GET /stream", LIMITS)
    assert [(it.name, it.data) for it in events] == [("ping", ""), ("message", "1\n2")]
    assert events.ended is not None and events.ended.code == ended


def test_what_comes_later_waits_for_what_was_asked_before_it() -> None:
    """Until that is asked; here by another thread."""
    between = Exchange("call", "GET", "/between", status=200, begun=1.5)
    tape, feed = socket(stream([Frame(1, False, b"a"), Frame(2, False, b"b")]), others=(between,))
    assert feed.receive(5) is not None
    with pytest.raises(TimeoutError):
        feed.receive(0.1)
    asking = threading.Timer(0.1, lambda: tape.answer_to(between))
    asking.start()
    assert (got := feed.receive(0.9)) is not None and got.data == b"b"
    asking.join()


def test_the_recorded_tempo_is_kept_where_that_is_wished() -> None:
    """At ten times the speed, for a test."""
    _, feed = socket(stream([Frame(0, False, b"a"), Frame(3, False, b"b")]), speed=10)
    feed.receive(5)
    begun = time.monotonic()
    feed.receive(5)
    assert 0.2 < time.monotonic() - begun < 2


def test_closing_ends_a_wait_in_another_thread() -> None:
    """At once."""
    _, feed = socket(stream([]))
    waiting = threading.Timer(0.05, feed.close)
    waiting.start()
    assert feed.receive(10) is None and feed.ended is not None and feed.ended.here
    waiting.join()
