"""`coder-nb check` as it is typed, and as pre-commit runs it."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from coder_nb.cli import main
from coder_nb.credentials import Secret
from tests.checking.planted import SHAPED, notebook
from tests.checking.test_check import GITHUB, ROOT, write


def test_nothing_found_is_quiet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 0."""
    assert main(["check", str(write(tmp_path / "a.ipynb", notebook("1 + 1")))]) == 0
    assert capsys.readouterr() == ("", "")


def test_what_is_found_is_told_and_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1, also where all of it has been masked; then 0."""
    outputs = [{"output_type": "stream", "name": "stdout", "text": SHAPED["a Slack token"]}]
    path = write(tmp_path / "a.ipynb", notebook(outputs=outputs))
    assert main(["check", str(path)]) == 1
    said = capsys.readouterr()
    assert said.out == f"{path}: cell 1, output 1 (stdout), line 1: a Slack token (xoxb…)\n"
    assert "1 secret found\nhint: --fix masks" in said.err
    assert main(["check", "--fix", str(path)]) == 1
    assert capsys.readouterr().out.endswith("(xoxb…): masked\n")
    assert main(["check", str(path)]) == 0


def test_json_is_for_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A list of records."""
    path = write(tmp_path / "a.ipynb", notebook(f"'{GITHUB}'"))
    assert main(["check", "--json", str(path)]) == 1
    (record,) = json.loads(capsys.readouterr().out)
    assert record == {"path": str(path), "where": "cell 1", "line": 1, "kind": "a GitHub token",
                      "begins": f"{GITHUB[:4]}…", "fixable": False, "fixed": False}  # fmt: skip


def test_a_file_that_is_not_there_is_a_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, in two lines."""
    assert main(["check", str(tmp_path / "gone.ipynb")]) == 2
    assert "no such file" in capsys.readouterr().err


def test_the_hooks_run_what_there_is(tmp_path: Path) -> None:
    """Each entry of .pre-commit-hooks.yaml, as a process of its own."""
    entries = [line.partition(":")[2].strip() for line in (ROOT / ".pre-commit-hooks.yaml").read_text().splitlines()
               if line.strip().startswith("entry:")]  # fmt: skip
    assert len(entries) == 2
    path = write(tmp_path / "a.ipynb", notebook(f"'{GITHUB}'"))
    for entry in entries:
        words = shlex.split(entry)
        assert words[0] == "coder-nb"
        command = [sys.executable, "-c", "import sys; from coder_nb.cli import main; sys.exit(main())", *words[1:]]
        done = subprocess.run([*command, str(path)], capture_output=True, text=True, cwd=ROOT, check=False)
        assert (done.returncode, "a GitHub token" in done.stdout) == (1, True)


def test_the_console_script_shows_no_secret(capsys: pytest.CaptureFixture[str]) -> None:
    """Not even one that was typed where something else belongs."""
    token = f"tk{uuid4().hex}"
    Secret(token)
    assert main(["runbook", "show", token]) != 0
    said = capsys.readouterr().err
    assert "****" in said
    assert token not in said
