"""What each placeholder of a log line's pattern writes."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from random import Random

import pytest

from coder_nb.embedded.scenario.text import Moment, PatternError, compile_pattern, render


def moment(n: int = 1, of: int = 1, seconds: float = 0.0) -> Moment:
    """A place in a repetition."""
    return Moment(n=n, of=of, seconds=seconds, base=datetime(2026, 3, 12, 9, tzinfo=UTC), rng=Random(1))


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("100 % {{braces}}", "100 % {braces}"),
        ("{n}/{of} {pct}%", "7/20 35%"),
        ("[{n:3}]", "[  7]"),
        ("{block:5}.{within:5}", "2.2"),
        ("{bar:10}", "███░░░░░░░"),
        ("{turn:a|b|c}", "a"),
        ("{turn:x:1|y:2}", "x:1"),
        ("{clock} {stamp}", "09:01:01 2026-03-12T09:01:01.500Z"),
        ("{red}no{off}{cr}", "\x1b[31mno\x1b[0m\r"),
        ("{x:1b}|{repeat:ab:3}", "\x1b|ababab"),
    ],
)
def test_placeholders(pattern: str, text: str) -> None:
    """Counters, bars, clocks, colours and characters."""
    assert render(compile_pattern(pattern), moment(n=7, of=20, seconds=61.5)) == text


def test_random_parts_stay_within_their_bounds() -> None:
    """Integers include both ends; a decay begins and ends near its values."""
    pattern = compile_pattern("{int:1:3} {num:0.5:0.9:2} {hex:6} {pick:p|q}")
    texts = [render(pattern, at) for at in [moment()] * 200]
    assert all(re.fullmatch(r"[123] 0\.[5-9]\d [0-9a-f]{6} [pq]", text) for text in texts)
    assert {text[0] for text in texts} == {"1", "2", "3"}
    decay = compile_pattern("{decay:10:1:2}")
    assert float(render(decay, moment(1, 9))) == pytest.approx(10, rel=0.02)
    assert float(render(decay, moment(9, 9))) == pytest.approx(1.16, rel=0.02)


def test_junk_has_no_nul_and_no_newline() -> None:
    """Whatever it holds, a database could store it as one line."""
    junk = render(compile_pattern("{junk:900}"), moment())
    assert len(junk) == 900
    assert "\ufffd" in junk and not {"\0", "\n"} & set(junk)


@pytest.mark.parametrize("pattern", ["{nope}", "{int:1}", "{int:a:b}", "{bar}", "{", "a } b", "{x:0}", "{x:zz}"])
def test_a_bad_pattern_is_refused_when_it_is_read(pattern: str) -> None:
    """Not later, in the middle of a log."""
    with pytest.raises(PatternError):
        compile_pattern(pattern)
