"""Workspaces, and the deployment that holds everything."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from coder_nb.embedded.state.builds import Build, Template
from coder_nb.embedded.state.clock import Clock
from coder_nb.embedded.state.inside import Claims, Clouds, Provider
from coder_nb.embedded.state.logs import IdSequence, LogStore
from coder_nb.embedded.state.people import ApiKey, Organization, User

__all__ = ["Deployment", "Workspace"]


@dataclass(eq=False)
class Workspace:
    """A workspace; `builds` oldest first, at least one. Its clock says what time it is for everything in it."""

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
    claims: Claims = field(default_factory=Claims, repr=False)
    automatic_updates: Literal["always", "never"] = "never"
    favorite: bool = False

    @property
    def latest(self) -> Build:
        """The newest build."""
        return self.builds[-1]

    @property
    def deleted(self) -> bool:
        """Whether a delete build has succeeded."""
        return self.latest.transition == "delete" and self.latest.job.status == "succeeded"


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
