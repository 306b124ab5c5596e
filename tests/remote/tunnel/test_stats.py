"""What is told of a tunnel: numbers, and the reason of the last failure, in text and HTML."""

from __future__ import annotations

from coder_nb.remote.tunnel.stats import Counter


def test_what_was_counted_is_told() -> None:
    """In one line."""
    counter = Counter()
    counter.began("perl")
    counter.connections = 3
    counter.moved(12, 1_500_000)
    stats = counter.stats(2, "open")
    assert str(stats) == "open, perl relay, 3 connections (2 open), 12 B in, 1.5 MB out"


def test_failures_are_told_with_the_last_reason() -> None:
    """A refused connection, one that was lost, and a session."""
    counter = Counter()
    counter.began("python3")
    counter.lost("Connection refused", True)
    counter.lost("reset", False)
    counter.dropped("the line <broke>")
    stats = counter.stats(0, "lost")
    assert (stats.refused, stats.failed, stats.drops, stats.sessions) == (1, 1, 1, 1)
    assert str(stats).endswith("1 of 1 sessions lost; last failure: the line <broke>")
    assert dict(stats.rows())["last failure"] == "the line &lt;broke&gt;"


def test_what_was_told_does_not_change() -> None:
    """It is how it was then."""
    counter = Counter()
    before = counter.stats(0, "open")
    counter.moved(1, 1)
    assert (before.bytes_in, counter.stats(0, "open").bytes_in) == (0, 1)
