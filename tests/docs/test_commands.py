"""docs/commands.md: what it tells people to type does what it says."""

from __future__ import annotations

import re
from pathlib import Path

import coder_nb as cn
from coder_nb.embedded import launch

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "commands.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)


def test_every_block_runs() -> None:
    """Its own assertions included."""
    assert len(BLOCKS) >= 5
    with launch.start(here=False) as demo, cn.connect(demo.url, token=demo.token) as coder:
        names = {"cn": cn, "coder": coder, "agent": coder.agent("web")}
        for block in BLOCKS:
            exec(block, names)
