"""Which deployment and token a process inside a workspace gets, and from where."""

from __future__ import annotations

from pathlib import Path

import pytest

from coder_nb.errors import ConfigurationError
from coder_nb.within.whose import resolve

URL = "http://127.0.0.1:7080/"
TOKEN = "072ac515-32dd-4ba1-a3c1-d7e808799904"
OTHER = "172ac515-32dd-4ba1-a3c1-d7e808799904"


def test_the_variables_an_agent_sets_are_enough() -> None:
    """The slash a bootstrap script leaves at the address is taken away."""
    found = resolve(environ={"CODER_AGENT_URL": URL, "CODER_AGENT_TOKEN": f" {TOKEN}\n"})
    assert (found.url, found.source) == ("http://127.0.0.1:7080", "CODER_AGENT_TOKEN")
    assert found.token is not None and found.token.reveal() == TOKEN
    assert TOKEN not in repr(found)


def test_a_token_goes_before_a_file_of_one(tmp_path: Path) -> None:
    """As for Coder's own programs."""
    (tmp_path / "token").write_text(f"{OTHER}\n")
    environ = {"CODER_AGENT_URL": URL, "CODER_AGENT_TOKEN_FILE": str(tmp_path / "token")}
    found = resolve(environ=environ)
    assert found.token is not None and found.token.reveal() == OTHER
    assert str(tmp_path) in found.source
    both = resolve(environ={**environ, "CODER_AGENT_TOKEN": TOKEN})
    assert both.token is not None and both.token.reveal() == TOKEN


def test_outside_of_a_workspace_it_says_so() -> None:
    """Whatever a user's own variables hold."""
    with pytest.raises(ConfigurationError, match=r"not inside a workspace[\s\S]*coder_nb.connect") as caught:
        resolve(environ={"CODER_URL": URL, "CODER_SESSION_TOKEN": "AAAAAAAAAA-BBBBBBBBBBBBBBBBBBBBBB"})
    assert "AAAA" not in str(caught.value)


def test_without_a_token_it_says_what_would_do() -> None:
    """The deployment alone is not enough."""
    with pytest.raises(ConfigurationError, match=r"CODER_AGENT_TOKEN_FILE[\s\S]*identity"):
        resolve(environ={"CODER_AGENT_URL": URL, "CODER_AGENT_AUTH": "token"})


def test_a_users_token_is_not_taken_for_an_agents(tmp_path: Path) -> None:
    """It is refused before anything is sent, and not repeated."""
    session = "AAAAAAAAAA-BBBBBBBBBBBBBBBBBBBBBB"
    (tmp_path / "token").write_text(session)
    for variables in ({"CODER_AGENT_TOKEN": session}, {"CODER_AGENT_TOKEN_FILE": str(tmp_path / "token")}):
        with pytest.raises(ConfigurationError, match="a session token where an agent token belongs") as caught:
            resolve(environ={"CODER_AGENT_URL": URL, **variables})
        assert session not in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """Missing, or not text."""
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for name, why in (("missing", "No such file"), ("binary", "not text")):
        with pytest.raises(ConfigurationError, match=rf"{name}: {why}"):
            resolve(environ={"CODER_AGENT_URL": URL, "CODER_AGENT_TOKEN_FILE": str(tmp_path / name)})


def test_a_wrong_address_is_explained() -> None:
    """By the name of its variable."""
    with pytest.raises(ConfigurationError, match="CODER_AGENT_URL is wrong"):
        resolve(environ={"CODER_AGENT_URL": "ftp://x", "CODER_AGENT_TOKEN": TOKEN})


def test_an_identity_that_is_none_is_refused() -> None:
    """Before a metadata service is asked."""
    with pytest.raises(ConfigurationError, match="aws, azure, google"):
        resolve("oracle", environ={"CODER_AGENT_URL": URL})  # type: ignore[arg-type]
