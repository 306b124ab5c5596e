"""The deployment itself: its version, regions, and where its workspaces' apps can be reached. `api.deployment`."""

from __future__ import annotations

from coder_nb.api.resource import Record, Resource

__all__ = ["BuildInfo", "Deployment", "Region"]


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
