"""docs/inside.md: what it tells people to type works in a workspace `here`."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from coder_nb import connect, inside
from coder_nb.embedded import launch

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "inside.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)

# Programs a reader has: each keeps what it was given in a file of its name. ssh-add takes the key from its input.
PROGRAM = """#!/bin/sh
{ echo "$0 $*"; env; [ "${0##*/}" != ssh-add ] || cat; } > "$0.saw"
"""


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with gh, git and ssh-add, first on the PATH."""
    for name in ("gh", "git", "ssh-add"):
        (tmp_path / name).write_text(PROGRAM, encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    return tmp_path


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[launch.Demo]:
    """A deployment with workspace `here` alone, and this process in it: its variables, an empty home, a login."""
    with launch.start(scenario=None) as demo:
        assert demo.agent_token
        monkeypatch.setenv("CODER_AGENT_URL", demo.url)
        monkeypatch.setenv("CODER_AGENT_TOKEN", demo.agent_token.reveal())
        monkeypatch.setenv("HOME", str(tmp_path / "home"))
        (tmp_path / "home" / ".ssh").mkdir(parents=True)
        with inside() as me:
            urlopen(Request(me.external_auth(match="github.com").url, method="POST")).close()
        yield demo


def test_every_block_runs(programs: Path, demo: launch.Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the first to the last, in one process; and each leaves its trace."""
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    with inside() as me:
        names: dict[str, Any] = {"me": me}
        for block in BLOCKS:
            exec(block, names)
            # The first block's own is closed with it, the last one's is in the demo.
            opened, names["me"] = names["me"], me
            if opened is not me:
                opened.close()
        names["watch"].close()
    with connect(demo.url, token=demo.token) as coder:
        agent = coder.agent("here")
        said = [("External", "the data is loaded"), ("nightly", "started")]
        lines = agent.logs()
        assert [one for one in zip(lines.source, lines.text, strict=True) if one in said] == said
        [app] = agent.refresh().apps
        assert [(status.state, status.message) for status in app.statuses] == [("working", "training, epoch 3")]
    assert "GH_TOKEN=demo-" in (programs / "gh.saw").read_text()
    assert "GIT_ASKPASS=" in (programs / "git.saw").read_text()
    key = (programs / "home" / ".ssh" / "coder").read_text()
    assert key.startswith("-----BEGIN OPENSSH PRIVATE KEY-----")
    assert key in (programs / "ssh-add.saw").read_text()
