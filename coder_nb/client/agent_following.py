"""Following an agent: what it writes and what changes about it, as it happens, across drops and restarts.

A feed is shared by all who follow the same thing of the same agent. It goes on with the agent of the workspace's next
start, which has the same name and another id.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar, cast

from coder_nb import frames
from coder_nb.api.containers import ContainerListing
from coder_nb.api.logs import AgentLog
from coder_nb.api.metadata import MetadataItem
from coder_nb.client.agent_core import AgentCore
from coder_nb.errors import AgentUnavailable, CoderError, NotFound
from coder_nb.streams.ring import Gap

if TYPE_CHECKING:
    from pandas import DataFrame

    from coder_nb.client.agent import Agent
    from coder_nb.client.workspace import Workspace
    from coder_nb.streams.feed import Feed, Source

__all__ = ["AgentFollowing", "Now", "endless"]

T = TypeVar("T")


class AgentFollowing(AgentCore):
    """What can be followed about an agent."""

    def follow_logs(
        self,
        *,
        level: str | None = None,
        source: str | None = None,
        grep: str | None = None,
        since: str | datetime | None = None,
        after: int = 0,
    ) -> Iterator[AgentLog]:
        """Its log from the first line that is kept, and then each new line, for ever.

        None is lost and none comes twice, whatever breaks; after a restart of the workspace the new agent's lines
        follow. Ctrl-C ends the wait for the next one, `Coder.close` ends it all.

        Args:
            level: at least this one of trace, debug, info, warn, error.
            source: only this log source, by name or id.
            grep: a regular expression the text must match somewhere.
            since: only from then on: `10m`, `2h`, `1d` before the server's now, a date, or a datetime.
            after: only lines with a greater id.
        Yields:
            records: id, created_at, output, level, source_id. A reader who falls 100,000 lines behind loses the oldest
            and is warned.
        Raises:
            InvalidCommand: a level, source, time or pattern that cannot be meant.
            AgentUnavailable: there is nothing more to follow; says why.
        Endpoint: GET /workspaceagents/{id}/logs
        """
        from coder_nb.client.log_filter import LogFilter
        from coder_nb.client.log_view import sources

        wanted = LogFilter(
            level=level,
            source=source,
            grep=grep,
            since=since,
            after=after,
            now=self._now(),
            names=lambda: sources(cast("Agent", self)),
        )
        return (line for line in endless(self.feed_logs()) if wanted(line))

    def follow_metadata(self) -> Iterator[DataFrame]:
        """What it measures, now and whenever that changes, for ever.

        Yields:
            frames as `metadata` gives them.
        Endpoint: GET /workspaceagents/{id}/watch-metadata-ws
        """
        for items in endless(self.feed_metadata()):
            yield frames.metadata(items, attrs=self._attrs())

    def follow_containers(self, *, every: float = 10.0) -> Iterator[DataFrame]:
        """The containers now, and again whenever something about them has changed, for ever.

        Servers push changes of dev containers only, so the list is also asked for when nothing came for a while.

        Args:
            every: seconds after which to ask.
        Yields:
            frames as `containers` gives them.
        Raises:
            AgentUnavailable: there is nothing more to follow; says why.
        Endpoint: GET /workspaceagents/{id}/containers/watch, GET /workspaceagents/{id}/containers
        """
        for listing in endless(self.feed_containers(every=every)):
            yield frames.containers(listing, attrs=self._attrs())

    def follow_ports(self, *, every: float = 5.0) -> Iterator[DataFrame]:
        """The ports now, and again whenever they have changed, for ever. They can only be asked for.

        Args:
            every: seconds after which to ask.
        Yields:
            frames as `ports` gives them.
        Raises:
            AgentUnavailable: there is nothing more to follow; says why.
        Endpoint: GET /workspaceagents/{id}/listening-ports, GET /workspaceagents/{id}
        """
        return endless(self.feed_ports(every=every))

    def feed_logs(self) -> Feed[AgentLog]:
        """Its log as a feed of records, to be listened to."""
        from coder_nb.streams.logs import FollowedLogs

        successor = Now(self).started if self.workspace is not None else None
        source = FollowedLogs(self._coder.api.logs, self.id, successor=successor)
        # By id: the same name has other lines to begin with after each start.
        return self._feed("logs", lambda: source, key=self.id)

    def feed_metadata(self) -> Feed[list[MetadataItem]]:
        """What it measures as a feed of snapshots: all items each time."""
        from coder_nb.streams.snapshots import FollowedMetadata

        current = Now(self)
        return self._feed(
            "metadata",
            lambda: FollowedMetadata(self._coder.api.metadata, lambda: current.agent(anew=True).id),
            rows=1,
        )

    def feed_containers(self, *, every: float = 10.0) -> Feed[ContainerListing]:
        """Its containers as a feed of snapshots: the whole listing each time."""
        from coder_nb.streams.snapshots import FollowedContainers

        def source() -> FollowedContainers:
            now = Now(self)
            watch = self._coder.api.containers.watch
            return FollowedContainers(
                lambda: now.agent(anew=True)._dialled(lambda: watch(now.agent().id)),
                lambda: now.agent().listing(),
                every=every,
            )

        return self._feed(f"containers every {every:g} s", source, rows=1)

    def feed_ports(self, *, every: float = 5.0) -> Feed[DataFrame]:
        """Its ports as a feed of snapshots: a frame as `ports` gives it each time they are others."""
        from coder_nb.streams.snapshots import Polled

        def source() -> Polled[DataFrame]:
            return Polled(Now(self).ports, every=every, same=lambda one, other: one.equals(other))

        return self._feed(f"ports every {every:g} s", source, rows=1)

    def _feed(
        self, kind: str, source: Callable[[], Source[Any]], *, rows: int | None = None, key: str | None = None
    ) -> Feed[Any]:
        from coder_nb.streams.feed import ROWS, Feed

        if key is None:
            key = f"{self.workspace.record.id}.{self.name}" if self.workspace is not None else self.id
        return self._coder._feeds.get(key, kind, lambda: Feed(source, title=f"{kind}:{self.title}", rows=rows or ROWS))


class Now:
    """The agent of a name as of now: another one after each start of its workspace.

    Args:
        agent: as it was when somebody began to follow it.
    """

    def __init__(self, agent: AgentCore) -> None:
        self._agent = cast("Agent", agent)
        self._failed = False

    def agent(self, *, anew: bool = False) -> Agent:
        """The agent; asked for again if `anew`."""
        if anew and self._agent.workspace is not None:
            self._renew(self._agent.workspace)
        return self._agent

    def started(self) -> str | None:
        """The id of the agent in the latest build, if that is a start that has one of this name."""
        workspace = self._agent.workspace
        if workspace is None or not self._renew(workspace):
            return None
        return self._agent.id

    def _renew(self, workspace: Workspace) -> bool:
        """Whether the latest build is a start that has an agent of this name.

        Raises:
            NotFound: the workspace is deleted.
        """
        now = workspace.refresh()
        # A build that is under way has no agents yet, and a stopped workspace's are those of its last start.
        with contextlib.suppress(AgentUnavailable, NotFound):
            self._agent = now.agent(self._agent.name)
            return now.record.latest_build.transition == "start"
        return False

    def ports(self) -> DataFrame:
        """Its ports; the agent is looked for anew after a failure."""
        try:
            found = self.agent(anew=self._failed).ports()
        except CoderError:
            self._failed = True
            raise
        self._failed = False
        return found


def endless(feed: Feed[T]) -> Iterator[T]:
    """What comes, as it comes, until the feed is closed.

    Raises:
        AgentUnavailable: no more will.
    """
    with feed.listen() as listener:
        while True:
            state = listener.state
            for row in listener.take(1000):
                if isinstance(row, Gap):
                    warnings.warn(f"{row.lost:,} rows of {feed.title} came too fast to be read", stacklevel=2)
                else:
                    yield row
            if listener.closed:
                return
            if state.name == "ended" and not listener.waiting:
                raise AgentUnavailable(f"{feed.title}: {state.why}", hint="%coder show says how it is now")
            listener.wait()
