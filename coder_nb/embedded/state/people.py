"""Who there is: organizations, people and their keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from coder_nb.credentials.secret import Secret

__all__ = ["ApiKey", "Organization", "User"]


@dataclass(eq=False)
class Organization:
    """An organization."""

    id: str
    name: str
    created_at: datetime
    display_name: str = ""
    description: str = ""
    icon: str = ""
    is_default: bool = True


@dataclass(eq=False)
class User:
    """A person; `owner` is the site role that sees every workspace. Without a password there is no login."""

    id: str
    username: str
    email: str
    created_at: datetime
    updated_at: datetime
    last_seen_at: datetime
    name: str = ""
    avatar_url: str = ""
    status: Literal["active", "dormant", "suspended"] = "active"
    login_type: Literal["password", "github", "oidc", "token", "none", ""] = "password"
    owner: bool = False
    password: str | None = field(default=None, repr=False)
    id_token_claims: Mapping[str, object] = field(default_factory=dict, repr=False)
    user_info_claims: Mapping[str, object] = field(default_factory=dict, repr=False)
    """Of an `oidc` user: what the identity provider said at the last login."""
    git_key: tuple[str, Secret] | None = field(default=None, repr=False)
    """Public and private half of the SSH key for git; made when it is first asked for."""


@dataclass(eq=False)
class ApiKey:
    """A session or API token, known by the digest of its secret only; `lifetime` in seconds."""

    id: str
    user: User
    secret_digest: bytes = field(repr=False)
    created_at: datetime
    updated_at: datetime
    expires_at: datetime
    last_used: datetime | None = None
    login_type: str = "token"
    scope: Literal["all", "application_connect"] = "all"
    token_name: str = ""
    lifetime: int = 0
