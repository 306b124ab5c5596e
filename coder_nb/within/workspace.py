"""`inside()`: this process as its agent: logins outside, git's key, log lines, what an app is doing, claims.

It speaks with the agent's token only, so it sees no workspace, not even its own.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from coder_nb import look
from coder_nb.api import Api, me
from coder_nb.closing import Closing
from coder_nb.credentials import Credentials
from coder_nb.credentials.sources import Environment
from coder_nb.errors import InvalidCommand, NotFound
from coder_nb.transport.http import Http, Limits
from coder_nb.within.external_auth import ExternalAuth, until_logged_in
from coder_nb.within.lines import check_level, source_id, split
from coder_nb.within.log_source import LogSource
from coder_nb.within.reinit import ReinitWatch
from coder_nb.within.ssh_key import SSHKey
from coder_nb.within.whose import Cloud, resolve

if TYPE_CHECKING:
    from coder_nb.rpc.dialling import Rpc

__all__ = ["STATES", "Inside", "inside"]

STATES = ("working", "idle", "complete", "failure")
MESSAGE_BYTES = 160


def inside(
    identity: Cloud | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    metadata: str | None = None,
    ca: str | None = None,
    insecure: bool = False,
    notify: Callable[[str], None] | None = None,
) -> Inside:
    """This process as the agent of the workspace it runs in.

    >>> me = coder_nb.inside()  # doctest: +SKIP
    >>> me.external_auth(match="github.com")  # doctest: +SKIP
    ExternalAuth github.com: logged in (github), token ****

    CODER_AGENT_URL names the deployment; the token is CODER_AGENT_TOKEN, in the file CODER_AGENT_TOKEN_FILE, or given
    for the machine's identity.

    Args:
        identity: `aws`, `azure` or `google`: use the word of this machine's cloud, whatever the environment holds.
        environ: the environment; None for this process's own.
        metadata: the address of the cloud's metadata service; None for the cloud's own.
        ca: path of a PEM file with the certificates to trust.
        insecure: accept any certificate.
        notify: is told what a person should know, such as where to log in; None for standard error.
    Raises:
        ConfigurationError: not inside a workspace, no token, no metadata service.
        AuthenticationError: the deployment does not believe the identity.
        NotFound: no agent has this instance.
    Endpoint: none; with an identity POST /workspaceagents/{cloud}-instance-identity
    """
    credentials = resolve(identity, environ=environ, metadata=metadata, ca=ca, insecure=insecure)
    variables = Environment(environ)
    names = {what: variables.get(f"CODER_WORKSPACE_{what}") for what in ("OWNER_NAME", "NAME", "AGENT_NAME")}
    title = f"{names['OWNER_NAME']}/{names['NAME']}.{names['AGENT_NAME']}" if all(names.values()) else ""
    return Inside(credentials, title=title, notify=notify or _say)


class Inside(Closing):
    """A process inside a workspace, as its agent.

    Attributes:
        api: the typed endpoints; of these only `api.me` takes this token.
        credentials: the deployment and where the token came from; never shows it.
        title: `owner/workspace.agent` where the environment tells, else "".
    """

    def __init__(self, credentials: Credentials, *, title: str = "", notify: Callable[[str], None] = print) -> None:
        self.credentials = credentials
        self.title = title
        self.api = Api(self._http())
        self._notify = notify
        self._open: list[LogSource | ReinitWatch] = []

    def close(self) -> None:
        """Closes what was opened here and ends the connection; a second time does nothing."""
        while self._open:
            self._open.pop().close()
        self.api.http.close()

    @cached_property
    def rpc(self) -> Rpc:
        """`rpc.agent()`: what the deployment tells an agent of itself; refused for the agent of this very process."""
        from coder_nb.rpc.dialling import Rpc

        return Rpc(self.api.http)

    def __repr__(self) -> str:
        texts = (f"{label} {text}" if label == "token from" else text for label, text in self._rows())
        return look.visible("Inside " + ", ".join(texts))

    def _repr_html_(self) -> str:
        return look.pairs(self._rows())

    def _rows(self) -> list[tuple[str, str]]:
        url = urlsplit(self.credentials.url)
        rows = [("inside", self.title), ("of", url.netloc), ("token from", self.credentials.source)]
        return [row for row in rows if row[1]]

    def external_auth(
        self, *, match: str | None = None, id: str | None = None, wait: bool = False, timeout: float | None = None
    ) -> ExternalAuth:
        """The owner's login at a service outside; exactly one of `match` and `id` must be given.

        Args:
            match: a URL or text the service is configured for, such as `github.com`.
            id: the service's id in the deployment's configuration.
            wait: where nobody has logged in, tell where to, and wait until somebody has; Ctrl-C ends that.
            timeout: seconds to wait at most; None for as long as it takes.
        Returns:
            the login, or without `wait` the link where there is none; `.logged_in` tells.
        Raises:
            InvalidCommand: neither, or both.
            NotFound: no such service is configured.
            TransportError: nobody has logged in within `timeout`.
        Endpoint: GET /workspaceagents/me/external-auth
        """
        if bool(match) == bool(id):
            raise InvalidCommand("a service is named by match or by id, one of the two", hint="match='github.com'")
        record = self._login(self.api, match, id)
        if wait and record.url:
            self._notify(f"waiting for a login: open {look.visible(record.url)}")
            record = until_logged_in(
                lambda seconds: self._patiently(match, id, seconds), url=look.visible(record.url), timeout=timeout
            )
        return ExternalAuth(record, match=match, id=id)

    def git_ssh_key(self) -> SSHKey:
        """The owner's SSH key for git.

        Endpoint: GET /workspaceagents/me/gitsshkey
        """
        return SSHKey(self.api.me.git_ssh_key())

    def app_status(self, state: str, message: str = "", *, app: str, link: str = "") -> None:
        """Says what an app is doing; the dashboard shows it beside the workspace.

        Args:
            state: working, idle, complete or failure.
            message: at most 160 bytes of UTF-8.
            app: the slug of the app.
            link: where to look for more.
        Raises:
            InvalidCommand: no such state, or the message is too long; nothing was sent.
            Invalid: the agent has no such app.
        Endpoint: PATCH /workspaceagents/me/app-status
        """
        if state not in STATES:
            raise InvalidCommand(f"no such state: {state!r}", hint=f"one of {', '.join(STATES)}")
        size = len(message.encode("utf-8", "replace"))
        if size > MESSAGE_BYTES:
            raise InvalidCommand(
                f"the message has {size} bytes, which is too long", hint=f"at most {MESSAGE_BYTES} bytes of UTF-8"
            )
        self.api.me.patch_app_status(app_slug=app, state=state, message=message, uri=link)

    def say(self, message: str, *, level: str = "info", source: str | None = None) -> None:
        """Writes into the agent's log, at once; for many lines take `log_source`.

        Args:
            message: one or more lines.
            level: trace, debug, info, warn or error.
            source: the name of the log source; None for the one called External.
        Raises:
            InvalidCommand: no such level.
            TooLarge: the agent's log is full.
        Endpoint: PATCH /workspaceagents/me/logs, POST /workspaceagents/me/log-source
        """
        check_level(level)
        lines = [me.AgentLine(output=text, level=level) for text in split(message)]
        if source is not None:
            self.api.me.create_log_source(id=source_id(source), display_name=source)
        self.api.me.patch_logs(lines, log_source_id=None if source is None else source_id(source))

    def log_source(self, name: str, *, icon: str = "") -> LogSource:
        """A log source of one's own; lines go to the agent's log in the background.

        Args:
            name: as the log panel shows it; the same name is the same source, in another process too.
            icon: a path such as `/emojis/1f319.png`, or a URL.
        Endpoint: POST /workspaceagents/me/log-source, PATCH /workspaceagents/me/logs
        """
        api = Api(self._http())
        try:
            source = LogSource(api, name, icon=icon, notify=self._notify)
        except BaseException:
            api.http.close()
            raise
        self._open.append(source)
        return source

    def on_reinit(self, callback: Callable[[me.Reinit], object]) -> ReinitWatch:
        """Calls back whenever a user claims this prebuilt workspace, in a thread, until the watch is closed.

        Args:
            callback: is given the claim: `.workspace_id` and `.reason`.
        Endpoint: GET /workspaceagents/me/reinit
        """
        watch = ReinitWatch(Api(self._http()), callback, notify=self._notify)
        self._open.append(watch)
        return watch

    def _http(self, limits: Limits = Limits()) -> Http:  # noqa: B008 - frozen
        own = self.credentials
        return Http(own.url, own.token, ca=own.ca, insecure=own.insecure, limits=limits)

    def _login(self, api: Api, match: str | None, id: str | None, *, listen: bool = False) -> me.ExternalAuth:
        try:
            return api.me.external_auth(match=match, id=id, listen=listen)
        except NotFound as error:
            # A server that lacks the route says so in other words than one that lacks the service.
            if not error.message.lower().startswith("route"):
                error.hint = "ask the deployment's administrator which services are configured"
                raise
            return api.me.gitauth(match=match, id=id, listen=listen)

    def _patiently(self, match: str | None, id: str | None, seconds: float) -> me.ExternalAuth:
        """One attempt at waiting, over a connection of its own."""
        api = Api(self._http(Limits(patient=seconds)))
        try:
            return self._login(api, match, id, listen=True)
        finally:
            api.http.close()


def _say(line: str) -> None:
    print(line, file=sys.stderr)
