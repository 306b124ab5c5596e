"""The commands for the inside of a workspace: workspace `here` of a demo plays it."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from coder_nb import errors
from coder_nb.client import Coder, connect
from coder_nb.embedded.launch import Demo, start
from coder_nb.within import ExternalAuth, SSHKey

Run = Callable[[str], Any]
Shell = Any  # Most of IPython's shell has no types.


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """A deployment with workspace `here` and nothing else."""
    with start(scenario=None) as running:
        yield running


@pytest.fixture(scope="module")
def coder(demo: Demo) -> Iterator[Coder]:
    """Its owner, to look at what arrives."""
    with connect(demo.url, token=demo.token) as coder:
        yield coder


@pytest.fixture(autouse=True)
def environment(demo: Demo, bare: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an agent gives to the processes of its workspace, and nothing of a user's."""
    assert demo.agent_token is not None
    monkeypatch.setenv("CODER_AGENT_URL", f"{demo.url}/")
    monkeypatch.setenv("CODER_AGENT_TOKEN", demo.agent_token.reveal())


def test_a_line_is_said(run: Run, coder: Coder) -> None:
    """With its level, under its source; nothing is returned and nobody had to connect."""
    assert run("%coder say the data is loaded") is None
    run("%coder say 'no data   since 02:00' --level warn --source nightly")
    logs = coder.agent("here").logs().set_index("source")
    assert logs.loc[["External"]].text.tolist() == ["the data is loaded"]
    assert (logs.loc["nightly"].level, logs.loc["nightly"].text) == ("warn", "no data   since 02:00")


def test_an_app_says_what_it_does(run: Run, coder: Coder) -> None:
    """Beside the workspace."""
    run("%coder app-status working training, epoch 3 --app notebook --link https://example.com/3")
    (app,) = coder.agent("here").refresh().apps
    status = max(app.statuses, key=lambda status: status.created_at)
    assert (status.state, status.message, status.uri) == ("working", "training, epoch 3", "https://example.com/3")
    run("%coder app-status complete --app notebook")
    (app,) = coder.agent("here").refresh().apps
    assert max(app.statuses, key=lambda status: status.created_at).state == "complete"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("app-status sleeping hm --app notebook", "STATE cannot be 'sleeping'"),
        ("app-status working hm", "which app"),
        ("app-status working " + "x" * 161 + " --app notebook", "161 bytes"),
        ("say hello --level loud", "--level cannot be 'loud'"),
        ("say", "needs a MESSAGE"),
        ("auth", "one of the two"),
        ("auth github --match github.com", "one of the two"),
        ("auth github --timeout 3", "--timeout is for --wait"),
    ],
)
def test_a_bad_line_is_refused_before_anything_is_sent(run: Run, coder: Coder, line: str, why: str) -> None:
    """With what is wrong with it."""
    before = coder.agent("here").refresh().logs_length
    with pytest.raises(errors.InvalidCommand, match=why):
        run(f"%coder {line}")
    assert coder.agent("here").refresh().logs_length == before


def test_an_app_that_is_none_is_the_servers_to_refuse(run: Run) -> None:
    """It knows which there are."""
    with pytest.raises(errors.Invalid, match='No app found with slug "zzz"'):
        run("%coder app-status idle --app zzz")


def test_a_login_is_a_link_until_somebody_has_logged_in(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """With --wait the link is shown, and the login is what comes back; the token is nowhere to be seen."""
    link = run("%coder auth --match github.com")
    assert isinstance(link, ExternalAuth) and not link.logged_in
    with pytest.raises(errors.TransportError, match="nobody has logged in within 0 s"):
        run("%coder auth github --wait --timeout 0")
    assert f"open {link.url}" in capsys.readouterr().err
    urlopen(Request(link.url, method="POST"), timeout=30).close()
    login = run("github = %coder auth github --wait") or run("github")
    assert login.logged_in
    token = login.token.reveal()
    assert token not in repr(login) + login._repr_html_() + capsys.readouterr().out


def test_a_service_that_is_none_is_not_found(run: Run) -> None:
    """By its id or by what it should match."""
    for line in ("auth zzz", "auth --match gitlab.com"):
        with pytest.raises(errors.NotFound):
            run(f"%coder {line}")


def test_the_key_is_shown_by_half_and_written_whole(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Into a file for this user only; never over another one."""
    key = run("%coder sshkey")
    assert isinstance(key, SSHKey) and key.public_key.startswith("ssh-ed25519 ")
    run(f"%coder sshkey --write {tmp_path}/coder")
    assert stat.S_IMODE((tmp_path / "coder").stat().st_mode) == 0o600
    shown = capsys.readouterr()
    assert f"written: {tmp_path}/coder" in shown.out
    assert "PRIVATE KEY" not in shown.out + shown.err
    (tmp_path / "own").write_text("somebody's own key")
    with pytest.raises(errors.ConfigurationError, match="another file is there"):
        run(f"%coder sshkey --write {tmp_path}/own")


@pytest.mark.parametrize("line", ["auth github", "sshkey", "say hello", "app-status idle --app notebook"])
def test_outside_of_a_workspace_they_say_so(run: Run, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    """And what to do instead."""
    monkeypatch.delenv("CODER_AGENT_URL")
    with pytest.raises(errors.ConfigurationError, match="not inside a workspace"):
        run(f"%coder {line}")
