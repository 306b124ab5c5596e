"""One owner's workspaces, whenever something about them changes: told by the server, looked up once for each change.

What the server tells is which workspaces and agents there are and the builds' statuses. The rest is asked for at the
same moment, soon again while an agent is on its way, and seldom when nothing moves.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from coder_nb.api.workspaces import Workspace
from coder_nb.errors import CoderError, Conflict, Invalid, NotFound
from coder_nb.streams.feed import Running
from coder_nb.streams.following import BACK_OFF, BackOff, back_off, for_good
from coder_nb.streams.snapshots import Polled
from coder_nb.streams.state import CONNECTING, LIVE, State

if TYPE_CHECKING:
    from coder_nb.rpc.call import Answers
    from coder_nb.rpc.records import WorkspaceUpdate
    from coder_nb.rpc.tailnet import Tailnet

__all__ = ["FollowedWorkspaces"]

QUIET, LONGEST = 0.05, 0.5
"""Seconds without a change after which to look, and after which to look although they go on."""
SOON, ON_ITS_WAY = 2.0, 120.0
"""Seconds between looks while an agent is on its way, and for how long after a change that is looked for."""
_MOVING = frozenset({"created", "starting", "shutting_down"})


class FollowedWorkspaces:
    """All workspaces of an owner. Of a server that does not tell of changes, they are asked for again and again.

    Args:
        tailnet: opens a session.
        owner_id: the owner's uuid.
        ask: gets the workspaces.
        every: seconds after which to look though nothing was told: health is told by nobody.
    """

    def __init__(
        self,
        tailnet: Callable[[], Tailnet],
        owner_id: str,
        ask: Callable[[], list[Workspace]],
        *,
        every: float = 60.0,
        policy: BackOff = BACK_OFF,
    ) -> None:
        self._tailnet = tailnet
        self._owner = owner_id
        self._ask = ask
        self._every = every
        self._policy = policy
        self._last: list[Workspace] | None = None

    def run(self, feed: Running[list[Workspace]]) -> None:
        """Follows until nobody listens, or it is refused for good."""
        failures = 0
        feed.turn(CONNECTING)
        while not feed.stopped.is_set():
            began = self._last
            try:
                self._once(feed)
                why = "the server ended it"
            except (Conflict, Invalid, NotFound) as error:
                if self._last is None:
                    # An older server, or one that lets nobody but browsers connect.
                    return Polled(self._ask, policy=self._policy).run(feed)
                why = error.message
            except CoderError as error:
                if for_good(error, self._last is not None):
                    return feed.turn(State("ended", error.message))
                why = error.message
            failures = 1 if self._last is not began else failures + 1
            if feed.stopped.is_set() or not back_off(feed, why, failures, self._policy):
                return None
        return None

    def _once(self, feed: Running[list[Workspace]]) -> None:
        """One session, from its opening to its end."""
        with self._tailnet() as session:
            feed.on_stop(session.close)
            try:
                updates = session.workspace_updates(self._owner)
                changed, first = time.monotonic(), True
                while True:
                    try:
                        if updates.receive(self._every if first else self._pause(changed)) is None:
                            return
                        changed = time.monotonic()
                        _settle(updates)
                    except TimeoutError:
                        pass
                    first = False
                    if not self._look(feed):
                        return
            finally:
                feed.on_stop(None)

    def _look(self, feed: Running[list[Workspace]]) -> bool:
        """Asks, and tells what is different; False if nobody listens any more."""
        found = self._ask()
        feed.turn(LIVE)
        if found != self._last:
            if not feed.came([found]):
                return False
            self._last = found
        return not feed.stopped.is_set()

    def _pause(self, changed: float) -> float:
        on_its_way = self._last is not None and _moving(self._last)
        return SOON if on_its_way and time.monotonic() - changed < ON_ITS_WAY else self._every


def _settle(updates: Answers[WorkspaceUpdate]) -> None:
    """A build tells several things at once: returns when no more come, or too many."""
    end = time.monotonic() + LONGEST
    with suppress(TimeoutError):
        while time.monotonic() < end and updates.receive(QUIET) is not None:
            pass


def _moving(workspaces: Sequence[Workspace]) -> bool:
    agents = (agent for one in workspaces for agent in one.latest_build.agents)
    return any(agent.status == "connecting" or agent.lifecycle_state in _MOVING for agent in agents)
