"""The names of the calls that are known here, as they stand at the beginning of each."""

from __future__ import annotations

from typing import Final

__all__ = ["BANNERS", "COORDINATE", "DERP_MAPS", "MANIFEST", "MONITORING", "WORKSPACE_UPDATES"]

_TAILNET: Final = "/coder.tailnet.v2.Tailnet"
_AGENT: Final = "/coder.agent.v2.Agent"

WORKSPACE_UPDATES: Final = f"{_TAILNET}/WorkspaceUpdates"
DERP_MAPS: Final = f"{_TAILNET}/StreamDERPMaps"
COORDINATE: Final = f"{_TAILNET}/Coordinate"
MANIFEST: Final = f"{_AGENT}/GetManifest"
BANNERS: Final = f"{_AGENT}/GetAnnouncementBanners"
MONITORING: Final = f"{_AGENT}/GetResourcesMonitoringConfiguration"
