"""From names to agents, over a real deployment: what each form leads to, and what a wrong one says."""

from __future__ import annotations

import pytest

from coder_nb.client import Coder, connect
from coder_nb.credentials import Secret
from coder_nb.errors import AgentUnavailable, AuthenticationError, CoderError, ConfigurationError, NotFound


def test_every_form_leads_to_the_same_agent(coder: Coder) -> None:
    """Name, agent, owner, the uuid of the agent and of its workspace."""
    agent = coder.agent("web")
    assert agent.workspace is not None
    for name in ("web.main", "WEB", "ada/web", "me/web.main", agent.id, agent.workspace.record.id):
        assert coder.agent(name).id == agent.id
    assert coder.agent(agent.id).title == "web.main"


def test_somebody_elses_workspace_keeps_its_owner_in_its_title(coder: Coder) -> None:
    """The title can be typed again."""
    agent = coder.agent("grace/compiler")
    assert agent.title == "grace/compiler.main"
    assert coder.agent(agent.title).id == agent.id


def test_a_dev_containers_agent_does_not_make_a_name_ambiguous(coder: Coder) -> None:
    """The host agent is meant, and the other one has a name of its own."""
    host = coder.agent("docs")
    assert host.record.parent_id is None
    [sub] = [agent for agent in coder.workspace("docs").agents() if agent.record.parent_id]
    assert sub.record.parent_id == host.id
    assert coder.agent(sub.title).id == sub.id


def test_several_agents_are_named(coder: Coder) -> None:
    """None is chosen silently."""
    with pytest.raises(NotFound, match="has 2 agents") as caught:
        coder.agent("linus/kernel")
    assert "linus/kernel.build, linus/kernel.test" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "says", "hint"),
    [
        ("wbe", "no workspace 'wbe'", "did you mean web?"),
        ("api", "no workspace 'api'", "did you mean api-broken?"),
        ("zzzzzz", "no workspace 'zzzzzz'", "%coder ls lists all"),
        ("grace/compilr", "no workspace 'grace/compilr'", "did you mean grace/compiler?"),
        ("nobody/web", "no user 'nobody'", "%coder ls lists all"),
        ("web.mian", "web has no agent 'mian'", "did you mean web.main?"),
    ],
)
def test_a_wrong_name_answers_with_the_nearest(coder: Coder, name: str, says: str, hint: str) -> None:
    """What was typed, and what may have been meant."""
    with pytest.raises(CoderError) as caught:
        coder.agent(name)
    assert says in str(caught.value)
    assert hint in caught.value.hint


def test_older_builds(coder: Coder) -> None:
    """By number and counted back; the agents differ, and so do their logs."""
    now, before = coder.agent("ml"), coder.agent("ml", build=-1)
    assert coder.agent("ml", build=1).id == before.id != now.id
    assert len(before.logs()) + len(now.logs()) == 14_000
    with pytest.raises(AgentUnavailable, match="older build; the latest is 2"):
        before.ports()
    for build in (0, 9, -9):
        with pytest.raises(NotFound, match=f"has no build {build}"):
            coder.agent("ml", build=build)


def test_a_stopped_workspace_shows_its_last_start(coder: Coder) -> None:
    """Logs are read from there; what needs the agent says that the workspace is stopped."""
    agent = coder.agent("archive")
    assert len(agent.logs()) > 0
    with pytest.raises(AgentUnavailable, match="its workspace is stopped") as caught:
        agent.containers()
    assert "%coder logs archive.main" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "says", "hint"),
    [
        ("grace/cobol-port", "has no agent, since build 1 failed", "%coder logs grace/cobol-port --provisioner"),
        ("grace/payroll", "has no agent yet: build 1 is pending", "%coder logs grace/payroll --provisioner"),
    ],
)
def test_a_workspace_without_an_agent_says_why(coder: Coder, name: str, says: str, hint: str) -> None:
    """A failed build and one that waits."""
    with pytest.raises(AgentUnavailable, match=says) as caught:
        coder.agent(name)
    assert caught.value.hint == hint


def test_a_name_costs_one_request(coder: Coder) -> None:
    """And within 30 s none."""
    coder.user()
    with coder.api.http.tap() as sent:
        coder.agent("ada/notebook")
        coder.agent("ada/notebook.main")
    assert [answer.endpoint for answer in sent] == ["GET /api/v2/users/ada/workspace/notebook"]


def test_names_for_completion_come_from_what_was_seen(coder: Coder) -> None:
    """Own workspaces by their name, others' with the owner, agents behind a dot; nothing is asked."""
    coder.workspaces()
    with coder.api.http.tap() as sent:
        names = coder.names()
    assert not sent
    assert {"web", "web.main", "grace/compiler", "linus/kernel.build"} <= set(names)


def test_whoami_tells_user_server_and_expiry(coder: Coder) -> None:
    """As text and as HTML."""
    who = coder.whoami()
    assert who.user.username == "ada" and who.expires is not None
    assert coder.credentials.url in repr(who) and who.version in who._repr_html_()


def test_a_token_shows_nowhere(coder: Coder) -> None:
    """Not in any repr."""
    assert coder.credentials.token is not None
    token = coder.credentials.token.reveal()
    shown = [repr(coder), coder._repr_html_(), repr(coder.whoami()), repr(coder.credentials), repr(vars(coder))]
    assert not any(token in text for text in shown)


def test_connecting_with_a_bad_token_fails_at_once(coder: Coder) -> None:
    """With the server's reason; one of the wrong kind is not even sent."""
    with pytest.raises(AuthenticationError, match="API key is invalid"):
        connect(coder.credentials.url, token=Secret("AAAAAAAAAA-BBBBBBBBBBBBBBBBBBBBBB"))
    with pytest.raises(ConfigurationError, match="agent"):
        connect(coder.credentials.url, token=Secret("072ac515-32dd-4ba1-a3c1-d7e808799904"))
