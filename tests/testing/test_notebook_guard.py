"""The nbval guard, in pytest runs of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from coder_nb.testing import notebook_guard

Write = Callable[..., Path]
USAGE_ERROR = "%no_such_magic"


def test_a_cell_that_fails_without_publishing_an_error_fails(pytester: pytest.Pytester, notebook: Write) -> None:
    """IPython's UsageError, which nbval alone lets pass, is a failed cell that names the error."""
    notebook(pytester.path, "x = 1", USAGE_ERROR)
    result = pytester.runpytest_subprocess("--nbval")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*UsageError: Line magic function `%no_such_magic` not found*"])


def test_lax_runs_are_guarded_too(pytester: pytest.Pytester, notebook: Write) -> None:
    """nbval-lax compares no outputs, but it must still see a failed execution."""
    notebook(pytester.path, USAGE_ERROR)
    pytester.runpytest_subprocess("--nbval-lax").assert_outcomes(failed=1)


def test_the_guard_can_be_turned_off(pytester: pytest.Pytester, notebook: Write) -> None:
    """With the documented opt-out nbval behaves as it does alone."""
    notebook(pytester.path, USAGE_ERROR)
    pytester.runpytest_subprocess("--nbval", "-o", "coder_nbval_guard=false").assert_outcomes(passed=1)
    pytester.runpytest_subprocess("--nbval", "-p", "no:coder_nb").assert_outcomes(passed=1)


def test_an_expected_failure_passes(pytester: pytest.Pytester, notebook: Write) -> None:
    """A cell tagged raises-exception may fail, by an exception or by a UsageError."""
    notebook(pytester.path, USAGE_ERROR, tags=("raises-exception",))
    pytester.runpytest_subprocess("--nbval-lax").assert_outcomes(passed=1)


def test_skipped_cells_stay_skipped(pytester: pytest.Pytester, notebook: Write) -> None:
    """A cell nbval does not run has no reply to judge."""
    notebook(pytester.path, USAGE_ERROR, tags=("nbval-skip",))
    pytester.runpytest_subprocess("--nbval").assert_outcomes(skipped=1)


def test_an_nbval_that_is_built_differently_is_not_trusted() -> None:
    """A cell of which no reply was seen fails with what to do, so the guard never goes quiet by itself."""
    with pytest.raises(RuntimeError, match="hint: pip install 'nbval"):
        notebook_guard.judge(object(), [])


def test_ordinary_tests_are_no_cells(request: pytest.FixtureRequest) -> None:
    """Only nbval's own items are watched."""
    assert not notebook_guard.is_cell(request.node)


def test_the_kernel_is_told_which_notebook_it_runs(pytester: pytest.Pytester, notebook: Write) -> None:
    """So a runbook lists the steps to come; the tests beside it are not told."""
    path = notebook(
        pytester.path,
        f"import os, pathlib\nassert os.environ['CODER_NB_RUNBOOK'] == {str(pytester.path / 'book.ipynb')!r}",
    )
    pytester.makepyfile("import os\ndef test_it(): assert 'CODER_NB_RUNBOOK' not in os.environ")
    assert path.name == "book.ipynb"
    pytester.runpytest_subprocess("--nbval-lax").assert_outcomes(passed=2)
