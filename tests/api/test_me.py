"""The agent's own side: recorded answers decode, and what is sent has the shape the server reads."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from coder_nb.api import me, resource
from coder_nb.credentials import Secret
from coder_nb.transport.http import Answer

Cases = Callable[[str], list[dict[str, Any]]]

SHAPES: dict[str, Any] = {
    "external-auth": me.ExternalAuth,
    "gitauth": me.ExternalAuth,
    "gitsshkey": me.GitSshKey,
    "log-source": me.NewLogSource,
}


def answer(body: object) -> Answer:
    """An answer as the transport gives it."""
    return Answer(method="GET", path="/recorded", status=200, headers={}, body=json.dumps(body).encode())


@pytest.mark.parametrize("slug", SHAPES)
def test_every_success_decodes_and_keeps_what_it_said(slug: str, recorded: Cases) -> None:
    """A field we know holds the value that was on the wire."""
    bodies = [case["response"]["body"] for case in recorded(slug) if case["response"]["status"] < 300]
    assert bodies
    for body in bodies:
        record = resource.decode(answer(body), SHAPES[slug])
        for field in record.__struct_fields__:
            value = getattr(record, field)
            if isinstance(value, Secret):
                assert value.reveal() == body[field]
            elif isinstance(value, datetime):
                assert value == datetime.fromisoformat(body[field])
            else:
                assert value == body[field]


def test_no_secret_shows_in_a_repr(recorded: Cases) -> None:
    """Neither the private key nor a token; the address to log in at does."""
    key = next(c["response"]["body"] for c in recorded("gitsshkey") if c["case"] == "ok")
    assert "PRIVATE" not in repr(resource.decode(answer(key), me.GitSshKey))
    linked = {"access_token": "gho_1", "token_extra": {"a": "b"}, "url": "", "type": "github", "username": "gho_1"}
    shown = repr(resource.decode(answer({**linked, "password": ""}), me.ExternalAuth))
    assert "gho_1" not in shown and "github" in shown


def test_a_line_without_level_and_time_sends_neither() -> None:
    """What is left out has the server's own meaning: info, and now."""
    assert msgspec.json.encode(me.AgentLine(output="x")) == b'{"output":"x"}'
    at = datetime(2026, 11, 23, 22, tzinfo=UTC)
    full = msgspec.json.decode(msgspec.json.encode(me.AgentLine(output="x", level="warn", created_at=at)))
    assert full == {"output": "x", "level": "warn", "created_at": "2026-11-23T22:00:00Z"}


def test_a_claim_has_the_workspaces_id_in_capitals() -> None:
    """The wire spells one of two keys in another way than everything else."""
    record = msgspec.json.decode(b'{"WorkspaceID":"5ee","reason":"prebuild_claimed"}', type=me.Reinit)
    assert (record.workspace_id, record.reason) == ("5ee", "prebuild_claimed")
