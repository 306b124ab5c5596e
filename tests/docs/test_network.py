"""docs/network.md: what it shows works as it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from coder_nb.client import Coder, connect
from coder_nb.embedded import launch

PAGE = Path(__file__).parents[2] / "docs" / "network.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def coder() -> Iterator[Coder]:
    """A connection to the fleet."""
    with launch.start(here=False) as demo, connect(demo.url, token=demo.token) as coder:
        yield coder


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_a_block_runs(number: int, coder: Coder, capsys: pytest.CaptureFixture[str]) -> None:
    """And prints something."""
    exec(BLOCKS[number], {"coder": coder, "agent": coder.agent("web")})
    assert capsys.readouterr().out
