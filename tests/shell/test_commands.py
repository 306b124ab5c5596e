"""The commands against a deployment: the values they give, the default target, --json, and what is refused how."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from IPython.core.completer import provisionalcompleter

from coder_nb import errors
from coder_nb.client import Agent, Coder, Whoami
from coder_nb.embedded.launch import Demo
from coder_nb.frames.schema import SCHEMAS
from coder_nb.magics.extension import CoderMagics

Run = Callable[[str], Any]
Shell = Any  # Most of IPython's shell has no types.

pytestmark = pytest.mark.usefixtures("environment")


def columns(frame: pd.DataFrame) -> tuple[str, list[str]]:
    return str(frame.attrs["frame"]), list(frame.columns)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("ls", "workspaces"),
        ("ls nothing-is-called-this", "workspaces"),
        ("logs web", "logs"),
        ("logs web --provisioner", "provisioner_logs"),
        ("logs archive", "logs"),
        ("ports web", "ports"),
        ("containers web", "containers"),
        ("containers web --ports", "container_ports"),
    ],
)
def test_a_command_gives_its_frame(line: str, kind: str, run: Run) -> None:
    """The columns are the declared ones; nobody had to connect first."""
    assert columns(run(f"%coder {line}")) == (kind, list(SCHEMAS[kind]))


def test_connect_says_where_as_whom_and_by_what(run: Run, demo: Demo, magics: CoderMagics) -> None:
    """The value is the connection, and it is the one later lines use."""
    coder = run("%coder connect")
    assert isinstance(coder, Coder)
    assert magics.session.coder is coder
    for part in ("ada", "CODER_URL and CODER_SESSION_TOKEN", coder.deployment):
        assert part in repr(coder)
        assert part in coder._repr_html_()
    assert demo.token.reveal() not in repr(coder) + coder._repr_html_()


def test_whoami_asks_the_deployment(run: Run) -> None:
    """A record."""
    who = run("%coder whoami")
    assert isinstance(who, Whoami)
    assert who.user.username == "ada"


def test_a_used_workspace_is_the_default_until_another_is_named(run: Run) -> None:
    """`%coder use` is for the lines that name none."""
    agent = run("%coder use ml")
    assert isinstance(agent, Agent)
    assert run("%coder logs").attrs["workspace"] == "ml"
    assert run("%coder logs web").attrs["workspace"] == "web"
    assert run("%coder logs").attrs["workspace"] == "ml"
    assert "ml" in repr(run("%coder"))


def test_a_line_that_names_no_workspace_is_told_how(run: Run) -> None:
    """The hint is the line to type, with names that are known."""
    with pytest.raises(errors.InvalidCommand, match="which workspace") as caught:
        run("%coder ports")
    assert "%coder ports WORKSPACE" in caught.value.hint
    assert "web" in caught.value.message


def test_connecting_again_forgets_the_default(run: Run) -> None:
    """A default belongs to its deployment."""
    run("%coder use web")
    run("%coder connect")
    with pytest.raises(errors.InvalidCommand, match="which workspace"):
        run("%coder ports")


def test_an_earlier_connection_still_serves_who_holds_it(run: Run, magics: CoderMagics) -> None:
    """Two deployments can be compared; the lines use the latest."""
    run("first = %coder connect")
    run("second = %coder connect")
    assert run("first is not second and first.whoami().user.username") == "ada"
    assert magics.session.coder is run("second")


def test_a_query_is_coders_own(run: Run) -> None:
    """Terms are combined; values of the notebook may be put in."""
    run("who = 'ada'")
    frame = run("%coder ls owner:{who} template:gpu")
    assert set(frame["owner"]) == {"ada"}
    assert set(frame["template"]) == {"gpu"}


def test_a_query_the_server_refuses_says_which_part(run: Run) -> None:
    """And the hint lists what a query can hold."""
    with pytest.raises(errors.Invalid, match="nosuch") as caught:
        run("%coder ls nosuch:1")
    assert "owner:" in caught.value.hint


def test_flags_of_logs_choose_lines(run: Run) -> None:
    """Level is at least, grep a regular expression, tail counts last, after is an id."""
    everything = run("%coder logs web")
    warnings = run("%coder logs web --level warn")
    assert set(warnings["level"]) <= {"warn", "error"}
    assert 0 < len(warnings) < len(everything)
    assert run("%coder logs web --grep '^GET|POST' --tail 3")["text"].str.contains("GET|POST").all()
    middle = int(everything["id"].iloc[len(everything) // 2])
    assert (run(f"%coder logs web --after {middle}")["id"] > middle).all()
    source = everything["source"].iloc[0]
    assert set(run(f"%coder logs web --source '{source}'")["source"]) == {source}
    assert len(run("%coder logs web --until 2020-01-01")) == 0


def test_the_provisioners_lines_can_be_chosen_too(run: Run) -> None:
    """The same flags, other than --after."""
    assert len(run("%coder logs web --provisioner --tail 2")) == 2
    with pytest.raises(errors.InvalidCommand, match="--after"):
        run("%coder logs web --provisioner --after 3")


def test_an_older_build_has_other_lines(run: Run) -> None:
    """-1 is the start before the latest."""
    latest, before = run("%coder logs ml"), run("%coder logs ml --build -1")
    assert set(latest["id"]).isdisjoint(before["id"])


@pytest.mark.parametrize(
    ("line", "error", "hint"),
    [
        ("logs wbe", errors.NotFound, "web"),
        ("show wbe", errors.NotFound, "web"),
        ("logs web.mian", errors.NotFound, "main"),
        ("use we b", errors.InvalidCommand, ""),
        ("logs web --source 'Start web servic'", errors.InvalidCommand, "Start web service"),
        ("logs web --since soon", errors.InvalidCommand, "10m"),
        ("logs web --build 99", errors.NotFound, "latest"),
        ("ports archive", errors.AgentUnavailable, "logs archive"),
        ("ports laptop", errors.AgentUnavailable, "logs laptop"),
        ("connect nosuchprofile", errors.ConfigurationError, "https://"),
    ],
)
def test_what_cannot_be_found_names_the_nearest(line: str, error: type[errors.CoderError], hint: str, run: Run) -> None:
    """Every error carries what to type next."""
    with pytest.raises(error) as caught:
        run(f"%coder {line}")
    assert hint in caught.value.hint
    assert caught.value.hint


@pytest.mark.parametrize(
    ("line", "keys"),
    [
        ("ls owner:me", {"workspaces", "count"}),
        ("whoami", {"id", "username"}),
        ("show web", {"id", "name", "latest_build"}),
        ("ports web", {"ports"}),
        ("containers web", {"containers", "devcontainers"}),
    ],
)
def test_json_is_what_the_server_sent(line: str, keys: set[str], run: Run) -> None:
    """The answer the value rests on, not those that led to it."""
    run("%coder show web")
    assert keys <= set(run(f"%coder {line} --json"))


@pytest.mark.parametrize("flags", ["", " --provisioner"])
def test_json_of_logs_is_a_list_of_lines(flags: str, run: Run) -> None:
    """As many as the frame has."""
    lines = run(f"%coder logs web{flags} --json -o kept")
    assert len(lines) == len(run(f"%coder logs web{flags}"))
    assert {"id", "created_at", "output"} <= set(lines[0])


def test_what_commands_saw_is_completed(run: Run, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names from the first connection, owners from a list, sources from a log; without a request."""
    run("%coder connect")
    run("%coder ls")
    run("%coder logs web")

    def complete(line: str) -> list[str]:
        with provisionalcompleter():
            return [each.text for each in shell.Completer.completions(line, len(line))]

    monkeypatch.setattr("socket.socket.connect", None)
    monkeypatch.setattr("socket.socket.sendall", None)
    assert "web" in complete("%coder show w")
    assert "web.main" in complete("%coder show web.")
    assert complete("%coder ls owner:gr") == ["owner:grace"]
    assert "'Start web service'" in complete("%coder logs web --source Start")


def test_unloading_ends_the_connection(run: Run, shell: Shell) -> None:
    """No thread is left of it."""
    before = {thread.name for thread in threading.enumerate()}
    run("%coder ls")
    run("%coder show web")
    shell.run_cell("%unload_ext coder_nb").raise_error()
    assert {thread.name for thread in threading.enumerate()} <= before


def test_the_demo_needs_nothing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """`%coder connect demo` joins or starts one, whatever the environment names."""
    monkeypatch.delenv("CODER_SESSION_TOKEN")
    coder = run("%coder connect demo")
    assert coder.deployment == "demo"
    assert "demo" in repr(run("%coder"))
    with pytest.raises(errors.InvalidCommand, match="needs no saving"):
        run("%coder connect demo --save")


def test_a_saved_profile_is_used_and_completed(
    run: Run, demo: Demo, monkeypatch: pytest.MonkeyPatch, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """--save says where it went, never what it holds; the name leads back."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    coder = run("%coder connect --save;")
    assert coder is None
    said = capsys.readouterr().out
    assert "saved: profile" in said
    assert demo.token.reveal() not in said
    name = f"127.0.0.1:{demo.url.rpartition(':')[2]}"
    monkeypatch.delenv("CODER_URL")
    monkeypatch.delenv("CODER_SESSION_TOKEN")
    assert run(f"%coder connect {name}").whoami().user.username == "ada"
