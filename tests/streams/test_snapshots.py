"""Metadata, containers and ports followed: what is pushed, what has to be asked for, and what takes whose place."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from coder_nb.api.containers import ContainerListing
from coder_nb.client import Coder
from coder_nb.client.agent_following import Now
from coder_nb.embedded.faults import Fault
from coder_nb.embedded.server import Embedded
from coder_nb.embedded.state.agents import Agent as HeldAgent
from coder_nb.errors import AgentUnavailable, PermissionDenied
from coder_nb.streams.feed import Feed, Listener
from coder_nb.streams.following import BackOff
from coder_nb.streams.snapshots import FollowedContainers, FollowedMetadata, Polled

AT_ONCE = BackOff(0.001, 0.002)
Held = Callable[[str], HeldAgent]


def until(listener: Listener[Any], true: Callable[[list[Any]], bool]) -> list[Any]:
    """What has come, once that is so of it."""
    found: list[Any] = []
    deadline = time.monotonic() + 30
    while not true(found):
        assert time.monotonic() < deadline, f"{found}, {listener.state.text}"
        listener.wait(0.2)
        found += listener.take()
    return found


def metadata(coder: Coder, look: float = 30.0) -> Feed[Any]:
    """What `web` measures; tried again at once."""
    now = Now(coder.agent("web"))
    current = lambda: now.agent(anew=True).id  # noqa: E731
    return Feed(
        lambda: FollowedMetadata(coder.api.metadata, current, look=look, policy=AT_ONCE), title="metadata", rows=1
    )


def test_metadata_comes_again_after_a_break(server: Embedded, coder: Coder) -> None:
    """All of it each time, so nothing can be missing."""
    server.faults.add(Fault("hang_up", path="*/watch-metadata-ws", times=3, messages=1))
    with metadata(coder).listen() as listener:
        found = until(listener, lambda _: server.faults.struck == 3 and listener.state.name == "live")
    assert found and all(len(items) == len(found[0]) for items in found)


def test_metadata_comes_as_events_where_there_is_no_newer_route(server: Embedded, coder: Coder) -> None:
    """Servers before 2.22 have nothing else."""
    server.faults.add(Fault("status", path="*/watch-metadata-ws", status=404, body=b"Route not found.", times=None))
    with metadata(coder).listen() as listener:
        found = until(listener, bool)
    assert [item.description.key for item in found[0]]


def test_metadata_that_falls_silent_is_connected_anew(server: Embedded, coder: Coder) -> None:
    """Its pings go on, so the connection looks alive; but all items come every five seconds."""
    server.faults.add(Fault("silent", path="*/watch-metadata-ws", times=1, messages=1))
    with metadata(coder, look=0.05).listen() as listener:
        until(listener, lambda found: server.faults.struck == 1 and len(found) > 3)


def test_metadata_goes_on_with_the_next_starts_agent(coder: Coder, held: Held) -> None:
    """Though the server never says that there is another one."""
    with metadata(coder, look=0.02).listen() as listener:
        until(listener, bool)
        coder.workspace("web").restart(wait=True)
        new = held(coder.workspace("web").agent("main").id)
        new.metadata = new.metadata[:1]
        until(listener, lambda found: bool(found) and len(found[-1]) == 1)


def test_containers_are_asked_for_where_the_server_cannot_push(server: Embedded, coder: Coder, held: Held) -> None:
    """Servers before 2.25; what has not changed is given once."""
    server.faults.add(Fault("status", path="*/containers/watch", status=404, body=b"Route not found.", times=None))
    agent = coder.agent("web")
    source = FollowedContainers(lambda: coder.api.containers.watch(agent.id), agent.listing, every=0.01, policy=AT_ONCE)
    with Feed(lambda: source, title="containers", rows=1).listen() as listener:
        [first] = until(listener, bool)
        side = held(agent.id)
        listing = side.containers()
        stopped = replace(listing, containers=[replace(one, running=False) for one in listing.containers or ()])
        side.containers = lambda: stopped
        [second] = until(listener, bool)
    assert isinstance(first, ContainerListing) and first != second


def test_containers_of_an_agent_that_has_gone_wait_for_it(server: Embedded, coder: Coder) -> None:
    """The connection breaks and cannot be made: it is tried until it can."""
    server.faults.add(Fault("hang_up", path="*/containers/watch", messages=1))
    server.faults.add(Fault("status", path="*/containers/watch", status=400, times=5))
    agent = coder.agent("web")
    watch = lambda: agent._dialled(lambda: coder.api.containers.watch(agent.id))  # noqa: E731
    source = FollowedContainers(watch, agent.listing, every=30, policy=AT_ONCE)
    with Feed(lambda: source, title="containers", rows=1).listen() as listener:
        until(listener, lambda _: server.faults.struck == 6 and listener.state.name == "live")


def test_what_is_polled_is_polled_less_while_nobody_looks() -> None:
    """And at once when somebody looks again."""
    asked = threading.Semaphore(0)
    count = iter(range(1_000_000))

    def ask() -> int:
        asked.release()
        return next(count)

    source = Polled(ask, every=0.001, alone=600)
    with Feed(lambda: source, title="polled", rows=1).listen() as listener:
        assert all(asked.acquire(timeout=5) for _ in range(5))
        listener.looking = False
        while asked.acquire(timeout=0.05):
            pass
        listener.looking = True
        assert all(asked.acquire(timeout=5) for _ in range(5))


def test_what_is_polled_gives_a_row_where_the_answer_is_another() -> None:
    """An answer that says the same as the last is no news."""
    answers = iter([1, 1, 2, 2, 2, 3])
    asked = threading.Event()

    def ask() -> int:
        answer = next(answers, 3)
        if answer == 3:
            asked.set()
        return answer

    with Feed(lambda: Polled(ask, every=0), title="polled").listen() as listener:
        assert asked.wait(5)
        assert until(listener, lambda found: len(found) == 3) == [1, 2, 3]


def test_a_poll_that_fails_is_tried_again_but_not_for_what_is_refused_for_good() -> None:
    """An agent that was there may come back; what may not be seen stays so."""
    answers: list[int | Exception] = [1, AgentUnavailable("away", hint="wait"), 2, PermissionDenied("no", status=403)]

    def ask() -> int:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    with Feed(lambda: Polled(ask, every=0, policy=AT_ONCE), title="polled").listen() as listener:
        assert until(listener, lambda _: listener.state.name == "ended") == [1, 2]
        assert listener.state.text == "ended: no"


def test_an_agent_that_was_never_there_is_not_waited_for() -> None:
    """Somebody who asks for what cannot be had now is told so."""

    def ask() -> int:
        raise AgentUnavailable("dev is stopped", hint="%coder start dev")

    with Feed(lambda: Polled(ask, every=0), title="polled").listen() as listener:
        until(listener, lambda _: listener.state.name == "ended")
        assert listener.state.text == "ended: dev is stopped"
