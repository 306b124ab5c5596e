"""The time of a workspace to which something happens: it gets a clock of its own, which events move on."""

from __future__ import annotations

from datetime import datetime, timedelta

from coder_nb.embedded.state import Clock, Workspace

__all__ = ["own_clock", "tick"]


def own_clock(workspace: Workspace) -> None:
    """From now on its time goes on with what happens to it; everything else in the fleet keeps its own."""
    if workspace.clock.stands_still:
        workspace.clock = Clock(workspace.clock.now())


def tick(workspace: Workspace, by: timedelta) -> datetime:
    """The time of the next event: a clock that stands still moves on to it, the real one is there by itself."""
    if workspace.clock.stands_still and by > timedelta():
        workspace.clock.advance(by)
    return workspace.clock.now()
