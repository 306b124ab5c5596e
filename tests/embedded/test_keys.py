"""Tokens: their form, what is wrong with a bad one, and how using one prolongs it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from coder_nb.embedded.keys import DAY, BadKey, add_key, check_key, is_token, new_token

if TYPE_CHECKING:
    from tests.embedded.conftest import Small


def test_a_token_has_the_form_of_a_session_token_and_is_not_kept(small: Small) -> None:
    """Ten characters, a dash, twenty-two; the deployment holds a digest of the secret only."""
    token = new_token()
    assert is_token(token)
    assert token != new_token()
    add_key(small.deployment, small.ada, token)
    assert token.partition("-")[2] not in repr(vars(small.deployment.keys[token[:10]]))


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        ("garbage", "Invalid API key format: incorrect amount of API key parts, expected 2 got 1"),
        ("a-b-c", "Invalid API key format: incorrect amount of API key parts, expected 2 got 3"),
        ("abc-def", "Invalid API key format: invalid API key ID length, expected 10 got 3"),
        ("0123456789-x", "Invalid API key format: invalid API key secret length, expected 22 got 1"),
        (f"0123456789-{'x' * 22}", "API key is invalid."),
    ],
)
def test_a_bad_token_is_refused_with_its_reason(small: Small, token: str, reason: str) -> None:
    """Malformed and unknown tokens are told apart."""
    with pytest.raises(BadKey, match=reason):
        check_key(small.deployment, token)


def test_a_wrong_secret_opens_nothing(small: Small) -> None:
    """The id alone is no key."""
    token = new_token()
    add_key(small.deployment, small.ada, token)
    with pytest.raises(BadKey, match="API key secret is invalid"):
        check_key(small.deployment, token[:-1] + ("a" if token[-1] != "a" else "b"))


def test_a_key_expires_and_says_when(small: Small) -> None:
    """At the end of its lifetime a key is refused, with that time."""
    token = new_token()
    add_key(small.deployment, small.ada, token, lifetime=60)
    small.deployment.clock.advance(timedelta(seconds=59))
    check_key(small.deployment, token)
    small.deployment.clock.advance(timedelta(seconds=1))
    with pytest.raises(BadKey, match=r'^API key expired at "2026-03-12 09:31:00 \+0000 UTC"\.$'):
        check_key(small.deployment, token)


def test_using_a_key_prolongs_it_at_most_once_an_hour(small: Small) -> None:
    """Half an hour after it was made nothing moves; after an hour it lasts a day from then."""
    token = new_token()
    key = add_key(small.deployment, small.ada, token)
    ends = key.expires_at
    small.deployment.clock.advance(timedelta(minutes=30))
    assert check_key(small.deployment, token).expires_at == ends
    small.deployment.clock.advance(timedelta(minutes=30))
    assert check_key(small.deployment, token).expires_at == small.deployment.clock.now() + timedelta(seconds=DAY)
