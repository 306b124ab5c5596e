"""The nearest of the known words to a mistyped one."""

from __future__ import annotations

from coder_nb.nearest import nearest


def test_the_nearest_come_first() -> None:
    """A typo, a beginning, other case, and nothing at all."""
    known = ["web", "webhook", "ml", "api-broken"]
    assert nearest("wbe", known) == ["web"]
    assert nearest("api", known) == ["api-broken"]
    assert nearest("WE", known)[0] == "web"
    assert nearest("zzz", known) == []
    assert nearest("", known) == []
