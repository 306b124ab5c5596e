"""The agent's own side: what a process inside a workspace may ask and say with the agent's token. `api.me`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from coder_nb.api.envelopes import from_event
from coder_nb.api.resource import Record, Resource, decode
from coder_nb.api.stream import Stream
from coder_nb.credentials import Hidden, Secret

__all__ = ["EXTERNAL", "AgentLine", "ExternalAuth", "GitSshKey", "Me", "NewLogSource", "Reinit"]

EXTERNAL = "3b579bf4-1ed8-4b99-87a8-e9a1e3410410"
"""The log source of lines that name none."""


class ExternalAuth(Record, frozen=True, kw_only=True):
    """A token for a service outside Coder. While nobody has logged in, only `url` is set: where to do so.

    Where the user's name is a secret, it is the token again."""

    access_token: Secret
    url: str = ""
    type: str = ""
    username: Hidden = Hidden("")
    password: Secret = Secret("")


class GitSshKey(Record, frozen=True, kw_only=True):
    """The owner's SSH key for git: a line for authorized_keys, and OpenSSH's private form."""

    public_key: str
    private_key: Secret


class NewLogSource(Record, frozen=True, kw_only=True):
    """A log source as it was sent; one that was there already keeps the name it had."""

    workspace_agent_id: str
    id: str
    display_name: str
    created_at: datetime
    icon: str = ""


class AgentLine(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A line to store, without line breaks. `level` "" means info; the server puts its own time to it all the same."""

    output: str
    level: str = ""
    created_at: datetime | None = None


class Reinit(Record, frozen=True, kw_only=True):
    """A user has claimed the prebuilt workspace this agent is in."""

    workspace_id: str = msgspec.field(name="WorkspaceID")
    reason: str = ""


class Me(Resource):
    """Calls with an agent's token.

    Each raises AuthenticationError where the token is not one of an agent in the latest build of its workspace.
    """

    def external_auth(self, *, match: str | None = None, id: str | None = None, listen: bool = False) -> ExternalAuth:
        """The owner's token for an outside service; exactly one of `match` and `id` is to be given.

        Args:
            match: a URL or text that the service's pattern matches.
            id: the service's id in the deployment's configuration.
            listen: wait, without any limit of time, until the owner has logged in. Something on the way may cut a
                connection that is silent for so long: then it is a TransportError, and to be asked again.
        Raises:
            Invalid: neither, or both.
            NotFound: no such service is configured.
            PermissionDenied: the agent may not read its owner's data.
        Endpoint: GET /workspaceagents/me/external-auth
        """
        return self._auth("external-auth", match, id, listen)

    def gitauth(self, *, match: str | None = None, id: str | None = None, listen: bool = False) -> ExternalAuth:
        """`external_auth` under its old name, for a server that has no other.

        Endpoint: GET /workspaceagents/me/gitauth
        """
        return self._auth("gitauth", match, id, listen)

    def git_ssh_key(self) -> GitSshKey:
        """The owner's SSH key pair for git.

        Raises:
            PermissionDenied: the agent may not read its owner's data.
        Endpoint: GET /workspaceagents/me/gitsshkey
        """
        return self._get(GitSshKey, "/workspaceagents/me/gitsshkey")

    def patch_app_status(self, *, app_slug: str, state: str, message: str = "", uri: str = "") -> None:
        """Says what an app is doing.

        Args:
            state: working, idle, complete or failure.
            message: at most 160 bytes of UTF-8; tags, escapes and repeated blanks are not kept.
            uri: where to look for more; kept as it is.
        Raises:
            Invalid: no app of that slug, the message is too long, or no such state.
        Endpoint: PATCH /workspaceagents/me/app-status
        """
        self._send("app-status", {"app_slug": app_slug, "state": state, "message": message, "uri": uri})

    def patch_logs(self, lines: Sequence[AgentLine], *, log_source_id: str | None = None) -> None:
        """Stores log lines, all or none.

        Args:
            lines: at least one. Of each, 1,024 characters are kept.
            log_source_id: a registered source; None for `EXTERNAL`. Lines of an unknown one have no name.
        Raises:
            TooLarge: the agent's quota of 1 MiB would be exceeded; nothing was stored.
            Invalid: no lines, or a level that does not exist.
            ServerError: a line holds a NUL.
        Endpoint: PATCH /workspaceagents/me/logs
        """
        source = {"log_source_id": log_source_id} if log_source_id else {}
        self._send("logs", {**source, "logs": list(lines)})

    def create_log_source(self, *, id: str, display_name: str, icon: str = "") -> NewLogSource:
        """Registers a log source; registering an id again changes nothing.

        Args:
            id: a uuid of one's own choice.
            display_name: at most 127 characters are kept.
            icon: a path such as `/emojis/1f4d3.png`, or a URL.
        Endpoint: POST /workspaceagents/me/log-source
        """
        body = {"id": id, "display_name": display_name, "icon": icon}
        answer = self._http.request("POST", "/workspaceagents/me/log-source", body=body, changes=True)
        return decode(answer, NewLogSource)

    def watch_reinit(self) -> Stream[Reinit]:
        """Tells when a user claims the prebuilt workspace this agent is in: then things are to be set up for them.

        The server sends nothing at all for the first 15 s, so this may return only then. No claim is told twice.

        Endpoint: GET /workspaceagents/me/reinit
        """
        events = self._http.events("/workspaceagents/me/reinit")
        return Stream(events, from_event(Reinit, events.endpoint))

    def _auth(self, route: str, match: str | None, id: str | None, listen: bool) -> ExternalAuth:
        # A flag: the server only looks whether it is there.
        query = {"match": match, "id": id, "listen": "" if listen else None}
        answer = self._http.request("GET", f"/workspaceagents/me/{route}", query=query, patient=listen)
        return decode(answer, ExternalAuth)

    def _send(self, route: str, body: dict[str, Any]) -> None:
        self._http.request("PATCH", f"/workspaceagents/me/{route}", body=body, changes=True)
