"""Following an agent: what changes about it, as it changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from coder_nb import frames
from coder_nb.api.containers import ContainerListing
from coder_nb.client.agent_core import AgentCore

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["AgentFollowing"]


class AgentFollowing(AgentCore):
    """What can be followed about an agent."""

    def follow_containers(self, *, every: float = 10.0) -> Iterator[DataFrame]:
        """The containers now, and again whenever something about them has changed, until the agent is gone.

        Servers push changes of dev containers only, so the list is also asked for when nothing came for a while.

        Args:
            every: seconds after which to ask.
        Yields:
            frames as `containers` gives them.
        Raises:
            AgentUnavailable: the agent is not connected, or no longer.
        Endpoint: GET /workspaceagents/{id}/containers/watch, GET /workspaceagents/{id}/containers
        """
        last: ContainerListing | None = None
        with self._dialled(lambda: self._coder.api.containers.watch(self.id)) as stream:
            while stream.ended is None:
                try:
                    listing = stream.receive(timeout=every)
                except TimeoutError:
                    listing = self.listing()
                if listing is not None and listing != last:
                    last = listing
                    yield frames.containers(listing, attrs=self._attrs())
