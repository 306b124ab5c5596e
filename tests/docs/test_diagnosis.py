"""docs/diagnosis.md: what it shows works as it stands, and its table of rules is the one there is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from coder_nb.client import Coder, connect
from coder_nb.diagnosis import RULES
from coder_nb.embedded import launch

PAGE = Path(__file__).parents[2] / "docs" / "diagnosis.md"
TEXT = PAGE.read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```", TEXT, flags=re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def coder() -> Iterator[Coder]:
    """A connection to the fleet."""
    with launch.start(here=False) as demo, connect(demo.url, token=demo.token) as coder:
        yield coder


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_a_block_runs(number: int, coder: Coder, capsys: pytest.CaptureFixture[str]) -> None:
    """And prints something."""
    exec(BLOCKS[number], {"coder": coder})
    assert capsys.readouterr().out


def test_the_table_of_rules_is_the_one_there_is() -> None:
    """In its order, with levels and workspaces that show them."""
    rows = [f"| `{rule.name}` | {rule.level} | {rule.about} | `%coder why {rule.shown}` |" for rule in RULES]
    assert "\n".join(rows) in TEXT
