"""Every endpoint of the deployment, on one page: method, path under /api/v2, who may call, and what answers.

A pattern that ends with a slash is the root of a collection: it matches with and without it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Literal
from urllib.parse import unquote

from coder_nb.embedded.calls import (
    agents,
    builds,
    deployment,
    identity,
    me,
    pty,
    rpc,
    streams,
    tokens,
    users,
    workspaces,
)
from coder_nb.embedded.http.exchange import Reply, Request
from coder_nb.embedded.site import Site

__all__ = ["PREFIX", "ROUTES", "Route", "match"]

PREFIX: Final = "/api/v2"

Call = Callable[[Site, Request], Reply | Awaitable[Reply]]
Who = Literal["anybody", "user", "user or proxy", "agent"]


@dataclass(frozen=True)
class Route:
    """One endpoint."""

    method: str
    pattern: str
    who: Who
    call: Call

    @property
    def segments(self) -> list[str]:
        """The parts of its path."""
        return [part for part in self.pattern.split("/") if part]

    def parts(self, segments: list[str], *, slash: bool) -> dict[str, str] | None:
        """The values of the placeholders, None where the path is another one."""
        mine = self.segments
        if len(mine) != len(segments) or (slash and not self.pattern.endswith("/")):
            return None
        values = {}
        for pattern, text in zip(mine, segments, strict=True):
            if pattern.startswith("{"):
                values[pattern[1:-1]] = text
            elif pattern != text:
                return None
        return values


ROUTES: Final = (
    Route("GET", "/", "anybody", deployment.greeting),
    Route("GET", "/buildinfo", "anybody", deployment.buildinfo),
    Route("GET", "/updatecheck", "anybody", deployment.update_check),
    Route("GET", "/applications/host", "user", deployment.applications_host),
    Route("GET", "/regions", "user", deployment.regions),
    Route("GET", "/deployment/ssh", "user", deployment.ssh_settings),
    Route("GET", "/experiments/", "user", deployment.experiments),
    Route("GET", "/experiments/available", "user", deployment.available_experiments),
    Route("GET", "/organizations/", "user", deployment.organizations),
    Route("GET", "/organizations/{organization}/", "user", deployment.organization),
    Route("GET", "/organizations/{organization}/templates/", "user", deployment.templates),
    Route("GET", "/organizations/{organization}/templates/{name}/", "user", deployment.template_by_name),
    Route("GET", "/templates/", "user", deployment.templates),
    Route("GET", "/templates/{template}/", "user", deployment.template),
    Route("GET", "/tailnet", "user", rpc.tailnet),
    Route("GET", "/derp-map", "anybody", streams.derp_map),
    Route("GET", "/debug/{user}/debug-link", "user", users.debug_link),
    Route("GET", "/users/first", "anybody", users.first),
    Route("GET", "/users/authmethods", "anybody", users.auth_methods),
    Route("POST", "/users/login", "anybody", users.login),
    Route("POST", "/users/logout", "user", users.logout),
    Route("GET", "/users/{user}/", "user", users.user),
    Route("POST", "/users/{user}/keys/", "user", tokens.create_key),
    Route("GET", "/users/{user}/keys/tokens/", "user", tokens.tokens),
    Route("POST", "/users/{user}/keys/tokens/", "user", tokens.create_token),
    Route("GET", "/users/{user}/keys/tokens/tokenconfig", "user", tokens.token_config),
    Route("GET", "/users/{user}/keys/tokens/{name}/", "user", tokens.token),
    Route("GET", "/users/{user}/keys/{key}/", "user", tokens.key),
    Route("DELETE", "/users/{user}/keys/{key}/", "user", tokens.delete_key),
    Route("GET", "/users/{user}/workspace/{name}/", "user", workspaces.workspace_by_name),
    Route("GET", "/users/{user}/workspace/{name}/builds/{number}", "user", builds.build_by_number),
    Route("GET", "/workspaces/", "user", workspaces.workspaces),
    Route("GET", "/workspaces/{workspace}/", "user", workspaces.workspace),
    Route("GET", "/workspaces/{workspace}/timings", "user", workspaces.timings),
    Route("GET", "/workspaces/{workspace}/watch", "user", streams.watch_workspace),
    Route("GET", "/workspaces/{workspace}/watch-ws", "user", streams.watch_workspace_ws),
    Route("GET", "/workspaces/{workspace}/builds/", "user", builds.builds),
    Route("POST", "/workspaces/{workspace}/builds/", "user", builds.create),
    Route("GET", "/workspacebuilds/{build}/", "user", builds.build),
    Route("PATCH", "/workspacebuilds/{build}/cancel", "user", builds.cancel),
    Route("GET", "/workspacebuilds/{build}/logs", "user", builds.logs),
    Route("GET", "/workspacebuilds/{build}/timings", "user", builds.timings),
    Route("GET", "/workspacebuilds/{build}/parameters", "user", builds.parameters),
    Route("GET", "/workspacebuilds/{build}/resources", "user", builds.resources),
    Route("POST", "/workspaceagents/aws-instance-identity", "anybody", identity.aws),
    Route("POST", "/workspaceagents/azure-instance-identity", "anybody", identity.azure),
    Route("POST", "/workspaceagents/google-instance-identity", "anybody", identity.google),
    Route("GET", "/workspaceagents/me/external-auth", "agent", me.external_auth),
    Route("GET", "/workspaceagents/me/gitauth", "agent", me.external_auth),
    Route("GET", "/workspaceagents/me/gitsshkey", "agent", me.git_ssh_key),
    Route("PATCH", "/workspaceagents/me/app-status", "agent", me.patch_app_status),
    Route("PATCH", "/workspaceagents/me/logs", "agent", me.patch_logs),
    Route("POST", "/workspaceagents/me/log-source", "agent", me.create_log_source),
    Route("GET", "/workspaceagents/me/reinit", "agent", me.reinit),
    Route("GET", "/workspaceagents/me/rpc", "agent", rpc.me),
    Route("GET", "/workspaceagents/connection", "user or proxy", agents.connection_generic),
    Route("GET", "/workspaceagents/{agent}/", "user or proxy", agents.agent),
    Route("GET", "/workspaceagents/{agent}/logs", "user or proxy", agents.logs),
    Route("GET", "/workspaceagents/{agent}/startup-logs", "user or proxy", agents.logs),
    Route("GET", "/workspaceagents/{agent}/listening-ports", "user or proxy", agents.listening_ports),
    Route("GET", "/workspaceagents/{agent}/containers", "user or proxy", agents.containers),
    Route(
        "POST",
        "/workspaceagents/{agent}/containers/devcontainers/{devcontainer}/recreate",
        "user or proxy",
        agents.recreate,
    ),
    Route("GET", "/workspaceagents/{agent}/containers/watch", "user or proxy", streams.watch_containers),
    Route("GET", "/workspaceagents/{agent}/watch-metadata", "user or proxy", streams.watch_metadata),
    Route("GET", "/workspaceagents/{agent}/watch-metadata-ws", "user or proxy", streams.watch_metadata_ws),
    Route("GET", "/workspaceagents/{agent}/connection", "user or proxy", agents.connection),
    Route("GET", "/workspaceagents/{agent}/coordinate", "user or proxy", rpc.coordinate_one),
    # Looks for the agent before it looks at the token, and has its own way to refuse one.
    Route("GET", "/workspaceagents/{agent}/pty", "anybody", pty.pty),
)


def match(method: str, path: str) -> tuple[Route, dict[str, str]] | list[str]:
    """Finds an endpoint.

    Args:
        method: the request's.
        path: what follows /api/v2, as it stood in the request line.

    Returns:
        The endpoint and the values in its path, or the methods that the path does take: none for an unknown path.
    """
    segments = [unquote(part) for part in path.split("/") if part]
    slash = path.endswith("/") and len(segments) > 0
    fitting = [(route, parts) for route in ROUTES if (parts := route.parts(segments, slash=slash)) is not None]
    # A fixed word wins over a placeholder, from the left.
    fitting.sort(key=lambda pair: [segment.startswith("{") for segment in pair[0].segments])
    for route, parts in fitting:
        if route.method == method:
            return route, parts
    return sorted({route.method for route, _parts in fitting})
