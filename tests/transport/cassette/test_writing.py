"""A cassette's text does not depend on chance, and says what changes apart from what was said."""

from __future__ import annotations

from functools import partial
from itertools import permutations

from coder_nb.transport.cassette.layout import objects
from coder_nb.transport.cassette.recorder import Recording
from coder_nb.transport.cassette.writing import text_of
from coder_nb.transport.exchange import Call
from tests.transport.cassette.made import aside, cassette, opened, took


def said(text: str) -> str:
    """The part of a cassette that does not tell of times."""
    return text.partition('{"begun"')[0]


def test_what_several_threads_asked_stands_in_one_order() -> None:
    """By what it was, between what the recording's own thread asked before and after."""
    texts = set()
    for order in permutations(["/b", "/a", "/c"]):
        recording = Recording()
        took(recording, "/first")
        for path in order:
            aside(partial(took, recording, path))
        took(recording, "/last")
        recording.stop()
        texts.add(said(text_of(recording, {})))
    assert len(texts) == 1
    asked = [line["call"] for _, line in objects(texts.pop()) if "call" in line]
    assert asked == ["GET /first", "GET /a", "GET /b", "GET /c", "GET /last"]


def test_the_same_answer_again_is_not_written_again() -> None:
    """And is read as it was; another in between is another."""
    recording = Recording()
    for body in ('{"n":1}', '{"n":1}', '{"n":2}', '{"n":1}'):
        took(recording, "/users/me", body)
    recording.stop()
    lines = [line for _, line in objects(said(text_of(recording, {})))][1:]
    assert ["again" in line for line in lines] == [False, True, False, False]
    found = cassette(recording).exchanges
    assert [it.answer for it in found] == [b'{"n":1}', b'{"n":1}', b'{"n":2}', b'{"n":1}']


def test_what_was_under_way_at_the_end_is_left_out() -> None:
    """An answer that was not waited for is none; a stream that was open has what had come."""
    recording = Recording()
    stream = opened(recording, "/stream")
    recording.heard(stream, False, b'{"n":1}', True)
    recording.begin("call", Call("GET", "/slow"))
    found = cassette(recording).exchanges
    assert [(it.path, it.end, [frame.data for frame in it.frames]) for it in found] == [("/stream", "", [b'{"n":1}'])]


def test_nothing_is_taken_down_beyond_what_fits() -> None:
    """It says so once, and the cassette says so too."""
    told: list[str] = []
    recording = Recording(notify=told.append)
    took(recording, "/large", '"' + "x" * (64 << 20) + '"')
    took(recording, "/later")
    assert recording.full and told == ["the recording has 64 MiB: what comes from here on is not in it"]
    found = cassette(recording)
    assert found.full and found.exchanges == []


def test_a_secret_that_is_named_late_is_hidden_early_too() -> None:
    """What was taken down before it was known has it as well."""
    recording = Recording()
    took(recording, "/first", '{"text":"it is late-named-77-secret"}')
    took(recording, "/second", '{"access_token":"late-named-77-secret"}')
    recording.stop()
    text = text_of(recording, {})
    assert "late-named" not in text and '"it is ****"' in text


def test_times_and_dates_come_back() -> None:
    """To the millisecond, and the server's clock to the second."""
    recording = Recording()
    exchange = took(recording, "/users/me")
    found = cassette(recording)
    (read,) = found.exchanges
    assert (read.begun, read.ended) == (round(exchange.begun, 3), round(exchange.ended, 3))
    assert read.headers["Date"] == "Tue, 24 Nov 2026 12:00:00 GMT"
    assert abs((found.begun - recording.begun).total_seconds()) < 0.001
