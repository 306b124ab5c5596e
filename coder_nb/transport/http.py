"""HTTP to one deployment: `Http.request` sends one call and gives its answer, or raises one of coder_nb's errors."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode

import msgspec
import urllib3

from coder_nb.credentials import Secret
from coder_nb.errors import ConfirmationRequired, ProtocolError, TransportError, api_error

__all__ = ["Answer", "Http", "Limits", "QueryValue"]

QueryValue = str | int | float | bool | None | Sequence[str | int]


@dataclass(frozen=True)
class Limits:
    """How long and how much."""

    connect: float = 5.0
    read: float = 30.0
    dial: float = 45.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    method: str
    path: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def request_id(self) -> str:
        """What to quote to the deployment's administrator; "" when the server gave none."""
        return self.headers.get("X-Coder-Request-Id", "")

    @property
    def date(self) -> datetime | None:
        """The server's clock, from the Date header."""
        text = self.headers.get("Date")
        return parsedate_to_datetime(text).astimezone(UTC) if text else None

    @property
    def endpoint(self) -> str:
        """Method and path: "GET /api/v2/users/me"."""
        return f"{self.method} /api/v2{self.path}"


class Http:
    """HTTP to one deployment."""

    def __init__(
        self,
        url: str,
        token: Secret | None,
        *,
        ca: str | None = None,
        insecure: bool = False,
        limits: Limits = Limits(),
        dry_run: bool = False,
        notify: Callable[[str], None] | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self.server_time: datetime | None = None
        self.server_version: str | None = None
        self._token, self._limits, self._dry_run = token, limits, dry_run
        self._pool = urllib3.PoolManager(maxsize=32)
        self._taps = threading.local()

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, QueryValue] | None = None,
        body: object = None,
        changes: bool = False,
        dials_agent: bool = False,
        anonymous: bool = False,
    ) -> Answer:
        """Send one request."""
        if changes and self._dry_run:
            raise ConfirmationRequired(f"dry run: {method} /api/v2{path} was not sent")
        given = {key: value for key, value in (query or {}).items() if value is not None}
        url = f"{self.url}/api/v2{path}" + (f"?{urlencode(given, doseq=True)}" if given else "")
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        if self._token and not anonymous:
            headers["Coder-Session-Token"] = self._token.reveal()
        try:
            response = self._pool.request(
                method,
                url,
                headers=headers,
                body=None if body is None else msgspec.json.encode(body),
                redirect=False,
                retries=False,
                timeout=urllib3.Timeout(connect=self._limits.connect, read=self._limits.dial if dials_agent else self._limits.read),
            )
        except urllib3.exceptions.HTTPError as error:
            raise TransportError(f"could not reach {self.url}: {type(error).__name__}") from None
        answer = Answer(method, path, response.status, response.headers, response.data)
        self.server_time = answer.date or self.server_time
        self.server_version = response.headers.get("X-Coder-Build-Version", self.server_version)
        if not 200 <= answer.status < 300:
            try:
                said = msgspec.json.decode(answer.body)
            except msgspec.DecodeError:
                said = {}
            raise api_error(answer.status)(
                str(said.get("message", response.reason)),
                status=answer.status,
                detail=str(said.get("detail", "")),
                request_id=answer.request_id,
                endpoint=answer.endpoint,
            )
        if answer.body and not response.headers.get("Content-Type", "").startswith("application/json"):
            raise ProtocolError(f"{answer.endpoint} answered with something else than JSON")
        for taken in getattr(self._taps, "stack", ()):
            taken.append(answer)
        return answer

    @contextmanager
    def tap(self) -> Iterator[list[Answer]]:
        """Every successful answer of this thread while inside."""
        stack = self._taps.__dict__.setdefault("stack", [])
        taken: list[Answer] = []
        stack.append(taken)
        try:
            yield taken
        finally:
            stack.remove(taken)

    def close(self) -> None:
        """Close every connection."""
        self._pool.clear()
