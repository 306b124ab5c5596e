"""Session and API tokens: made, checked, prolonged. A deployment keeps digests of secrets, never the secrets.

A token is an id of 10 characters, a dash, and a secret of 22. Secrets are compared in constant time.
"""

from __future__ import annotations

import re
import secrets
import string
from datetime import timedelta
from hashlib import sha256
from hmac import compare_digest
from typing import Final, Literal

from coder_nb.embedded.state import ApiKey, Deployment, User
from coder_nb.embedded.wire.text import go_time

__all__ = ["DAY", "WEEK", "BadKey", "add_key", "check_key", "is_token", "new_token"]

DAY: Final = 24 * 3600
WEEK: Final = 7 * DAY

_ALPHABET: Final = string.ascii_letters + string.digits
_ID, _SECRET = 10, 22
_HOUR: Final = timedelta(hours=1)


class BadKey(Exception):
    """A token that opens nothing; the text says why, in the words of the server."""


def new_token() -> str:
    """A fresh token."""
    return f"{_random(_ID)}-{_random(_SECRET)}"


def is_token(text: str) -> bool:
    """Whether a text has the form of a session token."""
    return re.fullmatch(r"[A-Za-z0-9]{10}-[A-Za-z0-9]{22}", text) is not None


def add_key(
    deployment: Deployment,
    user: User,
    token: str,
    *,
    login_type: str = "password",
    lifetime: int = DAY,
    token_name: str = "",
    scope: Literal["all", "application_connect"] = "all",
) -> ApiKey:
    """Makes a token valid for a user.

    Args:
        deployment: where.
        user: whose it is.
        token: the token, as `new_token` makes it.
        login_type: "password" for a session, "token" for one that shows in the list of tokens.
        lifetime: in seconds; using the token prolongs it.
        token_name: how the list of tokens calls it.
        scope: what it opens.
    """
    key_id, _, secret = token.partition("-")
    now = deployment.clock.now()
    key = ApiKey(
        id=key_id,
        user=user,
        secret_digest=_digest(secret),
        created_at=now,
        updated_at=now,
        expires_at=now + timedelta(seconds=lifetime),
        login_type=login_type,
        scope=scope,
        token_name=token_name,
        lifetime=lifetime,
    )
    deployment.keys[key_id] = key
    return key


def check_key(deployment: Deployment, token: str) -> ApiKey:
    """The key a token stands for; using it prolongs it, at most once an hour.

    Raises:
        BadKey: it is malformed, unknown, wrong or expired.
    """
    parts = token.split("-")
    if len(parts) != 2:
        raise BadKey(f"Invalid API key format: incorrect amount of API key parts, expected 2 got {len(parts)}")
    for what, part, length in (("ID", parts[0], _ID), ("secret", parts[1], _SECRET)):
        if len(part) != length:
            raise BadKey(f"Invalid API key format: invalid API key {what} length, expected {length} got {len(part)}")
    key = deployment.keys.get(parts[0])
    if key is None:
        raise BadKey("API key is invalid.")
    if not compare_digest(key.secret_digest, _digest(parts[1])):
        raise BadKey("API key secret is invalid.")
    _use(key, deployment)
    return key


def _use(key: ApiKey, deployment: Deployment) -> None:
    now = deployment.clock.now()
    if now >= key.expires_at:
        raise BadKey(f'API key expired at "{go_time(key.expires_at)}".')
    if key.last_used is None or now - key.last_used > _HOUR:
        key.last_used = now
    lifetime = timedelta(seconds=key.lifetime)
    if key.expires_at - now <= lifetime - _HOUR:
        key.expires_at = now + lifetime


def _digest(secret: str) -> bytes:
    # The secret is 22 random characters: there is nothing to stretch, a plain digest is as good as the secret.
    return sha256(secret.encode("utf-8", "replace")).digest()


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
