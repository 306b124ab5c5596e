"""What the papers say: the README's two commands, the one CI runs, and links that lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAPERS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_two_commands_set_everything_up() -> None:
    """One shell line runs the demo and one the tests; there is no third."""
    commands = re.findall(r"^```sh\n(.*?)```", README, flags=re.DOTALL | re.MULTILINE)
    assert [command.count("\n") for command in commands] == [1, 1]
    assert commands[0].endswith(".venv/bin/coder-nb demo\n")
    assert ".venv/bin/pytest" in commands[1]


def test_ci_runs_the_readmes_test_command() -> None:
    """The pattern by which .ci/run finds the command in the README finds exactly that one."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    pattern = re.search(r"grep -m1 '(.*)' README\.md", script)
    assert pattern is not None
    found = re.findall(f"{pattern[1]}.*$", README, flags=re.MULTILINE)
    assert len(found) == 1
    assert found[0] in re.findall(r"^```sh\n(.*)\n```", README, flags=re.MULTILINE)


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: str(paper.relative_to(ROOT)))
def test_links_lead_somewhere(paper: Path) -> None:
    """Every link to a file of the repository names one that is there, pictures included."""
    text = paper.read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text) + re.findall(r"src(?:set)?=\"([^\"]+)\"", text)
    local = [target for target in targets if "://" not in target]
    assert [target for target in local if not (paper.parent / target).exists()] == []
