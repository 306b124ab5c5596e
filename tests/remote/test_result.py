"""What became of a command, as programs and as people see it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from coder_nb.credentials import Secret
from coder_nb.errors import CommandFailed
from coder_nb.remote.failed import failed
from coder_nb.remote.result import RunResult
from coder_nb.remote.shown import Masks

NOW = datetime(2026, 3, 12, tzinfo=UTC)


def result(code: int | None = 0, out: bytes = b"", **more: Any) -> RunResult[str]:
    """A result."""
    return RunResult(code=code, seconds=1.5, started_at=NOW, where="dev.main", raw_stdout=out, **more)


def test_output_is_text_or_bytes() -> None:
    """What is no UTF-8 is replaced in text, and as it was in bytes."""
    text = result(out=b"a\xff\r\n", raw_stderr=b"e")
    assert (text.stdout, text.stderr, text.output) == ("a\ufffd\r\n", "e", "a\ufffd\r\ne")
    raw: RunResult[bytes] = RunResult(code=0, seconds=0, started_at=NOW, raw_stdout=b"\xff", as_text=False)
    assert (raw.stdout, raw.stderr, raw.output) == (b"\xff", b"", b"\xff")


@pytest.mark.parametrize(
    ("it", "ok", "line"),
    [
        (result(), True, "dev.main: exit code 0"),
        (result(2, truncated=5), False, "dev.main: exit code 2, not all of its output was kept"),
        (result(None), False, "dev.main: no exit code"),
        (result(0, timed_out=True), False, "dev.main: timed out, exit code 0"),
        (result(130, interrupted=True), False, "dev.main: interrupted, exit code 130"),
        (result(0, interrupted=True), True, "dev.main: exit code 0"),
    ],
)
def test_a_line_says_how_it_ended(it: RunResult[str], ok: bool, line: str) -> None:
    """The same in each run that goes the same way: no times, no ids."""
    assert (it.ok, it.summary) == (ok, line)


def test_what_was_streamed_is_not_shown_again() -> None:
    """Only how it ended."""
    it = result(1, b"seen already\n", streamed=True)
    assert repr(it) == "dev.main: exit code 1"
    assert "seen already" not in it._repr_html_() and "exit code 1" in it._repr_html_()


def test_text_is_harmless() -> None:
    """Neither escape sequences nor carriage returns act on who reads it."""
    it = result(0, b"\x1b[31mred\x1b[0m \x1b]0;title\x07x\n10%\r99%\rdone\r\n\x07\n\n")
    assert repr(it) == "red x\ndone\n␇\n[dev.main: exit code 0]"
    assert repr(result()) == "[dev.main: exit code 0]"


def test_html_is_escaped_coloured_and_folds() -> None:
    """Open where it is short or something failed, closed where it is long."""
    short = result(0, b"<script>alert(1)</script> \x1b[1;31mred\x1b[0m\n")._repr_html_()
    assert "<script>" not in short and "&lt;script&gt;" in short
    assert "font-weight:bold" in short and "color:#d93636" in short
    assert short.startswith("<details open>") and "1 line<" in short
    long = b"line\n" * 100
    assert result(0, long)._repr_html_().startswith("<details>")
    assert result(1, long)._repr_html_().startswith("<details open>")
    assert "no output" in result()._repr_html_()


def test_only_the_end_of_long_output_is_shown() -> None:
    """In lines and in characters, and how much there was is said."""
    many = result(0, b"".join(b"line %d\n" % number for number in range(3000)))
    assert "line 1999\n" not in repr(many) and "line 2000\n" in repr(many) and "line 2999" in repr(many)
    assert "2,000 lines before these" in repr(many)
    assert "3,000 lines, the last 1,000" in many._repr_html_()
    assert len(repr(result(0, b"x" * 10_000_000))) < 200_000


def test_secrets_are_masked_in_what_is_shown() -> None:
    """And in the error's message; programs get the output as it was."""
    masks = Masks((Secret("geheim"),))
    it = result(1, b"token geheim\nCODER_AGENT_TOKEN=0badc0de-1 x\n", masks=masks)
    for shown in (repr(it), it._repr_html_()):
        assert "geheim" not in shown and "0badc0de" not in shown and "****" in shown
    assert "geheim" not in str(failed(result(1, b"say geheim", masks=masks)))
    assert "geheim" in it.output


def test_an_error_says_what_was_said_last_and_what_to_do() -> None:
    """It has the result, its code and its output."""
    it = result(3, b"first\n\x1b[31mcannot open x\x1b[0m\n\n")
    error = failed(it, hint="try --ok")
    assert isinstance(error, CommandFailed)
    assert (error.message, error.hint) == ("dev.main: exit code 3: cannot open x", "try --ok")
    assert (error.result, error.code, error.output) == (it, 3, it.output)
    assert failed(result(3, b"seen", streamed=True)).message == "dev.main: exit code 3"
    assert "not found" in failed(result(127)).hint
    assert "memory" in failed(result(137)).hint
    assert "more time" in failed(result(130, timed_out=True)).hint
