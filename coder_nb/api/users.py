"""Users and their session: who we are, signing in, and when our token ends. `api.users`."""

from __future__ import annotations

from datetime import datetime

from coder_nb.api.resource import Record, Resource, decode, segment
from coder_nb.credentials import Secret

__all__ = ["ApiKey", "Role", "User", "Users"]


class Role(Record, frozen=True, kw_only=True):
    """A role of the whole deployment, or of one organization."""

    name: str
    display_name: str = ""
    organization_id: str = ""


class User(Record, frozen=True, kw_only=True):
    """A user. `status` is active, dormant or suspended."""

    id: str
    username: str
    email: str = ""
    name: str = ""
    created_at: datetime | None = None
    last_seen_at: datetime | None = None
    status: str = ""
    login_type: str = ""
    organization_ids: list[str] = []
    roles: list[Role] = []


class ApiKey(Record, frozen=True, kw_only=True):
    """What the server tells of a token: never the token. `id` is its first ten characters."""

    id: str
    user_id: str
    expires_at: datetime
    created_at: datetime
    last_used: datetime | None = None
    login_type: str = ""
    scope: str = ""
    token_name: str = ""
    lifetime_seconds: int = 0


class _Session(Record, frozen=True, kw_only=True):
    session_token: Secret


class Users(Resource):
    """Calls on users."""

    def me(self) -> User:
        """The user this session belongs to: the way to find out whether a token is good, and if not, why.

        Raises:
            AuthenticationError: no, unknown or expired token; `detail` says which.
        Endpoint: GET /users/me
        """
        return self.get("me")

    def get(self, user: str) -> User:
        """One user.

        Args:
            user: user name, uuid or `me`.
        Raises:
            Invalid: no such user, or not visible to this one.
        Endpoint: GET /users/{user}
        """
        return self._get(User, f"/users/{segment(user)}")

    def login(self, email: str, password: Secret) -> Secret:
        """A new session token for a user with a password.

        Raises:
            AuthenticationError: wrong email or password, or the account is suspended.
            PermissionDenied: password login is turned off, or this user signs in another way.
        Endpoint: POST /users/login
        """
        body = {"email": email, "password": password}
        answer = self._http.request("POST", "/users/login", body=body, changes=True, anonymous=True)
        return decode(answer, _Session).session_token

    def key(self, user: str, key_id: str) -> ApiKey:
        """What is known of one token, such as when it expires.

        Args:
            key_id: the part of the token before its dash.
        Endpoint: GET /users/{user}/keys/{id}
        """
        return self._get(ApiKey, f"/users/{segment(user)}/keys/{segment(key_id)}")
