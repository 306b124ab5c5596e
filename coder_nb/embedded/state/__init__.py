"""What a deployment holds: people, templates, workspaces, builds, agents. Plain data in Coder's own vocabulary.

Knows neither JSON nor HTTP and does nothing by itself. Ids are lowercase uuid text and times are aware UTC, unless a
field says otherwise; None means "not set".
"""

from coder_nb.embedded.state.agents import Agent, App, AppStatus, Disk, Healthcheck, LogSource, MetadataItem, Script
from coder_nb.embedded.state.builds import (
    Build,
    Job,
    JobLogLine,
    ProvisionerTiming,
    Resource,
    ResourceMetadata,
    ScriptTiming,
    Template,
    TemplateVersion,
)
from coder_nb.embedded.state.changes import Changes
from coder_nb.embedded.state.clock import Clock
from coder_nb.embedded.state.containers import (
    AgentError,
    Container,
    ContainerListing,
    ContainerPort,
    Devcontainer,
    DevcontainerAgent,
    ListeningPort,
)
from coder_nb.embedded.state.inside import Claims, Clouds, Link, Provider
from coder_nb.embedded.state.logs import MAX_CHARACTERS, QUOTA_BYTES, IdSequence, LogLine, LogStore
from coder_nb.embedded.state.people import ApiKey, Organization, User
from coder_nb.embedded.state.workspaces import Deployment, Runner, Workspace

__all__ = [
    "MAX_CHARACTERS",
    "QUOTA_BYTES",
    "Agent",
    "AgentError",
    "ApiKey",
    "App",
    "AppStatus",
    "Build",
    "Changes",
    "Claims",
    "Clock",
    "Clouds",
    "Container",
    "ContainerListing",
    "ContainerPort",
    "Deployment",
    "Devcontainer",
    "DevcontainerAgent",
    "Disk",
    "Healthcheck",
    "IdSequence",
    "Job",
    "JobLogLine",
    "Link",
    "ListeningPort",
    "LogLine",
    "LogSource",
    "LogStore",
    "MetadataItem",
    "Organization",
    "Provider",
    "ProvisionerTiming",
    "Resource",
    "ResourceMetadata",
    "Runner",
    "Script",
    "ScriptTiming",
    "Template",
    "TemplateVersion",
    "User",
    "Workspace",
]
