"""Writing a report to a file: which kind, and what is refused before anything is run."""

from __future__ import annotations

from pathlib import Path

import pytest

from coder_nb.credentials import Secret
from coder_nb.errors import RunbookError
from coder_nb.runbooks import report
from tests.runbooks.report.conftest import Kept


@pytest.mark.parametrize(
    ("name", "begins"), [("a.html", "<!DOCTYPE html>"), ("a.HTM", "<!DOCTYPE html>"), ("a.md", "# Restart")]
)
def test_the_ending_says_which(full: Kept, tmp_path: Path, name: str, begins: str) -> None:
    """HTML or Markdown."""
    report.write(full.folder, tmp_path / name)
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(begins)


def test_a_secret_that_slipped_in_is_masked(full: Kept, tmp_path: Path) -> None:
    """Whatever this process knows as secret is not in the file, even where the journal has it."""
    secret = Secret("k7TqPz-planted-value-93hX")
    full.step("Show", error=f"login with {secret.reveal()} failed", status="failed")
    for name in ("a.html", "a.md"):
        report.write(full.folder, tmp_path / name)
        written = (tmp_path / name).read_text(encoding="utf-8")
        assert secret.reveal() not in written
        assert "login with" in written


@pytest.mark.parametrize("name", ["a.pdf", "a", "missing/a.html"])
def test_what_cannot_be_written_is_refused(full: Kept, tmp_path: Path, name: str) -> None:
    """Another ending, or a folder that is not there."""
    with pytest.raises(RunbookError, match="report"):
        report.write(full.folder, tmp_path / name)
