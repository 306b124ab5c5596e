"""Following a deployment: one owner's workspaces, as they change."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, cast

from coder_nb import frames
from coder_nb.api.workspaces import Workspace

if TYPE_CHECKING:
    from pandas import DataFrame

    from coder_nb.api import Api
    from coder_nb.client.coder import Coder
    from coder_nb.client.feeds import Feeds
    from coder_nb.rpc.dialling import Rpc
    from coder_nb.streams.feed import Feed
    from coder_nb.widgets.table_view import TableView

__all__ = ["CoderFollowing"]


class CoderFollowing:
    """What can be followed about a deployment."""

    if TYPE_CHECKING:
        api: Api
        _feeds: Feeds

        def _attrs(self, **more: str | int) -> dict[str, str | int]: ...

    @cached_property
    def rpc(self) -> Rpc:
        """The endpoints that are sessions of calls: workspace updates, relays, where agents can be reached."""
        from coder_nb.rpc.dialling import Rpc

        return Rpc(self.api.http)

    def follow_workspaces(self, owner: str = "me", *, every: float = 60.0) -> Iterator[DataFrame]:
        """One owner's workspaces now, and again whenever something about them has changed, for ever.

        The server tells of changes; nothing is asked for meanwhile, but for what it does not tell: how an agent on its
        way is doing, every few seconds, and health.

        Args:
            owner: user name, uuid or `me`.
            every: seconds after which to ask, though nothing was told.
        Yields:
            frames as `workspaces` gives them.
        Raises:
            Invalid: no such user, or not visible to this one.
            AgentUnavailable: there is nothing more to follow; says why.
        Endpoint: GET /tailnet, GET /workspaces
        """
        from coder_nb.client.agent_following import endless

        return (frames.workspaces(found, attrs=self._attrs()) for found in endless(self.feed_workspaces(owner, every)))

    def watch_workspaces(self, owner: str = "me") -> TableView:
        """One owner's workspaces as a live table, from which they can be started and stopped.

        Args:
            owner: user name, uuid or `me`.
        Returns:
            the view: `.frame`, `.state`, `.stop()`.
        Raises:
            Invalid: no such user, or not visible to this one.
        Endpoint: GET /tailnet, GET /workspaces
        """
        from coder_nb.client.table_views import workspaces_view

        return workspaces_view(cast("Coder", self), owner)

    def feed_workspaces(self, owner: str = "me", every: float = 60.0) -> Feed[list[Workspace]]:
        """One owner's workspaces as a feed of snapshots: all records each time."""
        from coder_nb.streams.feed import Feed
        from coder_nb.streams.workspaces import FollowedWorkspaces

        user = self.api.users.get(owner)

        def ask() -> list[Workspace]:
            return list(self.api.workspaces.iterate(f"owner:{user.username}"))

        def source() -> FollowedWorkspaces:
            return FollowedWorkspaces(self.rpc.tailnet, user.id, ask, every=every)

        kind = f"workspaces every {every:g} s"
        return self._feeds.get(user.id, kind, lambda: Feed(source, title=f"workspaces:{user.username}", rows=1))
