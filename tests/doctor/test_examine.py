"""The doctor: what works, what is missing, what fails, and that it says no secret and changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from coder_nb.cli import main
from coder_nb.client import Coder, connect
from coder_nb.doctor import Finding, Report, examine
from coder_nb.embedded.faults import Fault
from coder_nb.embedded.scenario.load import load_scenario
from coder_nb.embedded.server import Embedded
from coder_nb.errors import NotFound


@pytest.fixture
def server() -> Iterator[Embedded]:
    """A deployment of this process, so that its faults are at hand."""
    with Embedded(load_scenario()) as server:
        yield server


@pytest.fixture
def coder(server: Embedded) -> Iterator[Coder]:
    """A connection to it."""
    with connect(server.url, token=server.token) as coder:
        yield coder


def results(report: Report) -> dict[str, str]:
    """Result by endpoint."""
    return {finding.endpoint: finding.result for finding in report.findings}


def test_all_of_a_healthy_deployment_works(coder: Coder) -> None:
    """Every probe, with the time it took."""
    report = examine(coder, workspace="web")
    assert set(results(report).values()) == {"works"}
    assert report.healthy
    assert all(finding.ms is not None and finding.ms > 0 for finding in report.findings)
    facts = dict(report.facts)
    assert facts["agent asked"] == "web.main" and facts["user"].startswith("ada")


def test_an_agent_is_chosen_where_none_is_named(coder: Coder) -> None:
    """One's own, connected, not a dev container's."""
    title = dict(examine(coder).facts)["agent asked"]
    assert coder.agent(title).record.status == "connected"
    with pytest.raises(NotFound):
        examine(coder, workspace="no-such-workspace")


def test_a_disconnected_agent_refuses_and_is_no_failure(coder: Coder) -> None:
    """What needs the agent is refused; what the server knows itself works."""
    found = results(examine(coder, workspace="laptop"))
    assert found["GET workspaceagents/{id}/listening-ports"] == "refused"
    assert found["GET workspaceagents/{id}/logs"] == "works"


def test_a_server_error_is_a_failure(server: Embedded, coder: Coder) -> None:
    """And makes the whole unhealthy."""
    server.faults.add(Fault("status", path="*/containers", status=500))
    report = examine(coder, workspace="web")
    assert results(report)["GET workspaceagents/{id}/containers"] == "fails"
    assert not report.healthy and "something is wrong" in str(report)


def test_it_only_reads(server: Embedded, coder: Coder) -> None:
    """Nothing but GET is sent."""
    with coder.api.http.tap() as sent:
        examine(coder, workspace="web")
    assert {answer.method for answer in sent} == {"GET"}


def test_it_says_no_token(server: Embedded, coder: Coder) -> None:
    """Neither as text nor as JSON."""
    report = examine(coder, workspace="web")
    for text in (str(report), report.to_json(), repr(report)):
        assert server.token.reveal().partition("-")[2] not in text


def test_what_a_server_sends_cannot_act_in_a_terminal() -> None:
    """Escape sequences become visible."""
    report = Report([("user", "a\x1b[31m")], [Finding("", "GET x", "works", 1.0, "\x1b]0;title\x07")])
    assert "\x1b" not in str(report)


def test_the_command_prints_a_table_or_json(
    server: Embedded, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the environment's deployment; the exit code says whether all is well."""
    monkeypatch.setenv("CODER_URL", server.url)
    monkeypatch.setenv("CODER_SESSION_TOKEN", server.token.reveal())
    assert main(["doctor", "--workspace", "web"]) == 0
    assert "GET workspaceagents/{id}/logs" in capsys.readouterr().out
    assert main(["doctor", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["healthy"] is True
    monkeypatch.setenv("CODER_SESSION_TOKEN", "AAAAAAAAAA-BBBBBBBBBBBBBBBBBBBBBB")
    assert main(["doctor"]) == 1
    assert "AuthenticationError" not in capsys.readouterr().out
