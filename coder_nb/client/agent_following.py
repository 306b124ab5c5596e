"""Following an agent: what it writes and what changes about it, as it happens, across drops and restarts.

A feed is shared by all who follow the same thing of the same agent. It goes on with the agent of the workspace's next
start, which has the same name and another id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

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
    from coder_nb.streams.feed import Feed, Source

__all__ = ["AgentFollowing"]

T = TypeVar("T")


class AgentFollowing(AgentCore):
    """What can be followed about an agent."""

    def follow_logs(self, *, level: str | None = None, after: int = 0) -> Iterator[AgentLog]:
        """Its log from the first line that is kept, and then each new line, for ever.

        None is lost and none comes twice, whatever breaks; after a restart of the workspace the new agent's lines
        follow. Ctrl-C ends the wait for the next one.

        Args:
            level: at least this one of trace, debug, info, warn, error.
            after: only lines with a greater id.
        Yields:
            records: id, created_at, output, level, source_id.
        Raises:
            AgentUnavailable: there is nothing more to follow; says why.
        Endpoint: GET /workspaceagents/{id}/logs
        """
        from coder_nb.frames.select import levels_from

        wanted = levels_from(level) if level else None
        return self._lines_of(after, wanted)

    def _lines_of(self, after: int, levels: tuple[str, ...] | None) -> Iterator[AgentLog]:
        for line in _endless(self.feed_logs()):
            if line.id > after and (levels is None or line.level in levels):
                yield line

    def follow_metadata(self) -> Iterator[DataFrame]:
        """What it measures, now and whenever that changes, for ever.

        Yields:
            frames as `metadata` gives them.
        Endpoint: GET /workspaceagents/{id}/watch-metadata-ws
        """
        for items in _endless(self.feed_metadata()):
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
        for listing in _endless(self.feed_containers(every=every)):
            yield frames.containers(listing, attrs=self._attrs())

    def follow_ports(self) -> Iterator[DataFrame]:
        """The ports now, and again whenever they have changed, for ever; asked for every few seconds.

        Yields:
            frames as `ports` gives them.
        Endpoint: GET /workspaceagents/{id}/listening-ports, GET /workspaceagents/{id}
        """
        last: DataFrame | None = None
        for frame in _endless(self.feed_ports()):
            if last is None or not frame.equals(last):
                last = frame
                yield frame

    def feed_logs(self) -> Feed[AgentLog]:
        """Its log as a feed of records, to be listened to."""
        from coder_nb.streams.logs import FollowedLogs

        logs, known = self._coder.api.logs, self.workspace is not None
        source = FollowedLogs(logs, self.id, successor=self._current if known else None)
        return self._feed("logs", lambda: source)

    def feed_metadata(self) -> Feed[list[MetadataItem]]:
        """What it measures as a feed of snapshots: all items each time."""
        from coder_nb.streams.snapshots import FollowedMetadata

        return self._feed("metadata", lambda: FollowedMetadata(self._coder.api.metadata, self._current), rows=1)

    def feed_containers(self, *, every: float = 10.0) -> Feed[ContainerListing]:
        """Its containers as a feed of snapshots: the whole listing each time."""
        from coder_nb.streams.snapshots import FollowedContainers

        def source() -> FollowedContainers:
            now = _Now(self)
            watch = self._coder.api.containers.watch
            return FollowedContainers(
                lambda: now.agent(anew=True)._dialled(lambda: watch(now.agent().id)),
                lambda: now.agent().listing(),
                every=every,
            )

        return self._feed(f"containers every {every:g} s", source, rows=1)

    def feed_ports(self) -> Feed[DataFrame]:
        """Its ports as a feed of snapshots: a frame as `ports` gives it each time."""
        from coder_nb.streams.snapshots import Polled

        return self._feed("ports", lambda: Polled(_Now(self).ports), rows=1)

    def _feed(self, kind: str, source: Callable[[], Source[Any]], *, rows: int | None = None) -> Feed[Any]:
        from coder_nb.streams.feed import ROWS, Feed

        key = f"{self.workspace.record.id}.{self.name}" if self.workspace is not None else self.id
        return self._coder._feeds.get(key, kind, lambda: Feed(source, title=f"{kind}:{self.title}", rows=rows or ROWS))

    def _current(self) -> str:
        """The id of the agent of this name in the latest start; its own where there is none."""
        return _Now(self).agent(anew=True).id


class _Now:
    """The agent of a name as of now: another one after each start of its workspace.

    Args:
        agent: as it was when somebody began to follow it.
    """

    def __init__(self, agent: AgentFollowing) -> None:
        self._agent: Agent = agent  # type: ignore[assignment]  # Every agent is assembled from all parts.
        self._failed = False

    def agent(self, *, anew: bool = False) -> Agent:
        """The agent; asked for again if `anew`."""
        workspace = self._agent.workspace
        if anew and workspace is not None:
            try:
                workspace = workspace.refresh()
                self._agent = workspace.agent(self._agent.name)
            except (AgentUnavailable, NotFound):
                # A build that is under way has no agents yet: the last one is still the one to ask.
                pass
        return self._agent

    def ports(self) -> DataFrame:
        """Its ports; the agent is looked for anew after a failure."""
        try:
            found = self.agent(anew=self._failed).ports()
        except CoderError:
            self._failed = True
            raise
        self._failed = False
        return found


def _endless(feed: Feed[T]) -> Iterator[T]:
    """What comes, as it comes.

    Raises:
        AgentUnavailable: no more will.
    """
    with feed.listen() as listener:
        while True:
            for row in listener.take(1000):
                if not isinstance(row, Gap):
                    yield row
            state = listener.state
            if state.name == "ended" and not listener.waiting:
                raise AgentUnavailable(f"{feed.title}: {state.why}", hint="%coder show says how it is now")
            listener.wait()
