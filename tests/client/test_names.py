"""Names a person types: what they mean, and what was meant by a wrong one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coder_nb.client.names import Target, parse, suggest
from coder_nb.errors import CoderError, InvalidCommand

UUID = "072ac515-32dd-4ba1-a3c1-d7e808799904"


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("dev", Target(workspace="dev")),
        (" dev ", Target(workspace="dev")),
        ("dev.main", Target(workspace="dev", agent="main")),
        ("ada/dev", Target(owner="ada", workspace="dev")),
        ("ada/dev.main", Target(owner="ada", workspace="dev", agent="main")),
        ("my-dev-2.gpu-0", Target(workspace="my-dev-2", agent="gpu-0")),
        (UUID.upper(), Target(uuid=UUID)),
        (f"{UUID}/dev", Target(owner=UUID, workspace="dev")),
    ],
)
def test_every_form_is_understood(text: str, target: Target) -> None:
    """Workspace, agent, owner, and the uuid of either."""
    assert parse(text) == target


@pytest.mark.parametrize(
    "text", ["", "dev.", ".main", "a/", "/dev", "de v", "de_v", "dev/../x", "a/b/c", "-dev", "dev\n.x"]
)
def test_what_is_no_name_is_refused(text: str) -> None:
    """Bad text never becomes part of a request."""
    with pytest.raises(InvalidCommand, match="not a workspace's name"):
        parse(text)


@given(st.text())
def test_any_text_is_a_target_or_a_clear_error(text: str) -> None:
    """Nothing else can come out, and what comes out reads back the same."""
    try:
        target = parse(text)
    except CoderError as error:
        assert error.hint
    else:
        assert parse(str(target)) == target


def test_a_hint_says_how_the_near_names_are_typed() -> None:
    """And where to see all, with or without one near."""
    typed = {name: f"ada/{name}" for name in ("web", "ml")}
    assert suggest("wbe", typed, "all: %coder ls") == "did you mean ada/web? all: %coder ls"
    assert suggest("zzz", typed, "all: %coder ls") == "all: %coder ls"
