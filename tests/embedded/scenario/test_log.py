"""How one line of a log script becomes lines, times and batches."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from coder_nb.embedded.scenario.log import LogError, parse_log, parse_seconds, received, written

BASE = datetime(2026, 3, 12, tzinfo=UTC)
SOURCES = frozenset({"a", "b"})


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("12.5", 12.5), ("3m12", 192), ("1h5m", 3900), ("-2d3h", -183600), ("7s", 7), ("0", 0)],
)
def test_durations(text: str, seconds: float) -> None:
    """Days, hours, minutes and seconds, each optional."""
    assert parse_seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "-", "h", "1x", "5m3h", "1 h"])
def test_a_bad_duration_is_refused(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(LogError, match="is no duration"):
        parse_seconds(text)


def test_a_stretch_is_spread_evenly_and_merged_by_time() -> None:
    """Repeated lines and single ones interleave as their times say; comments and empty lines are no lines."""
    script = "# a comment\n\n0 a info x3/6 | {n} of {of}\n2.5 b warn | between\n9 a error |\n"
    lines = written(parse_log(script, SOURCES), BASE, "seed")
    assert [(line.seconds, line.output) for line in lines] == [
        (0.0, "1 of 3"),
        (2.0, "2 of 3"),
        (2.5, "between"),
        (4.0, "3 of 3"),
        (9.0, ""),
    ]


def test_the_seed_decides_the_random_parts() -> None:
    """The same seed gives the same text, another one another."""
    stretches = parse_log("0 a info x5/5 | {hex:16} {int:1:1000000}", SOURCES)
    first = written(stretches, BASE, "one")
    assert first == written(stretches, BASE, "one")
    assert first != written(stretches, BASE, "two")


def test_batches_hold_a_source_and_a_second() -> None:
    """Each batch has one source and one time, after the last of its lines."""
    lines = written(parse_log("0.1 a info x4/0.8 | x\n0.2 b error | y\n3 a info | z", SOURCES), BASE, "seed")
    batches = [(source, len(batch)) for _, source, batch in received(lines, BASE)]
    assert batches == [("a", 4), ("b", 1), ("a", 1)]
    times = [at for at, _, _ in received(lines, BASE)]
    assert times == sorted(set(times))
    assert times[0] > BASE + timedelta(seconds=0.8)


@pytest.mark.parametrize(
    "entry", ["0 a info", "0 a | x", "0 a info x3 | x", "zero a info | x", "0 a info |x", "-5 a info | x"]
)
def test_a_line_that_cannot_be_read_is_refused(entry: str) -> None:
    """The message has the number of the line."""
    with pytest.raises(LogError, match=r"^log line 2: "):
        parse_log(f"0 a info | fine\n{entry}", SOURCES)
