"""What every part of an agent rests on: which agent it is, asking for it again, and why it cannot be asked.

The parts are beside this: `agent` (what is read), `lines`, `commands`, `files`, `following`, `views`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from coder_nb.api.agents import WorkspaceAgent
from coder_nb.api.containers import ContainerListing
from coder_nb.client.links import Links
from coder_nb.client.unavailable import unavailable
from coder_nb.errors import CoderError, Invalid, ServerError

if TYPE_CHECKING:
    from coder_nb.client.coder import Coder
    from coder_nb.client.workspace import Workspace

__all__ = ["AgentCore"]

T = TypeVar("T")


class AgentCore:
    """One agent of one build.

    Attributes:
        record: what the server said of it when its name was looked up; `refresh()` asks again.
        workspace: the workspace it belongs to; None for an agent known by its uuid only that no visible one has.
    """

    def __init__(self, coder: Coder, record: WorkspaceAgent, workspace: Workspace | None) -> None:
        self._coder = coder
        self.record = record
        self.workspace = workspace

    @property
    def id(self) -> str:
        """Its uuid; it changes with every start."""
        return self.record.id

    @property
    def name(self) -> str:
        """Its name within the workspace."""
        return self.record.name

    @property
    def title(self) -> str:
        """The name that leads here, such as `dev.main`; the uuid where the workspace is not known."""
        return f"{self.workspace.title}.{self.name}" if self.workspace else self.id

    def __repr__(self) -> str:
        return f"Agent {self.title}: {self.record.status}, {self.record.lifecycle_state}"

    def refresh(self) -> WorkspaceAgent:
        """Asks for the agent again and keeps the answer in `record`.

        Endpoint: GET /workspaceagents/{id}
        """
        self.record = self._coder.api.agents.get(self.id)
        return self.record

    def listing(self, *, label: Sequence[str] = ()) -> ContainerListing:
        """Containers as records.

        Endpoint: GET /workspaceagents/{id}/containers
        """
        return self._dialled(lambda: self._coder.api.containers.list(self.id, label=label))

    def _dialled(self, call: Callable[[], T]) -> T:
        """A call that the server passes on to the agent; a refusal is explained by the agent's state."""
        try:
            return call()
        except (Invalid, ServerError) as error:
            raise self._explained(error) from None

    def _explained(self, error: Invalid | ServerError) -> CoderError:
        if isinstance(error, Invalid) and error.message.startswith("Invalid label"):
            return error
        workspace = self.workspace.refresh() if self.workspace else None
        return unavailable(self.refresh(), self.title, workspace.record if workspace else None, error) or error

    def _links(self) -> Links | None:
        """How to address what runs here; None where no link can work: a stopped workspace, an old build's agent."""
        workspace = self.workspace
        if workspace is None or self.record.status != "connected" or workspace.record.latest_build.status != "running":
            return None
        base, wildcard = self._coder._relay()
        return Links(base=base, wildcard=wildcard, owner=workspace.owner, workspace=workspace.name, agent=self.name)

    def _now(self) -> datetime:
        return self._coder._now()

    def _attrs(self) -> dict[str, str | int]:
        if self.workspace is not None:
            return self.workspace.attrs(agent=self.name)
        return self._coder._attrs(workspace="", agent=self.name)
