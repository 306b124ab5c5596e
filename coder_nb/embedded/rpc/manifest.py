"""What an agent is told of itself by the calls of its own endpoint that only read."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from coder_nb.embedded.http.exchange import Inside
from coder_nb.embedded.rpc.relays import derp_map
from coder_nb.embedded.site import Site
from coder_nb.embedded.state import App, MetadataItem, Script
from coder_nb.embedded.wire.relays import relays as relays_json

if TYPE_CHECKING:
    from coder_nb.rpc.codec import agent_pb2 as wire

__all__ = ["banners", "manifest", "monitoring"]

_SHARING: Final = {"owner": 1, "authenticated": 2, "public": 3, "organization": 4}
_HEALTH: Final = {"disabled": 1, "initializing": 2, "healthy": 3, "unhealthy": 4}


def manifest(site: Site, me: Inside, request: bytes) -> wire.Manifest:
    """GetManifest."""
    from coder_nb.rpc.codec import agent_pb2 as wire

    wire.GetManifestRequest.FromString(request)
    agent, workspace = me.agent, me.workspace
    return wire.Manifest(
        agent_id=_bytes(agent.id),
        agent_name=agent.name,
        workspace_id=_bytes(workspace.id),
        workspace_name=workspace.name,
        owner_username=workspace.owner.username,
        parent_id=_bytes(agent.parent_id) if agent.parent_id else None,
        directory=agent.expanded_directory or agent.directory,
        environment_variables=dict(agent.environment_variables or {}),
        derp_map=derp_map(relays_json(site.port)),
        scripts=[_script(one) for one in agent.scripts],
        apps=[_app(one) for one in agent.apps],
        metadata=[_described(one) for one in agent.metadata],
    )


def banners(request: bytes) -> wire.GetAnnouncementBannersResponse:
    """GetAnnouncementBanners: there are none."""
    from coder_nb.rpc.codec import agent_pb2 as wire

    wire.GetAnnouncementBannersRequest.FromString(request)
    return wire.GetAnnouncementBannersResponse()


def monitoring(request: bytes) -> wire.GetResourcesMonitoringConfigurationResponse:
    """GetResourcesMonitoringConfiguration: how often a server has it measured, and that nothing is."""
    from coder_nb.rpc.codec import agent_pb2 as wire

    wire.GetResourcesMonitoringConfigurationRequest.FromString(request)
    config = wire.GetResourcesMonitoringConfigurationResponse.Config(num_datapoints=20, collection_interval_seconds=10)
    return wire.GetResourcesMonitoringConfigurationResponse(config=config)


def _script(it: Script) -> wire.WorkspaceAgentScript:
    from coder_nb.rpc.codec import agent_pb2 as wire

    # A server leaves the name out here.
    return wire.WorkspaceAgentScript(
        id=_bytes(it.id),
        log_source_id=_bytes(it.log_source_id),
        log_path=it.log_path,
        script=it.script,
        cron=it.cron,
        run_on_start=it.run_on_start,
        run_on_stop=it.run_on_stop,
        start_blocks_login=it.start_blocks_login,
        timeout=timedelta(seconds=it.timeout),
    )


def _app(it: App) -> wire.WorkspaceApp:
    from coder_nb.rpc.codec import agent_pb2 as wire

    check = it.healthcheck
    return wire.WorkspaceApp(
        id=_bytes(it.id),
        url=it.url,
        external=it.external,
        slug=it.slug,
        display_name=it.display_name,
        command=it.command,
        icon=it.icon,
        subdomain=it.subdomain,
        sharing_level=_SHARING[it.sharing_level],
        healthcheck=wire.WorkspaceApp.Healthcheck(
            url=check.url, interval=timedelta(seconds=check.interval), threshold=check.threshold
        ),
        health=_HEALTH[it.health],
        hidden=it.hidden,
    )


def _described(it: MetadataItem) -> wire.MetadataDescription:
    from google.protobuf.duration_pb2 import Duration

    from coder_nb.rpc.codec import agent_pb2 as wire

    # Seconds where nanoseconds belong, as a real server has it.
    return wire.MetadataDescription(
        key=it.key,
        display_name=it.display_name,
        script=it.script,
        interval=Duration(nanos=it.interval),
        timeout=Duration(nanos=it.timeout),
    )


def _bytes(id: str) -> bytes:
    return uuid.UUID(id).bytes
