"""docs/trust.md: its Python does what it says in a kernel, its command lines are ones, and what it lists there is."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from coder_nb import cli
from coder_nb.credentials.shapes import SHAPES
from coder_nb.runbooks import audit, audit_inside
from tests.shell.test_kernel import Client, kernel, run

__all__ = ["kernel"]

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "trust.md").read_text(encoding="utf-8")
LINES = [
    line.partition(" #")[0] for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) for line in block.split("\n")
]


def test_the_python_does_what_it_says(kernel: Client) -> None:
    """In a real kernel; what it prints is the comment behind it."""
    (block,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    _, outputs, _ = run(kernel, block)
    printed = "".join(each["content"]["text"] for each in outputs if each["msg_type"] == "stream").strip()
    assert printed == block.strip().rpartition("in a notebook: ")[2]


@pytest.mark.parametrize("line", [line for line in LINES if line])
def test_every_command_line_is_one(line: str) -> None:
    """The parser takes it."""
    program, *words = shlex.split(line)
    assert program == "coder-nb"
    cli.parser().parse_args(words)


def test_what_it_lists_there_is() -> None:
    """The kinds of tokens, the variables, the hooks."""
    for shape in SHAPES:
        named = re.findall(r"[A-Z][A-Za-z]+", shape.kind.replace("CODER_", ""))
        assert not named or any(name.lower() in PAGE.lower() for name in named), shape.kind
    for name in (audit.FILE, audit.REQUIRED, audit_inside.APP):
        assert f"`{name}" in PAGE
    hooks = re.findall(r"- id: (\S+)", (ROOT / ".pre-commit-hooks.yaml").read_text())
    assert hooks and all(hook in PAGE for hook in hooks)
