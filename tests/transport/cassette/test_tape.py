"""Which recorded answer is given when: the next, then the last, and none that is too old."""

from __future__ import annotations

from datetime import timedelta

import pytest

from coder_nb.errors import NotRecorded
from coder_nb.transport.cassette.exchange import Exchange, Frame
from coder_nb.transport.cassette.reading import Cassette
from coder_nb.transport.cassette.tape import Tape
from tests.transport.cassette.made import aside


def call(path: str, begun: float, *, aside: bool = False, **query: object) -> Exchange:
    """A call and its answer."""
    return Exchange("call", "GET", path, dict(query), begun=begun, ended=begun, status=200, aside=aside)


def tape(*exchanges: Exchange) -> Tape:
    """The beginning of a replay."""
    return Tape(Cassette("made", {}, list(exchanges)))


def test_each_answer_is_given_once_and_the_last_for_ever() -> None:
    """In the order in which they came."""
    replay = tape(call("/a", 1), call("/a", 2), call("/b", 3), call("/a", 4))
    assert [replay.answer_to(call("/a", 0)).begun for _ in range(5)] == [1, 2, 4, 4, 4]


def test_an_answer_from_before_what_was_asked_last_is_passed_over() -> None:
    """Names and agents are kept for a while, so a quick replay asks less often than a slow recording did."""
    replay = tape(call("/agent", 1), call("/agent", 12), call("/run", 12.5), call("/agent", 13))
    assert replay.answer_to(call("/agent", 0)).begun == 1
    replay.answer_to(call("/run", 0))
    assert replay.answer_to(call("/agent", 0)).begun == 13


def test_threads_do_not_take_each_others_answers() -> None:
    """What one has gone past is not too old for another."""
    replay = tape(*(call(f"/{name}", at, aside=True) for at, name in enumerate("abab")))
    found = []
    for name in "bbaa":
        aside(lambda name=name: found.append(replay.answer_to(call(f"/{name}", 0)).begun))  # type: ignore[misc]
    assert found == [1, 3, 0, 2]


def test_the_query_and_the_body_are_part_of_the_question() -> None:
    """Whatever the order of parameters."""
    replay = tape(call("/a", 1, q="x", limit=2), call("/a", 2, q="y", limit=2))
    assert replay.answer_to(call("/a", 0, limit=2, q="y")).begun == 2
    with pytest.raises(
        NotRecorded, match=r"the recording made has no answer to GET /a\?q=z&limit=2; nearest: GET /a\?q"
    ):
        replay.answer_to(call("/a", 0, q="z", limit=2))


def test_what_comes_by_itself_waits_for_what_had_been_asked_before() -> None:
    """Of what was not asked again nobody waits for ever."""
    replay = tape(call("/a", 1), call("/b", 2), call("/late", 9), call("/other", 0, aside=True))
    assert 0 < replay.patience(3) <= 1
    replay.answer_to(call("/a", 0))
    assert replay.patience(2) == 0 < replay.patience(3)
    replay.answer_to(call("/b", 0))
    assert replay.patience(3) == 0


def test_the_clock_stands_where_the_replay_is() -> None:
    """When what was replayed last had been recorded."""
    replay = tape(call("/a", 7))
    assert replay.moment() == replay.cassette.begun
    replay.answer_to(call("/a", 0))
    assert replay.moment() == replay.cassette.begun + timedelta(seconds=7)


def test_what_was_settled_comes_in_order_and_the_last_stays() -> None:
    """And nothing is known of anything else."""
    replay = Tape(Cassette("made", {}, settled={"job at x": ["a", "b"]}))
    assert [replay.recall("job at x") for _ in range(3)] == ["a", "b", "b"]
    assert replay.recall("job at y") is None
    replay.note("job at y", "c")
    assert replay.recall("job at y") is None


def test_a_terminal_is_named_by_the_clients_own_names() -> None:
    """Other streams are not."""
    assert Exchange("websocket", "GET", "/pty", {"reconnect": "⟨session 1⟩"}, frames=[Frame(0, True, b"")]).named
    assert not Exchange("websocket", "GET", "/logs", {"after": 7}).named
