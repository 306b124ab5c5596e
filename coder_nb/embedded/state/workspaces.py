"""Workspaces, and the deployment that holds everything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from coder_nb.embedded.state.builds import Build, Resource, Template
from coder_nb.embedded.state.changes import Changes
from coder_nb.embedded.state.clock import Clock
from coder_nb.embedded.state.inside import Claims, Clouds, Provider
from coder_nb.embedded.state.logs import IdSequence, LogStore
from coder_nb.embedded.state.people import ApiKey, Organization, User

__all__ = ["Deployment", "Runner", "Workspace"]


class Runner(Protocol):
    """What a workspace is made of: makes the resources of its builds, and brings their agents to life and to an end."""

    def pattern(self, build: Build) -> Build | None:
        """The earlier build this one goes like: as long, with the same log, to the same end. None for the usual way."""

    def resources(self, build: Build) -> Sequence[Resource]:
        """What a build that succeeds has made."""

    async def begin(self, build: Build) -> None:
        """Brings the agents of a start build to life; returns when their scripts have been started, or have ended."""

    async def end(self) -> None:
        """Ends every agent there is."""


@dataclass(eq=False)
class Workspace:
    """A workspace; `builds` oldest first, at least one. Its clock says what time it is for everything in it.

    Without a `runner` it is a simulated one. `changes` tells of every step of a build and of its agents.
    """

    id: str
    name: str
    owner: User
    template: Template
    created_at: datetime
    updated_at: datetime
    last_used_at: datetime
    clock: Clock
    builds: list[Build]
    autostart_schedule: str = ""
    ttl_ms: int | None = None
    deleting_at: datetime | None = None
    dormant_at: datetime | None = None
    next_start_at: datetime | None = None
    runner: Runner | None = field(default=None, repr=False)
    changes: Changes = field(default_factory=Changes, repr=False)
    claims: Claims = field(default_factory=Claims, repr=False)
    automatic_updates: Literal["always", "never"] = "never"
    favorite: bool = False

    @property
    def latest(self) -> Build:
        """The newest build."""
        return self.builds[-1]

    @property
    def deleted(self) -> bool:
        """Whether a delete build has succeeded; a later start does not bring it back."""
        return any(build.transition == "delete" and build.job.status == "succeeded" for build in self.builds)


@dataclass(eq=False)
class Deployment:
    """Everything there is. `clock` answers for lists and for people; it stands still where a fleet is loaded.

    `providers` are the services outside that people can log in to; `clouds`, what signs the identities of instances.
    """

    id: str
    organization: Organization
    clock: Clock = field(default_factory=Clock)
    name: str = "demo"
    users: list[User] = field(default_factory=list)
    templates: list[Template] = field(default_factory=list)
    workspaces: list[Workspace] = field(default_factory=list)
    keys: dict[str, ApiKey] = field(default_factory=dict, repr=False)
    providers: list[Provider] = field(default_factory=list)
    clouds: Clouds = field(default_factory=Clouds, repr=False)
    log_ids: IdSequence = field(default_factory=IdSequence)
    job_log_ids: IdSequence = field(default_factory=IdSequence)

    def new_log(self) -> LogStore:
        """An empty log for a new agent; its ids come from the one sequence of this deployment."""
        return LogStore(self.log_ids)
