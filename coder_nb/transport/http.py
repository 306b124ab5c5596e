"""HTTP to one deployment: `Http.request` sends one call and gives a good answer, or raises one of coder_nb's errors.

The token goes out in one header, to this deployment only. Redirects are never followed, cookies never kept, and a call
that is declared to change something is not sent in a dry run.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar
from urllib.parse import urlsplit

from coder_nb.credentials.secret import Hidden, Secret, check_agent_token, check_session_token
from coder_nb.errors import (
    AuthenticationError,
    CoderError,
    ConfigurationError,
    ConfirmationRequired,
    NotFound,
    RateLimited,
)
from coder_nb.transport.events import EventStream
from coder_nb.transport.exchange import Answer, Call, QueryValue, tidy
from coder_nb.transport.limits import Limits
from coder_nb.transport.line import Duplex
from coder_nb.transport.refusals import not_a_stream, refused
from coder_nb.transport.retries import Retries
from coder_nb.transport.route import route_to
from coder_nb.transport.websocket import WebSocket
from coder_nb.transport.wire import Exchanges, Wire

__all__ = ["Answer", "Http", "Limits", "QueryValue"]

T = TypeVar("T")

DRY_RUN = "CODER_NB_RUN_MODE"
"""A variable that is `dry` while a runbook runs dry: for every connection of the process, and of what it starts."""

_LIMITS = Limits()
_PATH = re.compile(r"(/(?!(\.|%2[Ee]){1,2}(/|$))[A-Za-z0-9._~%!$&'()*+,;=:@-]+)+/?")


class Http:
    """HTTP to one deployment, for any number of threads at once.

    Args:
        url: the deployment's address.
        token: a user's session token, or an agent's for the routes below /workspaceagents/me; None to only ask for what
            needs none.
        ca: a PEM file or folder of CA certificates to trust instead of the usual ones.
        insecure: leave the server's certificate unchecked; said once through `notify`.
        limits: how long and how much.
        dry_run: refuse to send what is declared to change something; a runbook that runs dry refuses for all.
        notify: takes a line for people: waits, and what is not safe. None keeps quiet.
        wire: what carries the exchanges, instead of connections to `url`.
    Attributes:
        url: the deployment's address, without a final slash.
        wire: what carries the exchanges; who records them puts itself in between.
        dry_run, notify: as they were given.
        server_time: the server's clock in its latest answer, in UTC.
        server_version: the server's version as of its latest answer.
    Raises:
        ConfigurationError: a wrong address, or a proxy or CA file that cannot be used.
    """

    def __init__(
        self,
        url: str,
        token: Secret | None,
        *,
        ca: str | None = None,
        insecure: bool = False,
        limits: Limits = _LIMITS,
        dry_run: bool = False,
        notify: Callable[[str], None] | None = None,
        wire: Exchanges | None = None,
    ) -> None:
        unchecked = False
        if wire is None:
            route = route_to(url, ca=ca, insecure=insecure)
            url, wire, unchecked = route.url, Wire(route, limits), route.insecure
        self.url = url
        self.wire: Exchanges = wire
        self.server_time: datetime | None = None
        self.server_version: str | None = None
        self._token = token
        self._limits = limits
        self.dry_run = dry_run
        self.notify = notify or (lambda line: None)
        self._local = threading.local()
        if unchecked:
            self.notify(f"the certificate of {self.url} is not checked: anybody on the way could read your token")

    def __repr__(self) -> str:
        return f"Http({self.url!r})"

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
        patient: bool = False,
    ) -> Answer:
        """Send one call, again where `Retries` allows it, and give its answer.

        Args:
            method: GET, POST, PUT, PATCH or DELETE.
            path: relative to /api/v2, its segments quoted: "/users/me".
            query: parameters. None leaves one out, a sequence repeats it, a bool is true or false.
            body: anything `msgspec.json.encode` takes, with Secrets in it; None for no body.
            changes: whether this changes the deployment. Says what it does, not which method it uses.
            dials_agent: whether the server calls the agent first, which may take it 30 s.
            anonymous: whether to send it without the token.
            patient: whether the server answers only when something has happened, which `Limits.patient` bounds.
        Returns:
            A 2xx answer, with JSON or with an empty body.
        Raises:
            ConfigurationError: no token, or one of the wrong kind; nothing was sent.
            ConfirmationRequired: it would change something in a dry run; nothing was sent.
            ApiError: the server refused; the subclass says how.
            TransportError: it could not be reached, or not in time, or the connection broke.
            ProtocolError: it answered with something that is not the API's: a web page, a redirect, too much.
        """
        call = Call(method.upper(), path, query or {}, body, changes, dials_agent, anonymous, patient)
        answer = self._persist(call, self._once)
        for taken in self._taps():
            taken.append(answer)
        return answer

    def websocket(
        self,
        path: str,
        *,
        query: Mapping[str, QueryValue] | None = None,
        dials_agent: bool = False,
        anonymous: bool = False,
        changes: bool = False,
        ping: float | None = None,
    ) -> WebSocket:
        """Open a WebSocket, trying again where `Retries` allows it: a GET, and refused as any other.

        Args:
            path, query, dials_agent, anonymous, changes: as in `request`.
            ping: seconds of silence after which to ask whether the server is there; None where it asks itself.
        Returns:
            The open WebSocket, to be closed; `close` closes it too.
        Raises:
            ConfigurationError, ConfirmationRequired, ApiError, TransportError, ProtocolError: as in `request`.
        """
        call = Call("GET", path, query or {}, None, changes, dials_agent, anonymous)
        socket = WebSocket(self._persist(call, self._upgrade), call.endpoint, self._limits, ping=ping)
        self.wire.keep(socket)
        return socket

    def events(
        self,
        path: str,
        *,
        query: Mapping[str, QueryValue] | None = None,
        dials_agent: bool = False,
        anonymous: bool = False,
    ) -> EventStream:
        """Open a stream of server-sent events, trying again where `Retries` allows it.

        The server may have nothing to say, not even that it will, for 15 s: until its first ping.

        Args:
            path, query, dials_agent, anonymous: as in `request`.
        Returns:
            The open stream, to be closed; `close` closes it too.
        Raises:
            ConfigurationError, ApiError, TransportError, ProtocolError: as in `request`.
        """
        call = Call("GET", path, query or {}, None, False, dials_agent, anonymous)
        line, headers = self._persist(call, self._stream)
        stream = EventStream(line, headers, call.endpoint, self._limits)
        self.wire.keep(stream)
        return stream

    @contextmanager
    def tap(self) -> Iterator[list[Answer]]:
        """Collect every good answer this thread gets while inside, in order: what the server sent, word for word."""
        taken: list[Answer] = []
        self._taps().append(taken)
        try:
            yield taken
        finally:
            # By identity: two lists with the same answers are equal.
            self._local.taps = [other for other in self._taps() if other is not taken]

    def sends(self, token: Secret) -> bool:
        """Whether this is the token that goes out; case does not tell agents' tokens apart."""
        return self._token is not None and Hidden(self._token.reveal().lower()) == Hidden(token.reveal().lower())

    def pause(self, seconds: float) -> float:
        """Wait between two calls, waking at once on `close` and within 0.1 s of Ctrl-C.

        Returns:
            How many of the seconds were left out; 0 but where a recording is replayed.
        Raises:
            TransportError: closed meanwhile.
        """
        return self.wire.wait(seconds)

    def close(self) -> None:
        """Close every connection, and end calls that are under way in other threads. May be called twice."""
        self.wire.close()

    def _taps(self) -> list[list[Answer]]:
        taps: list[list[Answer]] = self._local.__dict__.setdefault("taps", [])
        return taps

    def _check(self, call: Call) -> None:
        """Refuse what must not be sent."""
        if not _PATH.fullmatch(call.path):
            raise ConfigurationError(f"not a path of the API: {tidy(call.path, 200)!r}", hint="quote each part of it")
        if call.changes and (self.dry_run or os.environ.get(DRY_RUN) == "dry"):
            raise ConfirmationRequired(
                f"dry run: {call.endpoint} was not sent", hint="leave out the dry run to send it"
            )
        if call.anonymous:
            return
        if self._token is None:
            raise ConfigurationError(f"no token for {self.url}", hint=f"%coder connect {self.url}")
        check = check_agent_token if call.as_agent else check_session_token
        check(self._token, f"{call.endpoint} at {self.url}")

    def _persist(self, call: Call, once: Callable[[Call], T]) -> T:
        """What every call goes through: refused before it is sent, or sent until `Retries` has enough."""
        self._check(call)
        retries = Retries(call, self._limits)
        while True:
            try:
                return once(call)
            except AuthenticationError as error:
                raise self._reason(error, call) from None
            except CoderError as error:
                pause = retries.pause_after(error)
                if pause is None:
                    raise
                if isinstance(error, RateLimited):
                    self.notify(f"{urlsplit(self.url).netloc} limits how often it may be asked: waiting {pause:.0f} s")
            self.wire.wait(pause)

    def _once(self, call: Call) -> Answer:
        return self._good(self.wire.send(call, self._credential(call)), call)

    def _upgrade(self, call: Call) -> Duplex:
        line = self.wire.upgrade(call, self._credential(call))
        if not isinstance(line, Answer):
            return line
        raise not_a_stream(self._good(line, call), "a WebSocket", self.url)

    def _stream(self, call: Call) -> tuple[Duplex, Mapping[str, str]]:
        opened = self.wire.stream(call, self._credential(call))
        if isinstance(opened, tuple):
            return opened
        raise not_a_stream(self._good(opened, call), "a stream of events", self.url)

    def _credential(self, call: Call) -> Secret | None:
        return None if call.anonymous else self._token

    def _good(self, answer: Answer, call: Call) -> Answer:
        """The answer, if it is no refusal."""
        self.server_time = answer.date or self.server_time
        self.server_version = tidy(answer.headers.get("X-Coder-Build-Version", ""), 100) or self.server_version
        error = refused(answer, call, self.url, self._token)
        if error is not None:
            raise error
        return answer

    def _reason(self, error: AuthenticationError, call: Call) -> AuthenticationError:
        """A 401 with its reason: routes of an agent give none, so the user's own route is asked once."""
        if call.anonymous or not call.on_agent:
            return error
        try:
            self._once(Call("GET", "/users/me"))
        except AuthenticationError as reason:
            error.message, error.detail, error.hint = reason.message, reason.detail, reason.hint
        except NotFound:
            error.hint = f"the token is only good for apps; sign in with a whole one: %coder connect {self.url}"
        except CoderError:
            pass
        return error
