"""`%%coder parameters` in a real shell: what the notebook gets, and every mistake told at once."""

from __future__ import annotations

import getpass
import io
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from coder_nb.credentials import Secret
from coder_nb.embedded.server import Embedded
from coder_nb.errors import InvalidCommand, RunbookError
from coder_nb.runbooks import journal
from coder_nb.runbooks.current import Current
from tests.shell.conftest import Run, Shell

DECLARED = """%%coder parameters
workspace: workspace        "the one to drain"
replicas:  int 1..5         "how many stay"
level:     choice info warn "at least"
wait:      duration ..1h    "how long at most"
"""


@pytest.fixture
def connected(deployment: Embedded, monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    """The shell is connected to the fleet."""
    monkeypatch.setenv("CODER_URL", deployment.url)
    monkeypatch.setenv("CODER_SESSION_TOKEN", deployment.token.reveal())
    run("%coder connect")


def test_values_are_converted_in_the_notebook(run: Run, shell: Shell) -> None:
    """From whatever papermill or a person has put there; and they are shown as they would be typed."""
    run("workspace = 'dev'; replicas = '3'; level = 'warn'; wait = '90s'")
    found = run(DECLARED)
    assert shell.user_ns["replicas"] == 3
    assert shell.user_ns["wait"] == timedelta(seconds=90)
    assert found.texts() == {"workspace": "dev", "replicas": "3", "level": "warn", "wait": "1m30s"}
    assert "a whole number from 1 to 5" in repr(found)
    assert "<b>replicas</b>" in found._repr_html_()


def test_all_mistakes_are_told_in_one_error_and_nothing_is_changed(run: Run, shell: Shell) -> None:
    """Name, value, what it must be, and the nearest."""
    run("workspace = 'de v'; replicas = '9'; level = 'wran'; wait = '90s'")
    with pytest.raises(RunbookError) as caught:
        run(DECLARED)
    assert caught.value.message.splitlines() == [
        "3 parameters are wrong:",
        "  workspace = 'de v': must be a workspace's name: dev or ada/dev",
        "  replicas = '9': must be a whole number from 1 to 5",
        "  level = 'wran': must be one of info, warn; nearest: warn",
    ]
    assert shell.user_ns["wait"] == "90s"


def test_one_that_is_not_set_is_named(run: Run) -> None:
    """With what it must be."""
    with pytest.raises(RunbookError, match=r"a parameter is wrong: n: needs a value: a whole number"):
        run("%%coder parameters\nn: int")
    assert run("%%coder parameters\nn: int optional").values == {"n": None}


def test_a_wrong_declaration_is_an_invalid_command(run: Run) -> None:
    """It is the book that is wrong, not a value."""
    with pytest.raises(InvalidCommand, match="there is no kind 'itn'"):
        run("%%coder parameters\nn: itn")


def test_alone_it_checks_and_shows_what_was_declared(run: Run) -> None:
    """And says so where nothing was."""
    assert repr(run("%coder parameters")) == "this runbook has no parameters"
    run("n = 1")
    run("%%coder parameters\nn: int 1..5")
    run("n = 9")
    with pytest.raises(RunbookError, match="n = 9"):
        run("%coder parameters")


def test_names_are_checked_where_there_is_a_connection(connected: None, run: Run) -> None:
    """All of them, with the nearest of the deployment."""
    run("a = 'wbe'; b = 'web'; c = 'api-broken.mian'; d = 'archive'")
    declared = "%%coder parameters\na: workspace\nb: workspace\nc: agent\nd: agent"
    with pytest.raises(RunbookError) as caught:
        run(declared)
    assert caught.value.message.startswith("2 parameters are wrong:\n  a = 'wbe': no workspace 'wbe'")
    assert "web" in caught.value.message.splitlines()[1]
    assert "  c = 'api-broken.mian':" in caught.value.message
    run("a = 'web'; c = 'api-broken'")
    assert run(declared).values["c"] == "api-broken"


def test_names_are_checked_before_the_first_step_where_the_connection_comes_later(
    deployment: Embedded, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A book connects after its parameters, since one of them says where."""
    run("a = 'wbe'")
    run("%%coder parameters\na: workspace")
    monkeypatch.setenv("CODER_URL", deployment.url)
    monkeypatch.setenv("CODER_SESSION_TOKEN", deployment.token.reveal())
    run("%coder connect")
    with pytest.raises(RunbookError, match="no workspace 'wbe'"):
        run("%%coder step 'Look'\n1")


def test_a_secret_comes_from_the_environment(
    run: Run, shell: Shell, current: Current, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is a Secret, and neither shown nor written down."""
    monkeypatch.setenv("THE_TOKEN", "planted-planted-42")
    found = run('%%coder parameters\ntoken: secret env=THE_TOKEN "to push with"')
    assert shell.user_ns["token"] == Secret("planted-planted-42")
    assert "planted" not in repr(found) + found._repr_html_()
    assert current.run.parameters == {"token": "****"}
    assert "planted" not in (Path(current.run.folder) / journal.FILE).read_text(encoding="utf-8")


def test_a_secret_is_asked_for_without_echo(run: Run, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once: a cell that runs again asks no more."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    asked: list[str] = []
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(getpass, "getpass", lambda prompt: asked.append(prompt) or "planted-planted-43")  # type: ignore[func-returns-value]
    for _ in range(2):
        run('%%coder parameters\ntoken: secret "to push with"')
    assert asked == ["token, to push with: "]
    assert shell.user_ns["token"] == Secret("planted-planted-43")


def test_a_secret_nobody_can_be_asked_for_says_what_to_set(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """At once, together with other mistakes."""
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    monkeypatch.delenv("THE_TOKEN", raising=False)
    with pytest.raises(RunbookError, match=r"(?s)2 parameters are wrong.*nobody can be asked for it; set \$THE_TOKEN"):
        run("%%coder parameters\ntoken: secret env=THE_TOKEN\nn: int")


def test_a_secret_in_clear_is_refused_and_taken_out(run: Run, shell: Shell) -> None:
    """It would be in the executed notebook; the error does not repeat it."""
    run("token = 'planted-planted-44'")
    with pytest.raises(RunbookError, match="stands in the notebook in clear") as caught:
        run("%%coder parameters\ntoken: secret env=THE_TOKEN")
    assert "planted" not in str(caught.value)
    assert "$THE_TOKEN" in str(caught.value)
    assert "token" not in shell.user_ns
    assert run("'planted-planted-44' in str(1)") is False


def test_other_values_begin_another_run_once_a_step_was_reached(run: Run, current: Current) -> None:
    """Until then they are those of the run that has begun."""
    run("n = 1")
    run("%%coder parameters\nn: int")
    first = current.run.folder
    run("n = 2\n%coder parameters")
    assert (current.run.folder, current.run.parameters) == (first, {"n": "2"})
    run("%%coder step 'Look'\n1")
    run("%coder parameters")
    assert current.run.folder == first
    run("n = 3\n%coder parameters")
    assert current.run.folder != first
    assert current.run.steps == []
