"""GET /workspaceagents/me/reinit (server-sent events)"""

from __future__ import annotations

import queue
import threading
from urllib.request import Request, urlopen

import pytest

from coder_nb.api.me import Reinit
from coder_nb.client import Coder
from coder_nb.errors import AuthenticationError
from coder_nb.within import Inside, inside

from .conftest import Target
from .me_routes import NOBODY, refuses_other_tokens
from .waiting import until

PATH = "/workspaceagents/me/reinit"


def test_it_pings_every_15_seconds_and_says_nothing_before(me: Inside, target: Target) -> None:
    """Not even that it will: the status line comes with the first ping."""
    stream = me.api.http.events(PATH)
    with stream:
        event = stream.receive(timeout=20)
    assert event is not None and (event.name, event.data) == ("ping", "")


def test_a_claim_is_told_while_it_is_open(me: Inside, target: Target, coder: Coder) -> None:
    """With the workspace and the reason."""
    if target.foreign:
        pytest.skip("a claim needs a prebuilt workspace")
    claims: queue.Queue[Reinit] = queue.Queue()

    def claim() -> None:
        headers = {"Coder-Session-Token": target.token.reveal()}
        urlopen(Request(f"{target.url}/_claims", b"here", headers, method="POST"), timeout=30).close()

    with me.on_reinit(claims.put):
        # Again until it is told, since none is kept for those who listen later.
        until(claim, lambda _: not claims.empty())
        found = claims.get(timeout=30)
    assert (found.workspace_id, found.reason) == (coder.workspace("here").record.id, "prebuild_claimed")


def test_other_tokens_are_refused_at_once(me: Inside, target: Target) -> None:
    """Before the stream begins."""
    refuses_other_tokens(target, "GET", PATH)
    with (
        inside(environ={"CODER_AGENT_URL": target.url, "CODER_AGENT_TOKEN": NOBODY}) as stranger,
        pytest.raises(AuthenticationError),
    ):
        stranger.api.me.watch_reinit()


def test_closing_wakes_whoever_waits(me: Inside) -> None:
    """At once, not with the next ping."""
    claims = me.api.me.watch_reinit()
    threading.Timer(0.1, claims.close).start()
    assert list(claims) == []
