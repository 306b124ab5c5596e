"""The report as HTML: complete, escaped, and it forbids itself every request."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from itertools import pairwise

from coder_nb.runbooks.report.page import html
from coder_nb.runbooks.report.story import tell
from tests.runbooks.report.conftest import EVIL, TITLE, Kept


def words(page: str) -> str:
    """What a reader sees, roughly: the text between the tags."""
    body = page.partition("<body>")[2]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def test_everything_is_told(full: Kept) -> None:
    """Title, outcome, who and where, parameters with secrets hidden, each step with time, reason and what it showed."""
    said = words(html(tell(full.folder)))
    for part in (
        *("Restart the app", "failed", "2 done, 1 skipped, 1 failed, 1 pending", "coder.example.com", "ada"),
        *("2026-03-12 09:30:00 UTC", "workspace dev", "token ****", "note empty"),
        *("1.2 s", "31 s", "nothing is queued", "CommandFailed: curl ended with 22", "log lines", TITLE),
        *("a|b <script>x</script>", "handed on: dict, 3 keys", "red line", "harmless words", "not all of it"),
        "The notebook as it ran",
    ):
        assert part in said, part


def test_nothing_of_others_acts(full: Kept) -> None:
    """Titles, frames and pages of others are text or harmless; the page's own policy forbids requests and scripts."""
    page = html(tell(full.folder))
    assert "default-src 'none'" in page
    assert not re.search(r"<(?:script|iframe|link|base)\b", page)
    assert not re.search(rf"(?:src|href|url\()[^>]{{0,3}}{EVIL}", page)
    assert [address for address in re.findall(r'(?:src|href)="([^"#]*)', page) if not address.startswith("data:")] == [
        ""
    ] * 4


def test_bars_are_beside_one_another(full: Kept) -> None:
    """Each begins where the one before ended, and together they take all of the track."""
    page = html(tell(full.folder))
    bars = [(float(left), float(width)) for left, width in re.findall(r"min\(([\d.]+)%.*?width:([\d.]+)%", page)]
    assert len(bars) == 3
    for (left, width), (following, _) in pairwise(bars):
        assert abs(left + width - following) < 0.05
    assert abs(sum(bars[-1]) - 100) < 0.05


def test_a_dry_run_says_so(kept: Callable[..., Kept]) -> None:
    """At the top, in words."""
    it = kept(dry_run=True)
    it.step("Drain", "skipped", why="a dry run")
    assert "nothing was changed" in words(html(tell(it.folder)))


def test_a_failure_outside_the_steps_is_told(kept: Callable[..., Kept]) -> None:
    """A run without steps has a report that says what went wrong."""
    said = words(html(tell(kept(error="NameError: name 'x' is not defined").folder)))
    assert "failed" in said
    assert "NameError: name 'x' is not defined" in said
