"""How what runs in workspace `here` gets its agent's token, and nobody else does."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import Request, urlopen

import psutil
import pytest

from coder_nb.embedded import launch, runtime
from coder_nb.embedded.here import Here
from coder_nb.embedded.scenario import load_scenario
from coder_nb.embedded.state import Deployment, Provider
from coder_nb.errors import ConfigurationError
from coder_nb.within import inside

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.embedded.conftest import Client, Small

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sessions, modes and /proc are POSIX")


@pytest.fixture(autouse=True)
def own_runtime_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No deployment of this machine's user is found or replaced."""
    tmp_path.chmod(0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr(launch, "_own", None)  # nor one that another test of this process has joined


@pytest.fixture
def demo() -> Iterator[launch.Demo]:
    """A published deployment with workspace `here` only."""
    with launch.start(scenario=None, publish=True) as started:
        yield started


def test_the_launcher_knows_the_token_and_shows_it_nowhere(demo: launch.Demo) -> None:
    """Not in its repr, nor in the child's command line or environment."""
    assert demo.agent_token is not None
    token = demo.agent_token.reveal()
    child = psutil.Process(demo.pid)
    assert token not in repr(demo) + " ".join(child.cmdline()) + json.dumps(child.environ())
    with inside(environ={"CODER_AGENT_URL": demo.url, "CODER_AGENT_TOKEN": token}) as me:
        assert me.git_ssh_key().public_key


def test_who_joins_a_deployment_can_be_inside_of_it(demo: launch.Demo) -> None:
    """By the file it is published with, which is its user's alone."""
    variables = launch.inside_here()
    assert demo.agent_token is not None
    assert variables["CODER_AGENT_TOKEN"] == demo.agent_token.reveal()
    assert demo.agent_token.reveal() not in repr(variables) + repr(runtime.read())
    with inside(environ=variables) as me:
        assert repr(me) == f"Inside ada/here.main, {demo.url.removeprefix('http://')}, token from CODER_AGENT_TOKEN"


def test_a_deployment_without_here_has_no_inside() -> None:
    """And says so."""
    with launch.start(here=False, publish=True) as demo:
        assert demo.agent_token is None
        with pytest.raises(ConfigurationError, match="has no workspace here"):
            launch.inside_here()


def test_the_scripts_of_here_are_inside() -> None:
    """Its startup script finds what an agent gives: the address with a slash, and the agent's token."""
    fleet = load_scenario()
    deployment = Deployment(fleet.id, fleet.organization, users=fleet.users)
    script = "env | grep ^CODER | sort"
    said_all = threading.Event()
    here = Here(deployment, deployment.users[0], startup=script, url="http://127.0.0.1:7")
    token = here.agent.token
    assert token is not None
    here.agent.logs.listen(lambda lines: said_all.set())
    with here:
        assert said_all.wait(20)
    log = [line.output for line in here.agent.logs.after()]
    said = dict(line.partition("=")[::2] for line in log if line.startswith("CODER"))
    assert said["CODER_AGENT_TOKEN"] == token.reveal()
    assert said["CODER_AGENT_URL"] == "http://127.0.0.1:7/"
    assert said["CODER"] == "true" and said["CODER_AGENT_AUTH"] == "token"
    assert not {"CODER_URL", "CODER_SESSION_TOKEN"} & set(said)


def test_a_login_page_asks_and_logs_in_by_post_only(small: Small, serve: Callable[[Deployment], Client]) -> None:
    """The first user, at services that are configured; another site's page cannot press the button."""
    provider = Provider("gh", "github", r"github\.com")
    small.deployment.providers.append(provider)
    client = serve(small.deployment)
    page = f"{client.server.url}/external-auth/gh"
    with urlopen(page, timeout=10) as answer:
        assert b'<form method="post">' in answer.read()
    assert not provider.links
    for path in ("//external-auth/zz", "//external-auth/%3Cscript%3E"):
        got = client.ask(path, method="POST")
        assert got.status == 404 and b"<script>" not in got.body
    foreign = client.ask("//external-auth/gh", method="POST", headers={"Origin": "https://evil.example"})
    assert foreign.status == 403 and not provider.links
    urlopen(Request(page, method="POST"), timeout=10).close()
    assert list(provider.links) == [small.ada.id]


def test_claims_are_a_site_owners_to_make(client: Client, bob: Client) -> None:
    """They are a hook for tests, as faults are."""
    assert bob.ask("//_claims", method="POST", body=b"dev").status == 403
    assert client.ask("//_claims", method="POST", body=b"dev", token=None).status == 401
    assert client.ask("//_claims", method="POST", body=b"dev").json == {"told": 0}
