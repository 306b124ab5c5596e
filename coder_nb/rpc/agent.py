"""An agent's own session: what only the deployment can tell it. Only reads; what would change the agent is not there.

To be connected counts as being the agent: when this closes, the real one looks disconnected until its next heartbeat,
up to 15 s, and nobody can open terminals or ports meanwhile. So it is refused for the agent this process runs under.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from coder_nb.credentials import Hidden, Secret, names_secret
from coder_nb.errors import ConfigurationError
from coder_nb.rpc import records
from coder_nb.rpc.call import Answers, Calls
from coder_nb.rpc.codec import methods
from coder_nb.rpc.records import Relays
from coder_nb.rpc.tailnet import derp_maps

if TYPE_CHECKING:
    from google.protobuf.duration_pb2 import Duration

    from coder_nb.transport.http import Http

__all__ = ["AgentCalls", "Banner", "Declared", "Manifest", "ManifestScript", "Monitoring", "check_disturbance"]


@dataclass(frozen=True, slots=True)
class ManifestScript:
    """A script of the agent; `timeout` in seconds, 0 for none."""

    id: str
    name: str
    log_source_id: str
    log_path: str
    cron: str
    run_on_start: bool
    run_on_stop: bool
    start_blocks_login: bool
    timeout: float
    script: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Declared:
    """A fact the agent measures; `interval` and `timeout` in seconds."""

    key: str
    name: str
    script: str
    interval: int
    timeout: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an agent is told of itself.

    Attributes:
        environment: names and values; may hold secrets, and is never shown.
        apps: slugs.
        devcontainers: names.
    """

    agent_id: str
    agent_name: str
    workspace_id: str
    workspace_name: str
    owner_name: str
    directory: str
    parent_id: str | None
    disable_direct_connections: bool
    derp_force_websockets: bool
    scripts: tuple[ManifestScript, ...]
    metadata: tuple[Declared, ...]
    apps: tuple[str, ...]
    devcontainers: tuple[str, ...]
    relays: Relays
    environment: Mapping[str, Secret] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Banner:
    """A line the deployment wants to be shown."""

    enabled: bool
    message: str
    background_color: str


@dataclass(frozen=True, slots=True)
class Monitoring:
    """How an agent watches its memory and volumes; `memory` None where it does not."""

    datapoints: int
    interval_seconds: int
    memory: bool | None
    volumes: tuple[tuple[str, bool], ...]


class AgentCalls(Calls):
    """The calls of an agent's endpoint that only read."""

    def manifest(self) -> Manifest:
        """What the agent is told of itself; its environment may hold secrets."""
        from coder_nb.rpc.codec import agent_pb2 as wire

        return self.unary(methods.MANIFEST, wire.GetManifestRequest(), _manifest)

    def banners(self) -> list[Banner]:
        """Announcements, as the deployment is set up to show them."""
        from coder_nb.rpc.codec import agent_pb2 as wire

        return self.unary(methods.BANNERS, wire.GetAnnouncementBannersRequest(), _banners)

    def monitoring(self) -> Monitoring:
        """How the agent watches its memory and volumes."""
        from coder_nb.rpc.codec import agent_pb2 as wire

        return self.unary(methods.MONITORING, wire.GetResourcesMonitoringConfigurationRequest(), _monitoring)

    def derp_maps(self) -> Answers[Relays]:
        """The relays, at once and then whenever they are others."""
        return derp_maps(self)


def check_disturbance(http: Http, environ: Mapping[str, str] | None = None) -> None:
    """Refuses the token of the agent that this process runs under.

    Args:
        http: what would be used.
        environ: the environment; None for this process's own.
    Raises:
        ConfigurationError: it is that one.
    """
    variables = os.environ if environ is None else environ
    tokens = [variables.get("CODER_AGENT_TOKEN", "")]
    if path := variables.get("CODER_AGENT_TOKEN_FILE", ""):
        with suppress(OSError, ValueError):
            tokens.append(Path(path).read_text(encoding="utf-8"))
    if any(http.sends(Secret(token.strip())) for token in tokens if token.strip()):
        raise ConfigurationError(
            "this is the agent that this notebook's own workspace depends on: once the call is over it would look "
            "disconnected for up to 15 s, and terminals and ports would be refused",
            hint="disturb_agent=True does it all the same; coder_nb.inside() does most things without",
        )


def _manifest(data: bytes) -> Manifest:
    from coder_nb.rpc.codec import agent_pb2 as wire

    it = wire.Manifest.FromString(data)
    return Manifest(
        agent_id=records.uuid_text(it.agent_id),
        agent_name=it.agent_name,
        workspace_id=records.uuid_text(it.workspace_id),
        workspace_name=it.workspace_name,
        owner_name=it.owner_username,
        directory=it.directory,
        parent_id=records.uuid_text(it.parent_id) if it.HasField("parent_id") else None,
        disable_direct_connections=it.disable_direct_connections,
        derp_force_websockets=it.derp_force_websockets,
        scripts=tuple(_script(one) for one in it.scripts),
        metadata=tuple(
            Declared(one.key, one.display_name, one.script, _number(one.interval), _number(one.timeout))
            for one in it.metadata
        ),
        apps=tuple(app.slug for app in it.apps),
        devcontainers=tuple(one.name for one in it.devcontainers),
        relays=records.relays(it.derp_map),
        environment={
            name: Secret(value) if names_secret(name) else Hidden(value)
            for name, value in it.environment_variables.items()
        },
    )


def _script(one: object) -> ManifestScript:
    from coder_nb.rpc.codec import agent_pb2 as wire

    assert isinstance(one, wire.WorkspaceAgentScript)
    return ManifestScript(
        id=_id(one.id),
        name=one.display_name,
        log_source_id=_id(one.log_source_id),
        log_path=one.log_path,
        cron=one.cron,
        run_on_start=one.run_on_start,
        run_on_stop=one.run_on_stop,
        start_blocks_login=one.start_blocks_login,
        timeout=one.timeout.seconds + one.timeout.nanos / 1e9,
        script=one.script,
    )


def _id(data: bytes) -> str:
    """A uuid; older servers leave some out."""
    return records.uuid_text(data) if data else str(uuid.UUID(int=0))


def _number(span: Duration) -> int:
    """Seconds, which these fields have where a duration has its nanoseconds."""
    return span.seconds * 1_000_000_000 + span.nanos


def _banners(data: bytes) -> list[Banner]:
    from coder_nb.rpc.codec import agent_pb2 as wire

    found = wire.GetAnnouncementBannersResponse.FromString(data).announcement_banners
    return [Banner(one.enabled, one.message, one.background_color) for one in found]


def _monitoring(data: bytes) -> Monitoring:
    from coder_nb.rpc.codec import agent_pb2 as wire

    it = wire.GetResourcesMonitoringConfigurationResponse.FromString(data)
    return Monitoring(
        it.config.num_datapoints,
        it.config.collection_interval_seconds,
        it.memory.enabled if it.HasField("memory") else None,
        tuple((volume.path, volume.enabled) for volume in it.volumes),
    )
