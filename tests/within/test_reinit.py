"""Claims of a prebuilt workspace call back, over as many connections as it takes."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable

import pytest

from coder_nb.api.me import Reinit
from coder_nb.embedded.faults import Fault
from coder_nb.within import Inside, inside
from tests.transport.hostile import HostileServer, Request, answer
from tests.within.conftest import Home

LIMIT = 20.0
REINIT = "/api/v2/workspaceagents/me/reinit"


def names() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "coder-nb:reinit"]


def claim(home: Home) -> None:
    """A user claims the workspace, as soon as somebody listens for it."""
    end = time.monotonic() + LIMIT
    while not home.workspace.claims.announce():
        assert time.monotonic() < end, "nobody has listened"
        threading.Event().wait(0.01)


def test_a_claim_calls_back(me: Inside, home: Home) -> None:
    """With the workspace and the reason, each time; pings between do not count."""
    claims: queue.Queue[Reinit] = queue.Queue()
    with me.on_reinit(claims.put) as watch:
        for _ in range(2):
            claim(home)
            assert claims.get(timeout=LIMIT) == Reinit(workspace_id=home.workspace.id, reason="prebuild_claimed")
        assert "watching" in repr(watch)
        assert names() == ["coder-nb:reinit"]
    assert "ended" in repr(watch)
    assert names() == []


def test_the_typed_call_gives_claims_only(me: Inside, home: Home) -> None:
    """Iterating over it skips the pings; closing it from another thread ends the iteration."""
    claims = me.api.me.watch_reinit()
    claim(home)
    found = iter(claims)
    assert next(found).reason == "prebuild_claimed"
    threading.Timer(0.05, claims.close).start()
    assert list(found) == []


def test_a_callback_that_fails_is_told_and_called_again(me: Inside, home: Home) -> None:
    """The next claim may be worth it."""
    called: queue.Queue[Reinit] = queue.Queue()

    def fail(claim: Reinit) -> None:
        called.put(claim)
        raise ValueError("no room")

    with me.on_reinit(fail):
        for _ in range(2):
            claim(home)
            called.get(timeout=LIMIT)
    assert home.told == ["what was to happen on a claim failed: ValueError: no room"] * 2


def test_a_callback_may_close_the_watch(me: Inside, home: Home) -> None:
    """Since most have something to do once."""
    watches: queue.Queue[Callable[[], None]] = queue.Queue()
    done = threading.Event()

    def once(claim: Reinit) -> None:
        watches.get(timeout=LIMIT)()
        done.set()

    watch = me.on_reinit(once)
    watches.put(watch.close)
    claim(home)
    assert done.wait(LIMIT)
    watch.close()
    assert names() == []


def test_a_connection_that_breaks_is_made_again(home: Home, me: Inside) -> None:
    """Before the first event, and after."""
    claims: queue.Queue[Reinit] = queue.Queue()
    home.server.faults.add(Fault("drop", path=REINIT))
    home.server.faults.add(Fault("status", path=REINIT, status=503, times=3))
    with me.on_reinit(claims.put):
        claim(home)
        assert claims.get(timeout=LIMIT).reason == "prebuild_claimed"
    assert home.server.faults.struck >= 1
    assert home.told == []


def test_a_stream_that_ends_is_opened_again() -> None:
    """A server that restarts closes it; a claim on the second connection is told."""
    event = b'event: data\ndata: {"WorkspaceID":"5ee","reason":"prebuild_claimed"}\n\n'
    ping = answer(b"event: ping\n\n", kind="text/event-stream")
    claims: queue.Queue[Reinit] = queue.Queue()

    def hold(sock: object, request: Request) -> None:
        answer(event, kind="text/event-stream")(sock, request)  # type: ignore[arg-type]

    server = HostileServer([ping, hold, ping])
    environ = {"CODER_AGENT_URL": server.url, "CODER_AGENT_TOKEN": "072ac515-32dd-4ba1-a3c1-d7e808799904"}
    with inside(environ=environ, notify=lambda line: None) as me, me.on_reinit(claims.put):
        assert claims.get(timeout=LIMIT).workspace_id == "5ee"
    server.close()


@pytest.mark.parametrize("status", [401, 404])
def test_a_refusal_ends_it_and_is_told(home: Home, me: Inside, status: int) -> None:
    """The token is no good any more, or the server is older than this: asking again would not help."""
    home.server.faults.add(Fault("status", path=REINIT, status=status, times=None, body=b"No."))
    watch = me.on_reinit(lambda claim: None)
    watch._thread.join(LIMIT)
    assert watch.error is not None
    assert home.told == ["claims of this workspace are no longer watched: No."]
    assert names() == []


def test_closing_does_not_wait_for_the_first_ping(home: Home, me: Inside) -> None:
    """Which may be 15 s away: the connection is cut while it waits for its first byte."""
    home.server.site.ping_seconds = 60.0
    watch = me.on_reinit(lambda claim: None)
    end = time.monotonic() + LIMIT
    while not home.workspace.claims._listeners and time.monotonic() < end:
        threading.Event().wait(0.01)
    began = time.monotonic()
    watch.close()
    assert time.monotonic() - began < 5
    assert names() == []
