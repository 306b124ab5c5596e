"""Texts become lines a deployment takes, and an agent's quota is kept with room for the end."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coder_nb.errors import InvalidCommand
from coder_nb.within.lines import RESERVE, Ledger, Line, check_level, source_id, split


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("\n\r\0\ud800")), max_size=3000))
def test_every_text_gives_lines_that_can_be_stored(text: str) -> None:
    """At least one line, none longer than 1,024 characters, without line feed or NUL, and UTF-8."""
    lines = list(split(text))
    assert lines
    for line in lines:
        assert len(line) <= 1024
        assert not set("\n\0") & set(line)
        line.encode()
    storable = text.replace("\0", "").encode("utf-8", "replace").decode()
    assert [char for line in lines for char in line if char != "\r"] == [c for c in storable if c not in "\r\n"]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("one", ["one"]),
        ("one\n", ["one"]),
        ("one\n\ntwo", ["one", "", "two"]),
        ("one\r\ntwo\r\n", ["one", "two"]),
        ("10%\r20%", ["10%\r20%"]),
        ("", [""]),
        ("\n", [""]),
        ("a\0b", ["ab"]),
        ("\ud800", ["?"]),
        ("é" * 1025, ["é" * 1024, "é"]),
        ("x" * 2048, ["x" * 1024] * 2),
    ],
)
def test_how_a_text_is_cut(text: str, lines: list[str]) -> None:
    """Line ends end lines, a long line goes on in the next, a progress bar stays one line."""
    assert list(split(text)) == lines


def test_a_name_is_one_source_everywhere() -> None:
    """The id depends on nothing but the name, and is a uuid."""
    assert source_id("nightly") == source_id("nightly") != source_id("Nightly")
    assert uuid.UUID(source_id("nightly")).version == 5


def test_a_level_that_is_none_is_refused() -> None:
    """With the ones there are."""
    assert check_level("warn") == "warn"
    with pytest.raises(InvalidCommand, match="trace, debug, info, warn, error"):
        check_level("WARN")


def lines(count: int, size: int = 100) -> list[Line]:
    return [Line("info", f"{number:05}".ljust(size, ".")) for number in range(count)]


def test_all_is_sent_while_there_is_room() -> None:
    """And there is nothing to say at the end."""
    ledger = Ledger()
    assert ledger.take(lines(10)) == lines(10)
    assert (ledger.full, ledger.dropped, ledger.ending()) == (False, 0, [])


def test_the_reserve_is_left_for_the_last_lines() -> None:
    """What does not fit is kept back, the last of it is said at the end, and what is missing is counted."""
    ledger = Ledger(quota=10_000)
    sent = ledger.take(lines(1000))
    assert len(sent) == (10_000 - RESERVE) // 100
    notice, *last = ledger.ending()
    assert last == lines(1000)[-len(last) :]
    assert len(sent) + ledger.dropped + len(last) == 1000
    assert f"{ledger.dropped:,} lines are missing" in notice.text
    assert sum(line.size for line in [notice, *last]) <= RESERVE


def test_nothing_overtakes_what_was_kept_back() -> None:
    """A short line after a long one that did not fit is kept back too."""
    ledger = Ledger(quota=RESERVE + 50)
    assert ledger.take([Line("info", "x" * 60), Line("info", "y")]) == []
    assert [line.text[0] for line in ledger.ending()[1:]] == ["x", "y"]


def test_a_refusal_of_the_server_counts_like_a_full_log() -> None:
    """Others have written too: what was refused is kept back with all that follows."""
    ledger = Ledger()
    ledger.refuse(ledger.take(lines(3)))
    assert ledger.take(lines(1)) == []
    assert [line.text[:5] for line in ledger.ending()[1:]] == ["00000", "00001", "00002", "00000"]


def test_the_end_is_shortened_until_nothing_is_left_of_it() -> None:
    """Where there is room for less still; each line that goes is counted."""
    ledger = Ledger()
    ledger.refuse(lines(5))
    steps = []
    while ledger.shorten():
        steps.append(len(ledger.ending()) - 1)
    assert steps == [2, 1, 0]
    assert ledger.dropped == 5
    assert "5 lines are missing" in ledger.ending()[0].text


def test_empty_lines_have_an_end_too() -> None:
    """A quota counted in bytes would never be used up by them, but memory would."""
    ledger = Ledger(quota=RESERVE + 10)
    assert len(ledger.take([Line("info", "")] * 100)) == 10
