"""docs/record-and-replay.md: what it shows works as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import coder_nb as cn
from coder_nb.embedded import launch

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "record-and-replay.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)


def test_every_block_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own assertions included; the replay when the deployment is gone."""
    monkeypatch.chdir(tmp_path)
    recorded, replayed = BLOCKS
    names: dict[str, object] = {"cn": cn}
    with launch.start(here=False) as demo, cn.connect(demo.url, token=demo.token) as coder:
        exec(recorded, names | {"coder": coder}, names)
    exec(replayed, names)
