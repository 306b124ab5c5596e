"""Templates are runbooks that run, before anybody has changed a word of them."""

from __future__ import annotations

import pytest

from coder_nb.runbooks.opening import TEMPLATES
from tests.runbooks.running.conftest import Desk


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_runs_as_it_is(desk: Desk, template: str) -> None:
    """Against the demo, which it starts by itself: every step is done."""
    desk.environment["XDG_RUNTIME_DIR"] = str(desk.folder)
    assert desk.script("new", "fresh", "--template", template).returncode == 0
    ran = desk.run("fresh", "--yes")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert {step.status for step in desk.kept().steps} == {"done"}
