"""An agent's log, followed across everything that can break."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import pairwise

from coder_nb.api.logs import AgentLog
from coder_nb.client import Coder
from coder_nb.client.agent_following import Now
from coder_nb.embedded.faults import Fault
from coder_nb.embedded.server import Embedded
from coder_nb.embedded.state.logs import LogStore
from coder_nb.streams.feed import Feed, Gap, Listener
from coder_nb.streams.following import BackOff
from coder_nb.streams.logs import FollowedLogs

NOW = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)
Log = Callable[[str], LogStore]


class Counted(FollowedLogs):
    """Counts the lines that came over the wire."""

    came = 0

    def _rows(self, message: list[AgentLog]) -> Iterable[AgentLog]:
        self.came += len(message)
        return super()._rows(message)


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


def awaited(listener: Listener[AgentLog], words: str) -> None:
    """Until the state's text has these words."""
    deadline = time.monotonic() + 30
    while words not in listener.state.text:
        assert time.monotonic() < deadline, listener.state.text
        listener.take()
        if words not in listener.state.text:
            listener.wait(0.5)


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
    source = Counted(coder.api.logs, agent.id, policy=BackOff(0.001, 0.002))
    with Feed(lambda: source, title="log").listen() as listener:
        writing.start()
        lines = collect(listener, "the last line")
        writing.join()
    assert [line.id for line in lines] == [line.id for line in store.after(0)]
    assert all(one.id < other.id for one, other in pairwise(lines))
    assert server.faults.struck >= 100
    assert source.came == len(lines), "only what is newer than the last line is sent again"


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
    with feed(coder, agent.id, Now(agent).started).listen() as listener:
        collect(listener, "the last line")
        workspace = coder.workspace("web")
        workspace.restart(wait=True)
        new = coder.workspace("web").agent("main")
        assert new.id != agent.id
        log(new.id).append("source", [("info", "of the new one")], at=NOW)
        assert collect(listener, "of the new one")[-1].output == "of the new one"


def test_what_is_written_while_a_workspace_stops_is_read(coder: Coder, log: Log) -> None:
    """The server ends a followed log when the stop is asked for; shutdown scripts write after that."""
    agent = coder.agent("web")
    with feed(coder, agent.id, Now(agent).started).listen() as listener:
        coder.workspace("web").stop(wait=True)
        awaited(listener, "waiting for the workspace's next start")
        log(agent.id).append("source", [("info", "shut down")], at=NOW)
        assert collect(listener, "shut down")[-1].output == "shut down"


def test_no_line_is_lost_where_listeners_come_and_go(coder: Coder, log: Log) -> None:
    """A stream may be stopped at any moment: what it had read but nobody kept is read again."""
    agent = coder.agent("web")
    store, written = log(agent.id), threading.Event()

    def grow() -> None:
        pause = threading.Event()
        for number in range(400):
            store.append("source", [("info", f"line {number}")], at=NOW)
            pause.wait(0.001)
        written.set()

    one, writing = feed(coder, agent.id), threading.Thread(target=grow)
    writing.start()
    times, chance, pause = 0, random.Random(3), threading.Event()
    while not written.is_set():
        with one.listen():
            pause.wait(chance.random() * 0.01)
        times += 1
    writing.join()
    store.append("source", [("info", "the last line")], at=NOW)
    with one.listen() as listener:
        lines = collect(listener, "the last line")
    assert times > 20
    assert [line.id for line in lines] == [line.id for line in store.after(0)]


def test_a_deleted_workspaces_log_is_over(server: Embedded, coder: Coder) -> None:
    """There will be no next start, and that is said."""
    agent = coder.agent("web")
    with feed(coder, agent.id, Now(agent).started).listen() as listener:
        coder.workspace("web").stop(wait=True)
        awaited(listener, "waiting for the workspace's next start")
        server.faults.add(Fault("status", path="*/workspaces/*", status=410, times=None, body=b"It was deleted."))
        awaited(listener, "ended: ")
        assert "deleted" in listener.state.why


def test_a_refusal_ends_it_for_good_and_says_why(coder: Coder) -> None:
    """Asking again for what is not there would be for nothing."""
    with feed(coder, "00000000-0000-0000-0000-000000000001").listen() as listener:
        awaited(listener, "ended: ")
        assert listener.state.why


def test_a_page_in_front_of_the_server_ends_only_what_has_never_worked(
    server: Embedded, coder: Coder, log: Log
) -> None:
    """An address that is wrong is told so; a view of all day outlives a proxy's maintenance."""
    agent = coder.agent("web")
    with feed(coder, agent.id).listen() as working:
        awaited(working, "live")
        server.faults.add(Fault("html", path="*/logs", times=None))
        with feed(coder, agent.id).listen() as new:
            awaited(new, "ended: ")
        server.faults.clear()
        server.faults.add(Fault("html", path="*/logs", times=2))
        log(agent.id).append("source", [("info", "the last line")], at=NOW)
        collect(working, "the last line")


def test_states_say_that_it_broke_and_when_it_is_tried_again(server: Embedded, coder: Coder) -> None:
    """Not live, while it is not."""
    agent = coder.agent("web")
    server.faults.add(Fault("status", path="*/logs", times=None))
    source = FollowedLogs(coder.api.logs, agent.id, policy=BackOff(60, 60))
    with Feed(lambda: source, title="log").listen() as listener:
        awaited(listener, "reconnecting in ")
        assert listener.state.why
    assert not [thread for thread in threading.enumerate() if thread.name == "coder-nb:log"]


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
