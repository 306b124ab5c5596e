"""GET /workspaceagents/me/gitauth, the old name of external-auth"""

from __future__ import annotations

import pytest

from coder_nb.errors import Invalid, NotFound
from coder_nb.within import Inside

from .conftest import Target
from .me_routes import refuses_other_tokens, with_agent_token

PATH = "/workspaceagents/me/gitauth"


@pytest.mark.parametrize(
    "query",
    ["", "match=", "match=github.com&id=github", "match=no.example", "id=no.example", "url=no.example", "id=github"],
)
def test_it_answers_as_the_new_one_does(me: Inside, target: Target, query: str) -> None:
    """To the letter."""
    old = with_agent_token(target, "GET", f"{PATH}?{query}")
    assert old == with_agent_token(target, "GET", f"/workspaceagents/me/external-auth?{query}")


def test_the_typed_call_is_the_same_but_for_the_name(me: Inside) -> None:
    """Its errors too."""
    with pytest.raises(NotFound):
        me.api.me.gitauth(match="no.example")
    with pytest.raises(Invalid):
        me.api.me.gitauth()


def test_other_tokens_are_refused(me: Inside, target: Target) -> None:
    """It is for agents only."""
    refuses_other_tokens(target, "GET", f"{PATH}?id=github")
