"""Shared by all tests: the recorded exchanges, where they are at hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

RECORDED = Path(__file__).resolve().parents[2] / "shared" / "recorded"
Case = dict[str, Any]


@pytest.fixture(scope="session")
def recorded() -> Callable[[str], list[Case]]:
    """Gives the recorded cases of one endpoint; skips where the recordings are not beside this checkout."""
    if not RECORDED.is_dir():
        pytest.skip(f"no recorded exchanges at {RECORDED.parent.name}/{RECORDED.name} beside this checkout")

    def cases(slug: str) -> list[Case]:
        found: list[Case] = json.loads((RECORDED / "rest" / f"{slug}.json").read_text(encoding="utf-8"))
        return found

    return cases
