"""An agent's own session: whose token is refused, and what a manifest becomes."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.protobuf.duration_pb2 import Duration

from coder_nb.credentials import Secret
from coder_nb.errors import ConfigurationError
from coder_nb.rpc.agent import _manifest, check_disturbance
from coder_nb.rpc.codec import agent_pb2 as wire
from coder_nb.transport.http import Http

ID = bytes(range(16))


@pytest.fixture
def token() -> str:
    """An agent's."""
    return str(uuid.uuid4())


@pytest.fixture
def http(token: str) -> Iterator[Http]:
    """A transport that would send it."""
    http = Http("http://127.0.0.1:1", Secret(token))
    yield http
    http.close()


def test_the_own_agents_token_is_refused(http: Http, token: str, tmp_path: Path) -> None:
    """In the environment or in a file, in whatever case; it is not in what is said."""
    path = tmp_path / "token"
    path.write_text(f"{token}\n", encoding="utf-8")
    for environ in ({"CODER_AGENT_TOKEN": token.upper()}, {"CODER_AGENT_TOKEN_FILE": str(path)}):
        with pytest.raises(ConfigurationError, match="look disconnected for up to 15 s") as caught:
            check_disturbance(http, environ)
        assert token not in str(caught.value)


@pytest.mark.parametrize(
    "environ", [{}, {"CODER_AGENT_TOKEN": str(uuid.UUID(int=7))}, {"CODER_AGENT_TOKEN_FILE": "/nowhere/at/all"}]
)
def test_other_agents_tokens_are_not(http: Http, environ: dict[str, str]) -> None:
    """Nor where there is none, or no file."""
    check_disturbance(http, environ)


def test_a_dry_run_does_not_disturb() -> None:
    """To be connected counts as a change."""
    from coder_nb.errors import ConfirmationRequired
    from coder_nb.rpc.dialling import Rpc

    http = Http("http://127.0.0.1:1", Secret(str(uuid.uuid4())), dry_run=True)
    with pytest.raises(ConfirmationRequired):
        Rpc(http).agent(disturb_agent=True)
    http.close()


def test_a_manifest_is_read_in_seconds_and_hides_its_environment() -> None:
    """Of what it measures they stand where nanoseconds belong; scripts have true durations."""
    manifest = _manifest(
        wire.Manifest(
            agent_id=ID,
            workspace_id=ID,
            environment_variables={"TOKEN": "hunter2"},
            metadata=[wire.MetadataDescription(key="cpu", interval=Duration(nanos=10), timeout=Duration(nanos=3))],
            scripts=[wire.WorkspaceAgentScript(script="echo", timeout=Duration(seconds=2, nanos=500_000_000))],
        ).SerializeToString()
    )
    assert manifest.agent_id == "00010203-0405-0607-0809-0a0b0c0d0e0f" and manifest.parent_id is None
    assert (manifest.metadata[0].interval, manifest.metadata[0].timeout) == (10, 3)
    assert manifest.scripts[0].timeout == 2.5 and manifest.scripts[0].id == str(uuid.UUID(int=0))
    assert manifest.environment["TOKEN"].reveal() == "hunter2" and "hunter2" not in repr(manifest)


def test_a_manifest_without_an_agent_is_none() -> None:
    """The reader makes a protocol error of it."""
    with pytest.raises(ValueError):
        _manifest(b"")
