"""A login at a service outside: masked, for programs and for git, and waited for."""

from __future__ import annotations

import os
import pickle
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from coder_nb.api.me import ExternalAuth as Record
from coder_nb.credentials import Hidden, Secret
from coder_nb.embedded.faults import Fault
from coder_nb.errors import AuthenticationError, ConfigurationError, InvalidCommand, NotFound, TransportError
from coder_nb.within import ExternalAuth, Inside, inside
from tests.transport.hostile import HostileServer, Request, answer, json_answer
from tests.within.conftest import Home
from tests.within.standin import Answer, StandIn, basic

SECRET = "gho_0123456789"
NOBODY = '{"access_token":"","token_extra":null,"url":"http://127.0.0.1/login","type":"","username":""}'
POSIX = pytest.mark.skipif(os.name != "posix", reason="needs a POSIX shell")


def linked(type: str = "github", username: str = SECRET, password: str = "", match: str = "github.com") -> ExternalAuth:
    """A login as some service gives it."""
    record = Record(access_token=Secret(SECRET), type=type, username=Hidden(username), password=Secret(password))
    return ExternalAuth(record, match=match)


def test_where_nobody_has_logged_in_it_is_a_link(me: Inside, home: Home) -> None:
    """Shown as one; asking it for the token says where to go."""
    auth = me.external_auth(match="https://github.com/ada/app")
    assert not auth.logged_in
    assert auth.url == f"{home.server.url}/external-auth/gh"
    assert auth.url in repr(auth) and f'href="{auth.url}"' in auth._repr_html_()
    for use in (auth.env, lambda: auth.token, lambda: auth.askpass().__enter__()):
        with pytest.raises(ConfigurationError, match="external-auth/gh"):
            use()


def test_a_login_is_masked_wherever_it_shows(me: Inside, home: Home) -> None:
    """In its own repr, in that of its environment, and of what is made from that."""
    home.log_in(SECRET)
    auth = me.external_auth(id="gh")
    assert auth.logged_in and auth.token.reveal() == SECRET
    env = auth.env()
    for shown in (repr(auth), auth._repr_html_(), repr(env), str(env), repr(env.copy()), repr(env | {"A": "b"})):
        assert SECRET not in shown
    with pytest.raises(TypeError):
        pickle.dumps(env)


def test_an_environment_has_what_the_services_programs_read() -> None:
    """By the type of the service, on top of this process's own; any other name on demand."""
    env = linked().env()
    assert (env["GH_TOKEN"], env["GITHUB_TOKEN"]) == (SECRET, SECRET)
    assert env["PATH"] == os.environ["PATH"]
    assert dict(linked("gitlab").env(environ={})) == {"GITLAB_TOKEN": SECRET}
    assert dict(linked("own").env("OWN_TOKEN", environ={})) == {"OWN_TOKEN": SECRET}
    with pytest.raises(ConfigurationError, match=r"own[\s\S]*MY_TOKEN"):
        linked("own").env()
    done = subprocess.run(
        [sys.executable, "-c", "import os; print(len(os.environ['GH_TOKEN']))"],
        env=env,
        capture_output=True,
        check=True,
    )
    assert done.stdout.split() == [str(len(SECRET)).encode()]


@pytest.mark.parametrize(("match", "id"), [(None, None), ("github.com", "gh"), ("", "")])
def test_a_service_is_named_in_one_way(me: Inside, match: str | None, id: str | None) -> None:
    """Neither and both are refused before anything is sent."""
    with pytest.raises(InvalidCommand, match="one of the two"):
        me.external_auth(match=match, id=id)


def test_a_service_nobody_configured_is_not_found(me: Inside) -> None:
    """With the patterns there are, and who could help."""
    with pytest.raises(NotFound, match=r"gitlab\.com[\s\S]*administrator"):
        me.external_auth(match="gitlab.com")


def test_an_old_server_is_asked_by_the_old_name(me: Inside, home: Home) -> None:
    """Only where the new one is missing."""
    home.log_in()
    path = "/api/v2/workspaceagents/me/external-auth"
    home.server.faults.add(Fault("status", path=path, status=404, body=b"Route not found."))
    assert me.external_auth(id="gh").logged_in


class TestAskpass:
    """What git is told, by whom, and what anybody else sees of it."""

    @POSIX
    def test_the_program_and_its_files_are_for_this_user_and_for_a_while(self) -> None:
        """The folder is 0700, files are 0600, and nothing is left."""
        with linked().askpass() as env:
            program = Path(env["GIT_ASKPASS"])
            folder = program.parent
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
            assert modes == {"askpass": 0o700, "host": 0o600, "username": 0o600, "password": 0o600}
            assert SECRET not in program.read_text()
            assert SECRET not in "\n".join(f"{key}={value}" for key, value in env.items())
        assert not folder.exists()

    @POSIX
    @pytest.mark.parametrize(
        ("auth", "prompt", "said"),
        [
            (linked(), "Username for 'https://github.com': ", "x-access-token"),
            (linked(), "Password for 'https://x-access-token@github.com': ", SECRET),
            (linked("gitlab", "oauth2", SECRET, "gitlab.com"), "Username for 'https://gitlab.com/a/b': ", "oauth2"),
            (linked("gitlab", "oauth2", SECRET, "gitlab.com"), "Password for 'https://oauth2@gitlab.com': ", SECRET),
            (linked(match="https://git.acme.io:8443/x"), "Password for 'https://a@git.acme.io:8443': ", SECRET),
            (linked(match="github"), "Password for 'https://a@ghe.acme.io': ", SECRET),
            (linked(), "Password for 'https://a@evil.example': ", None),
            (linked(), "Password for 'https://github.com@evil.example/github.com': ", None),
            (linked(), "Password for 'https://github.com.evil.example': ", None),
            (linked(), "Enter passphrase for key '/home/ada/.ssh/id_ed25519': ", None),
        ],
    )
    def test_it_answers_for_the_host_it_is_for(self, auth: ExternalAuth, prompt: str, said: str | None) -> None:
        """And for nothing else; where no host is known for sure, for whoever is asked about."""
        with auth.askpass() as env:
            done = subprocess.run([env["GIT_ASKPASS"], prompt], env=env, capture_output=True, text=True, check=False)
        assert (done.stdout.strip() or None, done.returncode == 0) == (said, said is not None)
        assert SECRET not in done.stderr

    @POSIX
    @pytest.mark.skipif(not shutil.which("git"), reason="there is no git")
    def test_git_logs_in_with_it(self, git_server: StandIn, tmp_path: Path) -> None:
        """A real git, over HTTP; no command line it starts has the secret on it."""
        auth = linked(match=git_server.url)
        with auth.askpass(environ={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "GIT_TRACE": "1"}) as env:
            command = ["git", "-c", "credential.helper=", "ls-remote", f"{git_server.url}/ada/app.git"]
            done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=30)
        assert done.returncode == 0, done.stderr
        assert "askpass" in done.stderr and SECRET not in done.stderr + done.stdout
        assert f"x-access-token:{SECRET}" in [basic(headers) for _, _, headers in git_server.asked]


@pytest.fixture
def git_server() -> Iterator[StandIn]:
    """A git server with an empty repository behind a login."""

    def respond(method: str, path: str, headers: dict[str, str]) -> Answer:
        if basic(headers) is None:
            return 401, {"WWW-Authenticate": 'Basic realm="git"'}, b""
        body = b"001e# service=git-upload-pack\n0000" + b"0000"
        return 200, {"Content-Type": "application/x-git-upload-pack-advertisement"}, body

    server = StandIn(respond)
    yield server
    server.close()


class TestWaiting:
    """For a login that somebody makes elsewhere."""

    def test_it_tells_where_to_log_in_and_returns_when_somebody_has(self, me: Inside, home: Home) -> None:
        """The link is told before the waiting begins."""
        timer = threading.Timer(0.1, home.log_in)
        timer.start()
        auth = me.external_auth(match="github.com", wait=True)
        timer.join()
        assert auth.logged_in
        assert home.told == [f"waiting for a login: open {home.server.url}/external-auth/gh"]

    def test_where_somebody_has_logged_in_nothing_is_waited_for(self, me: Inside, home: Home) -> None:
        """And nothing told."""
        home.log_in()
        assert me.external_auth(match="github.com", wait=True).logged_in
        assert home.told == []

    def test_a_connection_that_is_cut_is_made_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """As by a proxy that has had enough of the silence, or says 504 about it."""
        monkeypatch.setattr("coder_nb.within.patience.Patience.pause", lambda self, error=None, most=None: None)
        somebody = f'{{"access_token":"{SECRET}","token_extra":null,"url":"","type":"github","username":""}}'

        def cut(sock: socket.socket, request: Request) -> None:
            sock.shutdown(socket.SHUT_RDWR)

        gone = answer(b"<html>", status="504 Gateway Timeout", kind="text/html")
        server = HostileServer([json_answer(NOBODY), cut, cut, gone, gone, gone, json_answer(somebody)])
        environ = {"CODER_AGENT_URL": server.url, "CODER_AGENT_TOKEN": "072ac515-32dd-4ba1-a3c1-d7e808799904"}
        with inside(environ=environ, notify=lambda line: None) as me:
            assert me.external_auth(match="github.com", wait=True).token.reveal() == SECRET
        server.close()
        assert ["listen" in request.path for request in server.requests] == [False, *[True] * 6]

    def test_a_refusal_ends_the_waiting(self) -> None:
        """The workspace may have been rebuilt meanwhile: then the token is no good any more."""
        refusal = '{"message":"Workspace agent not authorized."}'
        server = HostileServer([json_answer(NOBODY), json_answer(refusal, "401 Unauthorized")])
        environ = {"CODER_AGENT_URL": server.url, "CODER_AGENT_TOKEN": "072ac515-32dd-4ba1-a3c1-d7e808799904"}
        with inside(environ=environ, notify=lambda line: None) as me, pytest.raises(AuthenticationError, match="build"):
            me.external_auth(match="github.com", wait=True)
        server.close()
        assert len(server.requests) == 2

    def test_time_that_is_up_is_an_error_with_the_link(self, me: Inside) -> None:
        """In the time that was given."""
        began = time.monotonic()
        with pytest.raises(TransportError, match=r"nobody has logged in within 0\.2 s[\s\S]*external-auth/gh"):
            me.external_auth(match="github.com", wait=True, timeout=0.2)
        assert time.monotonic() - began < 10

    @POSIX
    def test_ctrl_c_ends_it_at_once(self, home: Home) -> None:
        """In a process of its own: it waits, is interrupted, and ends with nothing left running."""
        code = (
            "import coder_nb, sys\n"
            "me = coder_nb.inside(notify=lambda line: print(line, flush=True))\n"
            "try:\n"
            "    me.external_auth(match='github.com', wait=True)\n"
            "except KeyboardInterrupt:\n"
            "    print('interrupted', flush=True)\n"
        )
        child = subprocess.Popen(
            [sys.executable, "-c", code], env={**os.environ, **home.environ}, stdout=subprocess.PIPE, text=True
        )
        assert child.stdout
        assert "waiting" in child.stdout.readline()
        child.send_signal(signal.SIGINT)
        began = time.monotonic()
        assert child.stdout.readline() == "interrupted\n"
        assert child.wait(10) == 0
        assert time.monotonic() - began < 5
        child.stdout.close()
