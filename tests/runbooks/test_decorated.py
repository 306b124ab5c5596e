"""`@cn.step`: functions whose calls are steps."""

from __future__ import annotations

import pytest

from coder_nb.errors import InvalidCommand, RunbookError
from coder_nb.runbooks.current import Current
from coder_nb.runbooks.decorated import step
from tests.runbooks.conftest import states
from tests.shell.conftest import Run

DEFINED = "import coder_nb as cn\n@cn.step('Drain {queue}')\ndef drain(queue, n=1):\n    return [queue, n]"


def test_each_call_is_a_step(run: Run, current: Current) -> None:
    """Named by its arguments; the same cell again means the same steps."""
    run(DEFINED)
    cell = "[drain(queue) for queue in 'ab'] + [drain('a', n=2)]"
    for _ in range(2):
        current.shell.run_cell(cell, store_history=True, cell_id="the-cell").raise_error()
    assert states(current) == [("Drain a", "done"), ("Drain b", "done"), ("Drain a", "done")]


def test_title_and_confirmation_take_arguments_and_variables(
    run: Run, current: Current, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The function's own come first."""
    monkeypatch.setenv("CODER_NB_YES", "1")
    run("place = 'here'; queue = 'other'")
    run("import coder_nb as cn\n@cn.step('Drain {queue} {place}', confirm='{queue}')\ndef drain(queue):\n    pass")
    run("drain('mail')")
    assert states(current) == [("Drain mail here", "done")]
    with pytest.raises(InvalidCommand, match="cannot be filled in"):
        run("@cn.step('Drain {nothing}')\ndef other(): pass\nother()")


def test_it_is_skipped_where_a_function_of_its_arguments_says_so(run: Run, current: Current) -> None:
    """Or a plain truth value."""
    run("import coder_nb as cn\n@cn.step('Drain', skip_if=lambda n: n == 0)\ndef drain(n):\n    return n")
    assert run("drain(0)") is None
    assert run("drain(2)") == 2
    assert [state for _, state in states(current)] == ["skipped", "done"]


def test_its_failure_is_the_functions_own(run: Run, current: Current) -> None:
    """And stops the book."""
    run(
        "import coder_nb as cn\n@cn.step('Fail')\ndef fail():\n    raise KeyError('x')\n"
        "@cn.step('Next')\ndef next_(): pass"
    )
    with pytest.raises(KeyError):
        run("fail()")
    with pytest.raises(RunbookError, match="step 1, Fail, failed"):
        run("next_()")


def test_it_needs_a_title() -> None:
    """`@cn.step` alone is a mistake that shows at once."""
    with pytest.raises(InvalidCommand, match="needs a title"):
        step(lambda: 1)  # type: ignore[arg-type]
