"""A connection to one deployment: who we are there, its workspaces, and the names that lead to agents.

A name costs one request; what it led to is kept for 30 s. Closing is idempotent.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from weakref import WeakSet

from coder_nb import frames, look
from coder_nb.api import Api
from coder_nb.api import workspaces as records
from coder_nb.api.agents import WorkspaceAgent
from coder_nb.api.resource import happened
from coder_nb.api.users import User
from coder_nb.client.agent import Agent
from coder_nb.client.claims import Claims
from coder_nb.client.coder_following import CoderFollowing
from coder_nb.client.coder_tunnels import CoderTunnels
from coder_nb.client.feeds import Feeds
from coder_nb.client.names import Target, parse, suggest
from coder_nb.client.network import Network, network
from coder_nb.client.recording import CoderRecording
from coder_nb.client.waiting import Tell
from coder_nb.client.whoami import Whoami
from coder_nb.client.workspace import Workspace
from coder_nb.closing import Closing
from coder_nb.credentials import Credentials
from coder_nb.errors import CoderError, Invalid, NotFound
from coder_nb.remote.kept import KeptLines
from coder_nb.transport.http import Http

if TYPE_CHECKING:
    from datetime import datetime

    from pandas import DataFrame

    from coder_nb.remote.attachment import Attachment

__all__ = ["Coder"]

KEPT = 30.0
"""Seconds for which a resolved name is used again."""


class Coder(CoderFollowing, CoderRecording, CoderTunnels, Closing):
    """A connection to one deployment, as one user.

    Attributes:
        api: the typed endpoints.
        credentials: where we are connected and how we authenticated; never shows the token.
        deployment: what it is called: "demo", or host and port.
    """

    def __init__(self, http: Http, credentials: Credentials, *, deployment: str | None = None) -> None:
        super().__init__()
        self.api = Api(http)
        self.credentials = credentials
        self.deployment = deployment or urlsplit(credentials.url).netloc
        self._kept: dict[tuple[str, str], tuple[float, records.Workspace]] = {}
        self._names: dict[str, records.Workspace] = {}
        self._user: User | None = None
        self._wildcard: tuple[str, str] | None = None
        self._lock = threading.Lock()
        self._lines = KeptLines()
        self._feeds = Feeds()
        self._terminals: WeakSet[Attachment] = WeakSet()

    def close(self) -> None:
        """Ends the connection; a second time does nothing."""
        self._feeds.close()
        for held in [*self._terminals, *self._tunnels, *self._relays]:
            held.close()
        self._lines.close()
        self.api.http.close()
        self._feeds.join()
        self._end_recording()

    def __repr__(self) -> str:
        user = f" as {self._user.username}" if self._user else ""
        return f"Coder {self.deployment}{user}, server {self._version}, token from {self.credentials.source}"

    def _repr_html_(self) -> str:
        user = self._user.username if self._user else "?"
        rows = [
            ("connected to", self.deployment),
            ("as", user),
            ("server", self._version),
            ("token from", self.credentials.source),
        ]
        return look.pairs(rows)

    @property
    def url(self) -> str:
        """The deployment's address, without a final slash."""
        return self.api.http.url

    @property
    def _version(self) -> str:
        return self.api.http.server_version or "?"

    def user(self) -> User:
        """The user this connection acts as; asked once.

        Raises:
            AuthenticationError: the token is not good; the error says why.
        Endpoint: GET /users/me
        """
        if self._user is None:
            self._user = self.api.users.me()
        return self._user

    def whoami(self) -> Whoami:
        """User, deployment, server version, where the token came from and when it expires.

        Endpoint: GET /users/me, GET /buildinfo, GET /users/{user}/keys/{id}
        """
        self._user = user = self.api.users.me()
        build = self.api.deployment.buildinfo()
        return Whoami(
            user=user,
            url=self.api.http.url,
            version=build.version,
            source=self.credentials.source,
            expires=self._expiry(),
        )

    def _expiry(self) -> datetime | None:
        if self.credentials.token is None:
            return None
        try:
            # The first part of a session token is its public id.
            key = self.api.users.key("me", self.credentials.token.reveal().partition("-")[0])
        except CoderError:
            return None
        return happened(key.expires_at)

    def workspaces(self, q: str = "") -> DataFrame:
        """The workspaces this user can see.

        Args:
            q: Coder's query language: `owner:me status:running template:gpu outdated:true name:web`.
        Returns:
            a frame, a row a workspace: name, owner, status, health, outdated, template, agent, agent_status, lifecycle,
            build, last_used, created, id.
        Raises:
            Invalid: the query has an unknown key or value.
        Endpoint: GET /workspaces
        """
        found = list(self.api.workspaces.iterate(q))
        self._learn(found)
        return frames.workspaces(found, attrs=self._attrs())

    def workspace(self, name: str) -> Workspace:
        """One workspace.

        Args:
            name: `dev`, `ada/dev`, or its uuid; an agent's part is ignored.
        Raises:
            NotFound: nothing of that name is visible; the hint names the nearest.
            InvalidCommand: not a name.
        Endpoint: GET /users/{user}/workspace/{name}, or GET /workspaces/{id}
        """
        target = parse(name)
        record = self._by_uuid(target.uuid) if target.uuid else self._by_name(target)
        return Workspace(self, record)

    def agent(self, name: str, *, build: int | None = None) -> Agent:
        """One agent: what logs, ports and containers belong to.

        Args:
            name: `dev` (its only agent; dev containers' agents do not count), `dev.main`, `ada/dev.main`, or the uuid
                of an agent or a workspace.
            build: the agent of that build; a negative number counts starts back from the latest, so -1 is the one
                before it. None means the latest start, of a stopped workspace too.
        Raises:
            NotFound: no such workspace, agent or build, or there are several agents; the hint names them.
            AgentUnavailable: the workspace has no agent yet: its build is under way, or failed.
            InvalidCommand: not a name.
        Endpoint: GET /users/{user}/workspace/{name}, or GET /workspaceagents/{id}
        """
        target = parse(name)
        if target.uuid is None:
            return self.workspace(name).agent(target.agent, build=build)
        record = self._agent_by_uuid(target.uuid)
        if record is None:
            return self.workspace(target.uuid).agent(None, build=build)
        workspace = self._workspace_of(record)
        if build is not None and workspace is not None:
            return workspace.agent(record.name, build=build)
        return Agent(self, record, workspace)

    def run_all(
        self,
        agents: str | Iterable[str | Agent] | DataFrame,
        script: str,
        *,
        at_once: int = 16,
        tell: Tell | None = None,
        **how: Any,
    ) -> DataFrame:
        """Runs one script in many workspaces.

        What goes wrong in one is a row, not an exception: stopped workspaces, names that lead nowhere, exit codes.
        Ctrl-C keeps what is done: what runs is ended, what has not begun is marked. A second one is raised.

        >>> df = coder.run_all("owner:me status:running", "nvidia-smi -L")  # doctest: +SKIP
        >>> coder.run_all(df[df.status != "ok"], "nvidia-smi -L")  # doctest: +SKIP

        Args:
            agents: a query as `workspaces` takes it; names or agents; or a frame of workspaces, or of this method's.
            script: as with `Agent.run`.
            at_once: how many at a time.
            tell: is told how far it is.
            how: shell, cwd, env, input, container, user and timeout, as with `Agent.run`.
        Returns:
            a frame, a row an agent: workspace, agent, status (ok, failed, timed_out, unavailable: nothing was run;
            unknown: the line was lost, or Ctrl-C ended it; not_run), code, seconds, output, error.
        Raises:
            Invalid: a query or an argument that cannot be.
        Endpoint: GET /workspaceagents/{id}/pty
        """
        from coder_nb.client.fleet import run_all

        return run_all(self, agents, script, at_once=at_once, tell=tell, how=how)

    def network(self) -> Network:
        """How agents of this deployment are reached: relays, and whether direct connections are allowed.

        Endpoint: GET /workspaceagents/connection
        """
        return network(self.deployment, self.api.connection.generic(), None, attrs=self._attrs())

    def debug_link(self, user: str = "me", *, show: bool = False) -> Claims:
        """What the identity provider said of a user who signs in by OpenID Connect.

        Args:
            user: user name, uuid or `me`.
            show: show personal data too; else only names of claims and what is no personal data.
        Raises:
            PermissionDenied: only owners of the deployment may see this.
            Invalid: no such user, or one that does not sign in that way.
        Endpoint: GET /debug/{user}/debug-link
        """
        link = self.api.deployment.debug_link(user)
        return Claims(self.user().username if user == "me" else user, link, show)

    def names(self) -> list[str]:
        """What can be typed as a name here, from what earlier calls have seen; never asks the server."""
        with self._lock:
            known = list(self._names.values())
        mine = self._user.username if self._user else ""
        found: list[str] = []
        for workspace in known:
            name = workspace.name if workspace.owner_name == mine else f"{workspace.owner_name}/{workspace.name}"
            found.append(name)
            found += [f"{name}.{agent.name}" for agent in workspace.latest_build.agents]
        return found

    def _now(self) -> datetime:
        now = self.api.http.server_time
        if now is None:  # A proxy may strip Date; then our own clock is the best there is.
            from datetime import UTC, datetime

            return datetime.now(UTC)
        return now

    def _attrs(self, **more: str | int) -> dict[str, str | int]:
        at = self.api.http.server_time
        return {"deployment": self.deployment, **more, "fetched_at": at.isoformat() if at else ""}

    def _learn(self, found: Iterable[records.Workspace]) -> None:
        with self._lock:
            self._names.update((workspace.id, workspace) for workspace in found)

    def _forget(self, workspace: records.Workspace) -> None:
        """Drops what was kept of a workspace, so that its next name costs a request and is fresh."""
        with self._lock:
            self._kept = {key: kept for key, kept in self._kept.items() if kept[1].id != workspace.id}

    def _by_name(self, target: Target) -> records.Workspace:
        key = (target.owner.lower(), target.workspace.lower())
        with self._lock:
            at, kept = self._kept.get(key, (0.0, None))
        if kept is not None and time.monotonic() - at < KEPT:
            return kept
        try:
            found = self.api.workspaces.by_name(target.owner, target.workspace)
        except (NotFound, Invalid) as error:
            raise self._unknown(target, error) from None
        self._learn([found])
        with self._lock:
            self._kept[key] = (time.monotonic(), found)
        return found

    def _unknown(self, target: Target, error: NotFound | Invalid) -> NotFound:
        """The error for a name that led nowhere, with the nearest names in its hint."""
        if target.owner != "me" and isinstance(error, Invalid):
            message, hint = f"no user {target.owner!r} that you can see", "%coder ls lists all"
        else:
            message = f"no workspace {str(target).partition('.')[0]!r} that you can see"
            hint = suggest(target.workspace, self._names_of(target.owner), "%coder ls lists all")
        return NotFound(f"{message} on {self.deployment}", status=error.status, hint=hint)

    def _names_of(self, owner: str) -> dict[str, str]:
        """An owner's workspaces by name, and how to type each; one request, made only once a name was wrong."""
        with contextlib.suppress(CoderError):
            self._learn(self.api.workspaces.iterate(f"owner:{owner}"))
        mine = owner == "me"
        owner = self.user().username if mine else owner
        with self._lock:
            known = [workspace.name for workspace in self._names.values() if workspace.owner_name == owner]
        return {name: name if mine else f"{owner}/{name}" for name in sorted(known)}

    def _by_uuid(self, uuid: str) -> records.Workspace:
        return self.api.workspaces.get(uuid)

    def _agent_by_uuid(self, uuid: str) -> WorkspaceAgent | None:
        try:
            return self.api.agents.get(uuid)
        except NotFound:
            return None

    def _workspace_of(self, agent: WorkspaceAgent) -> Workspace | None:
        """The workspace of an agent known by its uuid only: no endpoint tells, so we look through the visible ones."""
        for again in (False, True):
            if again:
                self._learn(self.api.workspaces.iterate())
            with self._lock:
                known = list(self._names.values())
            for workspace in known:
                if any(other.id == agent.id for other in workspace.latest_build.agents):
                    return Workspace(self, workspace)
        return None

    def _relay(self) -> tuple[str, str]:
        """Base address of path apps and the wildcard host; asked once."""
        if self._wildcard is None:
            regions = self.api.deployment.regions()
            region = next((region for region in regions if region.name == "primary"), regions[0] if regions else None)
            base = (region.path_app_url if region else "") or self.api.http.url
            self._wildcard = (base.rstrip("/"), region.wildcard_hostname if region else "")
        return self._wildcard
