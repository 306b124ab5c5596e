"""One stream shared by all who listen: who starts it, who stops it, and what the slow ones are told."""

from __future__ import annotations

import threading
import time
import tracemalloc
from collections.abc import Callable

import pytest

from coder_nb.streams.feed import Feed, Gap, Running
from coder_nb.streams.state import LIVE, State


class Pushed:
    """A source that gives what a test puts in."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.feed: Running[int] | None = None
        self.runs = 0

    def run(self, feed: Running[int]) -> None:
        """Waits until nobody listens."""
        self.feed = feed
        self.runs += 1
        feed.turn(LIVE)
        self.begun.set()
        feed.stopped.wait(10)

    def push(self, *rows: int) -> None:
        """These rows come."""
        assert self.begun.wait(5) and self.feed is not None
        self.feed.came(rows)


@pytest.fixture
def source() -> Pushed:
    """Where rows come from."""
    return Pushed()


def make(source: Pushed, rows: int = 100) -> Feed[int]:
    """A feed of it."""
    return Feed(lambda: source, title="numbers", rows=rows)


def threads() -> list[str]:
    """The names of the threads that follow."""
    return [thread.name for thread in threading.enumerate() if thread.name == "coder-nb:numbers"]


def test_all_listeners_share_one_stream_that_ends_with_the_last(source: Pushed) -> None:
    """The second one gets what came before it, too; after the last no thread is left."""
    feed = make(source)
    with feed.listen() as first:
        source.push(1, 2)
        with feed.listen() as second:
            source.push(3)
            assert first.take() == second.take() == [1, 2, 3]
        assert source.runs == 1 and threads() == ["coder-nb:numbers"]
    assert threads() == [] and feed.state.name == "idle"


def test_a_stream_nobody_heard_for_a_while_goes_on(source: Pushed) -> None:
    """Who comes back later begins with what is kept."""
    feed = make(source)
    with feed.listen():
        source.push(1)
    source.begun.clear()
    with feed.listen() as again:
        source.push(2)
        assert again.take() == [1, 2]
    assert source.runs == 2


def test_a_slow_listener_is_told_what_it_lost(source: Pushed) -> None:
    """And delays nobody: the fast one has everything."""
    feed = make(source, rows=3)
    with feed.listen() as slow, feed.listen() as fast:
        for number in range(10):
            source.push(number)
            assert fast.take() == [number]
        assert slow.take() == [Gap(7), 7, 8, 9]
        assert slow.take() == []


def test_of_snapshots_only_the_newest_is_given(source: Pushed) -> None:
    """What was overtaken is no loss."""
    with make(source, rows=1).listen() as listener:
        source.push(1)
        source.push(2)
        assert listener.take() == [2]


def test_a_wait_ends_with_a_row_with_a_state_and_with_close(source: Pushed) -> None:
    """And with its time, where nothing of that happens."""
    listener = make(source).listen()
    assert source.begun.wait(5)
    listener.take()
    assert not listener.wait(0.01)
    source.push(1)
    assert listener.wait(5)
    listener.take()
    assert source.feed is not None
    source.feed.turn(State("ended", "no more"))
    assert listener.wait(5)
    listener.take()
    waiting = threading.Thread(target=listener.wait)
    waiting.start()
    listener.close()
    waiting.join(5)
    assert not waiting.is_alive()


def test_listeners_are_woken(source: Pushed) -> None:
    """By rows and by states, from the stream's own thread."""
    woken = threading.Semaphore(0)
    with make(source).listen(woken.release):
        assert woken.acquire(timeout=5)
        source.push(1)
        assert woken.acquire(timeout=5)


def test_a_source_that_fails_ends_the_feed_and_says_why() -> None:
    """A feed whose thread has died does not look alive."""

    class Broken:
        def run(self, feed: Running[int]) -> None:
            raise RuntimeError("boom")

    with Feed(Broken, title="numbers").listen() as listener:
        listener.wait(5)
        until(lambda: listener.state.name == "ended")
        assert "boom" in listener.state.text


def test_a_waiting_state_counts_down() -> None:
    """Its words are true whenever they are read."""
    assert State("reconnecting", "it broke", time.time() + 4.2).text == "reconnecting in 4 s: it broke"
    assert State("reconnecting", "it broke", time.time() - 1).text == "reconnecting now: it broke"


def test_memory_is_flat_over_a_million_rows(source: Pushed) -> None:
    """What is kept is bounded, however much comes."""
    feed = make(source, rows=10_000)
    with feed.listen() as listener:
        source.push(*range(20_000))
        tracemalloc.start()
        try:
            before = tracemalloc.get_traced_memory()[0]
            for start in range(0, 1_000_000, 10_000):
                source.push(*range(start, start + 10_000))
                listener.take()
            grown = tracemalloc.get_traced_memory()[0] - before
        finally:
            tracemalloc.stop()
    assert grown < 2_000_000


def until(true: Callable[[], bool]) -> None:
    """Until that is so, for 5 s at most."""
    deadline = time.monotonic() + 5
    never = threading.Event()
    while not true():
        assert time.monotonic() < deadline
        never.wait(0.005)
