"""The deployment itself: its version, regions, and where its workspaces' apps can be reached. `api.deployment`."""

from __future__ import annotations

from typing import Any

from coder_nb.api.resource import Record, Resource, segment

__all__ = ["BuildInfo", "DebugLink", "Deployment", "Region"]

Claims = dict[str, Any]
"""JSON as the identity provider sent it: no shape is promised."""


class BuildInfo(Record, frozen=True, kw_only=True):
    """What runs there. `dashboard_url` is the deployment's own idea of its address."""

    version: str
    external_url: str = ""
    dashboard_url: str = ""
    workspace_proxy: bool = False
    telemetry: bool = False
    agent_api_version: str = ""
    upgrade_message: str = ""
    deployment_id: str = ""


class Region(Record, frozen=True, kw_only=True):
    """A place that relays apps; `primary` is the server itself. `wildcard_hostname` is "" where there is none."""

    id: str
    name: str
    display_name: str = ""
    icon_url: str = ""
    healthy: bool = True
    path_app_url: str = ""
    wildcard_hostname: str = ""


class DebugLink(Record, frozen=True, kw_only=True):
    """What an identity provider said of a user at the last login: personal data, which never shows in its repr.

    In `merged_claims`, which the deployment goes by, what the user info says wins over the id token.
    """

    id_token_claims: Claims | None = None
    user_info_claims: Claims | None = None
    merged_claims: Claims | None = None

    def __repr__(self) -> str:
        return f"DebugLink(claims: {', '.join(sorted(self.merged_claims or {})) or 'none'})"


class _Host(Record, frozen=True, kw_only=True):
    host: str = ""


class _Regions(Record, frozen=True, kw_only=True):
    regions: list[Region] | None = None


class Deployment(Resource):
    """Calls on the deployment."""

    def buildinfo(self) -> BuildInfo:
        """The server's version; needs no token.

        Endpoint: GET /buildinfo
        """
        return self._get(BuildInfo, "/buildinfo", anonymous=True)

    def applications_host(self) -> str:
        """The wildcard host of apps, such as `*.apps.example.com`; "" where there is none.

        Endpoint: GET /applications/host
        """
        return self._get(_Host, "/applications/host").host

    def regions(self) -> list[Region]:
        """The regions apps can be reached through.

        Endpoint: GET /regions
        """
        return self._get(_Regions, "/regions").regions or []

    def debug_link(self, user: str = "me") -> DebugLink:
        """What the identity provider said of a user at the last login.

        Args:
            user: user name, uuid or `me`.
        Raises:
            PermissionDenied: only owners of the deployment may see this, of themselves too.
            Invalid: no such user, or one that does not sign in by OpenID Connect.
        Endpoint: GET /debug/{user}/debug-link
        """
        return self._get(DebugLink, f"/debug/{segment(user)}/debug-link")
