"""What the three routes for identities have in common."""

from __future__ import annotations

from .conftest import Target
from .me_routes import ask


def refuses_what_is_incomplete(target: Target, cloud: str, *fields: str) -> None:
    """No JSON, values of another type, and every field that is missing, each by its name."""
    path = f"/workspaceagents/{cloud}-instance-identity"
    for body, detail in ((b"", "EOF"), (b"{", "unexpected EOF")):
        got = ask(target, "POST", path, token=None, body=body)
        assert (got.status, got.message, got.detail) == (400, "Request body must be valid JSON.", detail)
    wrong = ask(target, "POST", path, token=None, body=f'{{"{fields[0]}":1}}'.encode())
    assert wrong.status == 400 and f"{fields[0]} of type string" in wrong.detail
    missing = ask(target, "POST", path, token=None, body=b"{}")
    assert (missing.status, missing.message) == (400, "Validation failed.")
    assert [one["field"] for one in missing.body["validations"]] == list(fields)
    assert all('"required" with value: ""' in one["detail"] for one in missing.body["validations"])


def a_get_is_for_an_agent_of_that_name(target: Target, cloud: str) -> None:
    """A GET is taken for one on the agent of that id: 401 without a token, 400 with one."""
    path = f"/workspaceagents/{cloud}-instance-identity"
    assert ask(target, "GET", path, token=None).status == 401
    assert ask(target, "GET", path, token=target.token.reveal()).status == 400
