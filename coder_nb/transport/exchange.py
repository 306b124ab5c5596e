"""One request and what came back, as values: `Call` and `Answer`. Neither shows a body or a header in its repr."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode

__all__ = ["API", "Answer", "Call", "QueryValue", "tidy"]

QueryValue = str | int | float | bool | None | Sequence[str | int]
"""What a query parameter may be: None leaves it out, a sequence repeats it."""

API = "/api/v2"


@dataclass(frozen=True, slots=True)
class Call:
    """A request to the API, before it is sent.

    Attributes:
        method: GET, POST, …
        path: relative to /api/v2, with its slash and quoted: "/users/me".
        query: parameters, as in `Http.request`.
        body: what is sent as JSON; None for nothing.
        changes: whether it changes the deployment.
        dials_agent: whether the server calls the agent before it answers.
        anonymous: whether it goes without the token.
        patient: whether the server answers only when something has happened.
    """

    method: str
    path: str
    query: Mapping[str, QueryValue] = field(default_factory=dict)
    body: object = field(default=None, repr=False)
    changes: bool = False
    dials_agent: bool = False
    anonymous: bool = False
    patient: bool = False

    @property
    def endpoint(self) -> str:
        """Method and path: "GET /api/v2/users/me"."""
        return f"{self.method} {API}{self.path}"

    @property
    def target(self) -> str:
        """Path and query, as they are put behind the deployment's address."""
        given = [(key, _text(value)) for key, value in self.query.items() if value is not None]
        return f"{API}{self.path}" + (f"?{urlencode(given, doseq=True)}" if given else "")

    @property
    def safe(self) -> bool:
        """Whether sending it twice is as good as once."""
        return self.method in ("GET", "HEAD") and not self.changes

    @property
    def as_agent(self) -> bool:
        """Whether the route takes an agent's token instead of a user's."""
        return self.path.startswith("/workspaceagents/me/")

    @property
    def on_agent(self) -> bool:
        """Whether the route is about one agent or their connections; its 401 never says why."""
        return self.path.startswith("/workspaceagents/") and not self.as_agent


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server answered.

    Attributes:
        method: of the request.
        path: of the request, relative to /api/v2.
        status: the HTTP status.
        headers: names in any case; cookies are left out.
        body: the whole body, decompressed.
    """

    method: str
    path: str
    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def request_id(self) -> str:
        """What to quote to the deployment's administrator; "" when the server gave none."""
        return tidy(self.headers.get("X-Coder-Request-Id", ""), 64)

    @property
    def date(self) -> datetime | None:
        """The server's clock when it answered, in UTC, to the second; None without a Date header that makes sense."""
        try:
            return parsedate_to_datetime(self.headers.get("Date", "")).astimezone(UTC)
        except (ValueError, OverflowError):
            return None

    @property
    def endpoint(self) -> str:
        """Method and path: "GET /api/v2/users/me"."""
        return f"{self.method} {API}{self.path}"

    @property
    def media_type(self) -> str:
        """The content type without its parameters, "" when there is none."""
        return tidy(self.headers.get("Content-Type", "").partition(";")[0], 100).lower()


def tidy(text: str, most: int) -> str:
    """A server's text as one line that is safe to print: no control characters, no escapes, and not for ever.

    >>> tidy("a\\x1b[31m\\n b", 80)
    'a [31m b'
    """
    clean = " ".join(
        re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", " ", text[: 4 * most]).split()
    )
    return clean if len(clean) <= most else f"{clean[: most - 1]}…"


def _text(value: QueryValue) -> str | int | float | Sequence[str | int]:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if value is not None else ""
