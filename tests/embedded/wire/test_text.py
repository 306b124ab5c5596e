"""How times and bodies are spelled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from coder_nb.embedded.wire.text import encode, go_time, time, without_unset

NOON = datetime(2026, 3, 12, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (NOON, "2026-03-12T12:00:00Z"),
        (NOON.replace(microsecond=500_000), "2026-03-12T12:00:00.5Z"),
        (NOON.replace(microsecond=123_450), "2026-03-12T12:00:00.12345Z"),
        (NOON.replace(microsecond=1), "2026-03-12T12:00:00.000001Z"),
        (datetime(2026, 3, 12, 14, 0, tzinfo=timezone(timedelta(hours=2))), "2026-03-12T12:00:00Z"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00Z"),
    ],
)
def test_trailing_zeros_of_a_time_are_left_out(moment: datetime, text: str) -> None:
    """RFC 3339 in UTC, with as many digits as it takes."""
    assert time(moment) == text


def test_a_time_in_an_error_text_is_spelled_the_other_way() -> None:
    """With blanks and the zone's name."""
    assert go_time(NOON.replace(microsecond=330_000)) == "2026-03-12 12:00:00.33 +0000 UTC"


def test_a_body_ends_with_a_newline_and_escapes_what_html_would_read() -> None:
    """`<`, `>`, `&` and the two line separators are escaped; other characters are UTF-8; NUL cannot break it."""
    assert encode({"a": "<b>&é\u2028\0"}) == '{"a":"\\u003cb\\u003e\\u0026é\\u2028\\u0000"}\n'.encode()
    assert encode(None) == b"null\n"


def test_half_a_surrogate_pair_does_not_break_a_body() -> None:
    """What cannot be UTF-8 becomes a question mark."""
    assert encode("\ud800") == b'"?"\n'


def test_unset_keys_are_left_out_but_false_and_zero_stay() -> None:
    """None and "" are absent on the wire."""
    assert without_unset({"a": "", "b": None, "c": False, "d": 0, "e": []}) == {"c": False, "d": 0, "e": []}
