"""An agent's log, followed across everything that can break."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise

from coder_nb.api.logs import AgentLog
from coder_nb.client import Coder
from coder_nb.client.agent_following import _Now
from coder_nb.embedded.faults import Fault
from coder_nb.embedded.server import Embedded
from coder_nb.embedded.state.logs import LogStore
from coder_nb.streams.feed import Feed, Gap, Listener
from coder_nb.streams.following import BackOff
from coder_nb.streams.logs import FollowedLogs

NOW = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)
Log = Callable[[str], LogStore]


def feed(coder: Coder, agent_id: str, successor: Callable[[], str | None] | None = None) -> Feed[AgentLog]:
    """A feed that tries again at once."""
    source = FollowedLogs(coder.api.logs, agent_id, successor=successor, policy=BackOff(0.001, 0.002))
    return Feed(lambda: source, title="log")


def collect(listener: Listener[AgentLog], last: str) -> list[AgentLog]:
    """Every line up to the one that says so."""
    lines: list[AgentLog] = []
    deadline = time.monotonic() + 60
    while not lines or lines[-1].output != last:
        assert time.monotonic() < deadline, f"{len(lines)} lines, {listener.state.text}"
        listener.wait(1)
        for row in listener.take():
            assert not isinstance(row, Gap)
            lines.append(row)
    return lines


def test_nothing_is_lost_or_repeated_over_a_hundred_drops(server: Embedded, coder: Coder, log: Log) -> None:
    """Wherever the connection breaks: between messages, within one, within a frame."""
    agent = coder.agent("web")
    store = log(agent.id)
    chance = random.Random(7)
    for _ in range(100):
        kind = chance.choice(["hang_up", "break", "drop"])
        messages, size = chance.randrange(4), chance.randrange(1, 3000)
        server.faults.add(Fault(kind, path="*/logs", size=size, messages=messages))  # type: ignore[arg-type]
    writing = threading.Thread(target=write, args=(store, server, chance))
    with feed(coder, agent.id).listen() as listener:
        writing.start()
        lines = collect(listener, "the last line")
        writing.join()
    assert [line.id for line in lines] == [line.id for line in store.after(0)]
    assert all(one.id < other.id for one, other in pairwise(lines))
    assert server.faults.struck >= 100


def write(store: LogStore, server: Embedded, chance: random.Random) -> None:
    """A log that grows until all that shall break has broken."""
    pause, number = threading.Event(), 0
    while server.faults.struck < 100 and number < 10_000:
        batch = [("info", f"line {number}.{n} " + "x" * chance.randrange(50)) for n in range(chance.randrange(1, 6))]
        store.append("source", batch, at=NOW)
        number += 1
        pause.wait(0.003)
    store.append("source", [("info", "the last line")], at=NOW)


def test_many_listeners_are_one_socket(server: Embedded, coder: Coder, log: Log) -> None:
    """However many views a notebook has of one log, the server has one to serve."""
    server.faults.add(Fault("latency", path="*/logs", times=None))
    agent = coder.agent("web")
    feeds = [agent.feed_logs() for _ in range(5)]
    assert len({id(one) for one in feeds}) == 1
    listeners = [one.listen() for one in feeds]
    log(agent.id).append("source", [("info", "the last line")], at=NOW)
    for listener in listeners:
        collect(listener, "the last line")
    assert server.faults.struck == 1
    for listener in listeners:
        listener.close()


def test_a_restart_leads_to_the_next_agents_log(server: Embedded, coder: Coder, log: Log) -> None:
    """The old log is read to its end, then the new one from its beginning, while nobody has to do anything."""
    agent = coder.agent("web")
    log(agent.id).append("source", [("info", "the last line")], at=NOW)
    with feed(coder, agent.id, _Now(agent).started).listen() as listener:
        collect(listener, "the last line")
        workspace = coder.workspace("web")
        workspace.restart(wait=True)
        new = coder.workspace("web").agent("main")
        assert new.id != agent.id
        log(new.id).append("source", [("info", "of the new one")], at=NOW)
        assert collect(listener, "of the new one")[-1].output == "of the new one"


def test_a_refusal_ends_it_for_good_and_says_why(coder: Coder) -> None:
    """Asking again for what is not there would be for nothing."""
    with feed(coder, "00000000-0000-0000-0000-000000000001").listen() as listener:
        while listener.state.name != "ended":
            assert listener.wait(5)
            listener.take()
        assert listener.state.why


def test_states_say_that_it_broke_and_when_it_is_tried_again(server: Embedded, coder: Coder) -> None:
    """Not live, while it is not."""
    agent = coder.agent("web")
    server.faults.add(Fault("status", path="*/logs", times=None))
    source = FollowedLogs(coder.api.logs, agent.id, policy=BackOff(60, 60))
    with Feed(lambda: source, title="log").listen() as listener:
        while listener.state.name != "reconnecting":
            assert listener.wait(30)
            listener.take()
        assert listener.state.text.startswith("reconnecting in ") and listener.state.why
    assert not [thread for thread in threading.enumerate() if thread.name == "coder-nb:log"]


def test_follow_logs_gives_lines_of_a_level(coder: Coder, log: Log) -> None:
    """As records, from a line on."""
    agent = coder.agent("web")
    last = agent.logs()["id"].max()
    log(agent.id).append("source", [("info", "not this"), ("error", "this")], at=NOW)
    followed = agent.follow_logs(level="warn", after=int(last))
    assert next(followed).output == "this"


def test_five_hundred_logs_are_followed_at_once(coder: Coder, log: Log) -> None:
    """By one process, each woken by its own socket."""
    agent = coder.agent("web")
    feeds = [feed(coder, agent.id) for _ in range(500)]
    listeners = [one.listen() for one in feeds]
    try:
        log(agent.id).append("source", [("info", "the last line")], at=NOW)
        for listener in listeners:
            collect(listener, "the last line")
    finally:
        for one in feeds:
            one.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "coder-nb:log"]
