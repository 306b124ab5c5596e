"""The search text of the workspace list."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from coder_nb.embedded.http.exchange import Caller, Refusal
from coder_nb.embedded.keys import add_key, new_token
from coder_nb.embedded.search import find
from coder_nb.embedded.state import Template, TemplateVersion, User

if TYPE_CHECKING:
    from tests.embedded.conftest import Small

KERNEL = "11111111-2222-4333-8444-555555555555"


def caller(small: Small, user: User, *, restricted: bool = False) -> Caller:
    """Somebody who asks."""
    scope = "application_connect" if restricted else "all"
    return Caller(user, add_key(small.deployment, user, new_token(), scope=scope))  # type: ignore[arg-type]


@pytest.fixture
def fleet(small: Small) -> Small:
    """Six workspaces of two people, no two alike."""
    old = TemplateVersion("00000000-0000-4000-8000-000000000001", "v0")
    python = Template(
        "00000000-0000-4000-8000-000000000002",
        "Python",
        small.deployment.organization,
        small.ada,
        small.now,
        small.now,
        active=TemplateVersion("00000000-0000-4000-8000-000000000003", "v9"),
    )
    late = small.agent(attached=False, first_connected_at=None)
    gone = small.agent(attached=False)
    small.workspace("web", small.build(small.agent(), parameters={"Region": "eu west"}, has_ai_task=True))
    small.workspace("web_2", small.build(late, template_version=old), favorite=True)
    small.workspace("dev", small.build(gone), template=python, dormant_at=small.now)
    small.workspace(
        "archive", small.build(small.agent(), transition="stop"), last_used_at=small.now - timedelta(days=9)
    )
    small.workspace("kernel", small.build(small.agent(), job_status="failed"), owner=small.bob, id=KERNEL)
    small.workspace("gone", small.build(transition="delete"))
    small.workspace("web", owner=small.bob)
    return small


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", "ada/web_2 ada/dev ada/web bob/web ada/archive bob/kernel"),
        ("WEB", "ada/web_2 ada/web bob/web"),
        ("name:web_", "ada/web_2"),
        ("name:w%b", "ada/web_2 ada/web bob/web"),
        (r"name:b\_2", "ada/web_2"),
        ("bob/web", "bob/web"),
        ("owner:bob", "bob/web bob/kernel"),
        ("owner:me name:web", "ada/web_2 ada/web"),
        ("owner:b", ""),
        ("template:python", "ada/dev"),
        ("template:pyth", ""),
        ("organization:CODER owner:bob", "bob/web bob/kernel"),
        (f"id:{KERNEL}", "bob/kernel"),
        (f"id:{KERNEL.upper()},00000000-0000-0000-0000-000000000009", "bob/kernel"),
        ("status:running", "ada/web_2 ada/dev ada/web bob/web"),
        ("status:failed", "bob/kernel"),
        ("status:deleted", ""),
        ("has-agent:connected", "ada/web bob/web"),
        ("has-agent:disconnected", "ada/dev"),
        ("has-agent:timeout", "ada/web_2"),
        ("has-agent:nonsense", ""),
        ("has-agent:connected,timeout", ""),
        ("dormant:true", "ada/dev"),
        ("dormant:false", "ada/web_2 ada/dev ada/web bob/web ada/archive bob/kernel"),
        ("outdated:true", "ada/web_2 ada/dev"),
        ("outdated:false name:web", "ada/web bob/web"),
        ("has-ai-task:1", "ada/web"),
        ("has_external_agent:true", ""),
        ('last_used_before:"2026-03-05T00:00:00Z"', "ada/archive"),
        ('last_used_after:"2026-03-05T00:00:00+01:00" owner:bob', "bob/web bob/kernel"),
        ("param:region", "ada/web"),
        ('"param:region=eu west"', ""),
        ('param:"region=eu west"', "ada/web"),
        ("param:region=us", ""),
        ('name:"web', "ada/web_2 ada/web bob/web"),
        ("  web   owner:bob ", "bob/web"),
    ],
)
def test_terms_are_anded_and_the_order_is_favourites_running_owner_name(fleet: Small, text: str, names: str) -> None:
    """Each key has its own meaning; what is deleted never shows."""
    found = find(fleet.deployment, caller(fleet, fleet.ada), text)
    assert " ".join(f"{it.owner.username}/{it.name}" for it in found) == names


@pytest.mark.parametrize(
    ("text", "field", "detail"),
    [
        ("foo:bar", "foo", '"foo" is not a valid query param'),
        ("alpha beta", "name", 'Query param "name" provided more than once, found 2 times'),
        ("name:a name:b", "name", 'Query param "name" provided more than once, found 2 times'),
        ("name:", "q", "Query element \"name:\" cannot start or end with ':'"),
        (":name", "q", "Query element \":name\" cannot start or end with ':'"),
        ("a:b:c", "q", "Query element \"a:b:c\" can only contain 1 ':'"),
        ("a/b/c", "q", "Query element \"a/b/c\" can only contain 1 '/'"),
        ("Last_Used_After:2026-01-01T00:00:00Z", "q", 'Query element "last_used_after:2026-01-01t00:00:00z" can only'),
        ("status:zzz", "status", 'Query param "status" has invalid value: "zzz" is not a valid value'),
        ("id:zz", "id", 'Query param "id" has invalid values: invalid UUID length: 2'),
        (
            "dormant:maybe",
            "dormant",
            'Query param "dormant" must be a valid boolean: strconv.ParseBool: parsing "maybe"',
        ),
        ("organization:zzz", "organization", 'organization "zzz" either does not exist, or you are unauthorized'),
        ("last_used_after:yesterday", "last_used_after", "must be a valid date format"),
    ],
)
def test_a_mistake_is_reported_with_its_field(fleet: Small, text: str, field: str, detail: str) -> None:
    """400, and what is wrong with which term."""
    with pytest.raises(Refusal) as refused:
        find(fleet.deployment, caller(fleet, fleet.ada), text)
    body = refused.value.reply.body.decode().replace('\\"', '"')
    assert refused.value.reply.status == 400
    assert f'"field":"{field}"' in body
    assert detail in body


def test_every_mistake_is_reported_at_once(fleet: Small) -> None:
    """Three bad terms are three validations."""
    with pytest.raises(Refusal) as refused:
        find(fleet.deployment, caller(fleet, fleet.ada), "status:zzz foo:bar dormant:x")
    assert refused.value.reply.body.count(b'"field"') == 3


def test_a_member_finds_only_what_is_theirs(fleet: Small) -> None:
    """Somebody else's workspaces do not exist, whatever is asked; nor does a favourite of another."""
    who = caller(fleet, fleet.bob)
    assert [it.name for it in find(fleet.deployment, who, "")] == ["web", "kernel"]
    assert find(fleet.deployment, who, "owner:ada") == []


def test_a_key_for_apps_finds_nothing(fleet: Small) -> None:
    """An application_connect key sees an empty list, not an error."""
    assert find(fleet.deployment, caller(fleet, fleet.ada, restricted=True), "") == []
