"""POST /workspaceagents/google-instance-identity. What succeeds is in tests/within/test_identity.py: a real deployment
believes Google only."""

from __future__ import annotations

import time

import pytest

from coder_nb.api import Api
from coder_nb.errors import AuthenticationError
from coder_nb.transport.http import Http
from tests.cloud import Google

from .conftest import Target
from .identity_routes import a_get_is_for_an_agent_of_that_name, refuses_what_is_incomplete

NEVER = 4_102_444_800
"""The year 2100, for tokens that are not to expire."""


def refusal(stranger: Http, token: str) -> str:
    """Why a token is refused."""
    with pytest.raises(AuthenticationError) as caught:
        Api(stranger).identity.google(json_web_token=token)
    assert caught.value.message == "Invalid GCP identity."
    return caught.value.detail


def test_what_is_no_token_is_refused(stranger: Http) -> None:
    """By its form."""
    assert refusal(stranger, "abc") == "idtoken: invalid token, token must have three segments; found 1"
    assert refusal(stranger, "a.b.c") == "idtoken: unable to decode JWT header: illegal base64 data at input byte 0"


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_only_googles_algorithms_are_taken(stranger: Http, algorithm: str) -> None:
    """A token that anybody could have made is none."""
    token = Google().token("1", expires=NEVER, alg=algorithm)
    wanted = f'idtoken: expected JWT signed with RS256 or ES256 but found "{algorithm}"'
    assert refusal(stranger, token) == wanted


def test_a_token_that_has_expired_is_refused(stranger: Http) -> None:
    """Before its signature is looked at; by the deployment's clock."""
    past = int(time.time()) - 10**9
    assert refusal(stranger, Google().token("1", expires=past)).endswith(f", expires={past}")


def test_a_token_somebody_else_has_signed_is_refused(stranger: Http) -> None:
    """A real server asks Google for its keys; that this fails is a refusal too."""
    assert refusal(stranger, Google().token("1", expires=NEVER))


def test_what_is_incomplete_is_refused(target: Target) -> None:
    """Without any token: the document is the credential."""
    refuses_what_is_incomplete(target, "google", "json_web_token")


def test_another_method_means_something_else(target: Target) -> None:
    """An agent, not an identity."""
    a_get_is_for_an_agent_of_that_name(target, "google")
