"""A diagnosis of a workspace of any deployment: it comes, it is complete, and it changes nothing."""

from __future__ import annotations

import pytest

from coder_nb.client import Agent, Coder

from .conftest import Target


def test_a_running_workspace_can_be_diagnosed(agent: Agent) -> None:
    """Whatever it finds, each cause has evidence and a line to type, and nothing was refused."""
    why = agent.why()
    assert why.facts.agents[0].connected and why.facts.agents[0].logs
    assert all(cause.evidence and cause.next.startswith("%coder ") for cause in why.causes)
    for refused in why.facts.untold:
        # A deployment may have dev containers turned off, or no docker.
        assert refused.startswith("the containers of ")


def test_it_looks_the_same_as_text_html_and_frame(coder: Coder, target: Target) -> None:
    """Every cause is in all three."""
    why = coder.workspace(target.workspace).why()
    assert list(why.frame["cause"]) == [cause.what for cause in why.causes]
    assert repr(why).count("    > %coder ") == why._repr_html_().count("<code") == len(why.causes)


def test_a_diagnosis_in_a_dry_run_is_complete(coder: Coder, agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    """It only reads."""
    monkeypatch.setattr(coder.api.http, "dry_run", True)
    (it,) = agent.why().facts.agents
    assert it.logs
