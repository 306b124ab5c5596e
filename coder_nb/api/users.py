"""Users and their session: who we are, signing in, and when our token ends. `api.users`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from coder_nb.api.resource import Record, Resource, decode, segment
from coder_nb.credentials import Secret

__all__ = ["ApiKey", "ApiToken", "Role", "User", "Users"]


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


class ApiToken(ApiKey, frozen=True, kw_only=True):
    """A token in a list, with its owner's name."""

    username: str = ""


class _Key(Record, frozen=True, kw_only=True):
    key: Secret


class _Longest(Record, frozen=True, kw_only=True):
    max_token_lifetime: int


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

    def create_key(self, user: str = "me") -> Secret:
        """A new session token, good for seven days.

        Endpoint: POST /users/{user}/keys
        """
        return decode(self._http.request("POST", f"/users/{segment(user)}/keys", changes=True), _Key).key

    def create_token(
        self,
        user: str = "me",
        *,
        name: str = "",
        lifetime: timedelta | None = None,
        scope: Literal["all", "application_connect"] = "all",
    ) -> Secret:
        """A new token, which is told this once only.

        Args:
            name: what lists call it; the server makes one up for "".
            lifetime: None means seven days; see `longest_lifetime`.
            scope: application_connect for one that opens apps and nothing else.
        Raises:
            Conflict: this user has a token of that name.
            Invalid: the lifetime is negative, or longer than allowed.
        Endpoint: POST /users/{user}/keys/tokens
        """
        nanoseconds = lifetime // timedelta(microseconds=1) * 1000 if lifetime else 0
        body = {"lifetime": nanoseconds, "scope": scope, "token_name": name}
        return decode(self._http.request("POST", self._tokens(user), body=body, changes=True), _Key).key

    def tokens(self, user: str = "me", *, include_all: bool = False) -> list[ApiToken]:
        """What is known of a user's tokens; session tokens are not among them. In no particular order.

        Args:
            include_all: everybody's, for owners of the deployment.
        Endpoint: GET /users/{user}/keys/tokens
        """
        answer = self._http.request("GET", self._tokens(user), query={"include_all": include_all or None})
        # For none at all the wire has null.
        return [] if answer.body.strip() == b"null" else decode(answer, list[ApiToken])

    def token(self, name: str, *, user: str = "me") -> ApiKey:
        """What is known of the token of that name.

        Raises:
            NotFound: there is none.
        Endpoint: GET /users/{user}/keys/tokens/{name}
        """
        return self._get(ApiKey, f"{self._tokens(user)}/{segment(name)}")

    def delete_key(self, key_id: str, *, user: str = "me") -> None:
        """Makes a token worthless, of either kind.

        Args:
            key_id: the part of the token before its dash; no name.
        Raises:
            NotFound: there is no such token.
        Endpoint: DELETE /users/{user}/keys/{id}
        """
        self._http.request("DELETE", f"/users/{segment(user)}/keys/{segment(key_id)}", changes=True)

    def longest_lifetime(self, user: str = "me") -> timedelta:
        """How long a new token of this user may live at most.

        Endpoint: GET /users/{user}/keys/tokens/tokenconfig
        """
        longest = self._get(_Longest, f"{self._tokens(user)}/tokenconfig")
        return timedelta(microseconds=longest.max_token_lifetime // 1000)

    def _tokens(self, user: str) -> str:
        return f"/users/{segment(user)}/keys/tokens"
