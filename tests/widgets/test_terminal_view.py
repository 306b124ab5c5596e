"""The terminal without a browser: whom it waits for, in what order it types, and what it shows where no page is."""

from __future__ import annotations

import gzip
import random
import threading
from collections.abc import Iterator
from uuid import uuid4

import pytest

from coder_nb.client import Agent, Coder, connect
from coder_nb.credentials import Secret
from coder_nb.embedded.scenario import load_scenario
from coder_nb.embedded.server import Embedded
from coder_nb.errors import AgentUnavailable, ConfirmationRequired, Invalid, NotFound
from coder_nb.transport.http import Http
from coder_nb.widgets.audience import PACE, STALLED, WINDOW, Audience
from coder_nb.widgets.in_order import InOrder
from coder_nb.widgets.terminal_bundle import bundle
from coder_nb.widgets.view import MIME, module


@pytest.fixture(scope="module")
def coder() -> Iterator[Coder]:
    """A fleet of its own."""
    with Embedded(load_scenario()) as server, connect(server.url, token=server.token) as coder:
        yield coder


@pytest.fixture
def agent(coder: Coder) -> Agent:
    """One that is connected."""
    return coder.agent("web")


def test_the_slowest_that_draws_is_waited_for() -> None:
    """Up to the window; and at most 20 messages a second."""
    audience = Audience()
    assert not audience.has_room(0.0) and audience.slowest(0.0) is None
    audience.hello("a", 0, 0.0)
    audience.hello("b", 0, 0.0)
    audience.sent(WINDOW, 0.0)
    assert audience.due() == PACE
    audience.drawn("a", WINDOW, WINDOW, 1.0)
    assert audience.slowest(1.0) == 0 and not audience.has_room(1.0)
    audience.drawn("b", 10, WINDOW, 1.0)
    assert audience.slowest(1.0) == 10 and audience.has_room(1.0)


def test_a_page_that_draws_nothing_is_not_waited_for() -> None:
    """It counts again as soon as it draws."""
    audience = Audience()
    audience.hello("left", 0, 0.0)
    audience.hello("here", 0, 0.0)
    audience.sent(WINDOW, 0.0)
    audience.drawn("here", WINDOW, WINDOW, 1.0)
    assert audience.has_room(STALLED + 0.1)
    audience.drawn("left", 5, WINDOW, 9.0)
    assert audience.slowest(9.0) == 5


def test_a_new_page_gets_what_was_said_before_and_others_are_not_harmed() -> None:
    """Sending goes back for it; a page that lost something says so with the next sign of life."""
    audience = Audience()
    audience.hello("a", 0, 0.0)
    audience.sent(5000, 0.0)
    audience.hello("b", 1000, 1.0)
    assert audience.at == 1000
    audience.sent(5000, 1.0)
    audience.drawn("a", 4000, 4000, 1.5)
    assert audience.at == 5000  # It may still be on its way.
    audience.drawn("a", 4000, 4000, 9.0)
    assert audience.at == 4000
    audience.bye("a")
    audience.bye("b")
    assert audience.slowest(9.0) is None


def test_what_is_typed_is_in_order_however_it_comes() -> None:
    """A kernel with several loops may take a later message first; none counts twice."""
    for seed in range(20):
        order: InOrder[int] = InOrder()
        numbers = [*range(1, 30), 3, 7]
        random.Random(seed).shuffle(numbers)
        assert [thing for number in numbers for thing in order.take(number, number)] == list(range(1, 30))


def test_the_loader_is_small_and_the_bundle_is_not_in_it() -> None:
    """What is sent for every widget, and what once for a page; with the licence that goes with every copy."""
    assert len(module("terminal")) < 4_000
    assert len(bundle()) < 140_000
    text = gzip.decompress(bundle()).decode()
    assert "The xterm.js authors" in text and "Permission is hereby granted" in text


def test_nothing_is_opened_before_a_page_shows_it(agent: Agent) -> None:
    """What is stored says so, the same each time."""
    view = agent.terminal()
    data, _ = view._repr_mimebundle_()
    assert data["text/plain"] == "terminal of web.main: begins when a notebook shows it"
    assert MIME in data and "<script" not in str(data["text/html"])
    assert view.session == "" and view.ended is None and view.received == 0
    view.stop()
    assert view.ended == "closed here"


def test_its_text_is_known_without_a_page(agent: Agent) -> None:
    """As far as can be told: escape sequences are left out, HTML is escaped."""
    view = agent.terminal()
    came = threading.Event()
    view._attachment._wake = lambda: came.set() if b"<b>red</b>" in view._attachment.tape.tail(4096) else None
    view.type("stty -echo; printf '\\033[31m<b>%s</b>\\n' red\r")
    assert came.wait(20)
    assert "<b>red</b>" in view.text and "\x1b" not in view.text
    assert "&lt;b&gt;red" in str(view._repr_mimebundle_()[0]["text/html"])
    assert view.session
    view.close()


def test_no_secret_is_saved_with_the_notebook(agent: Agent) -> None:
    """The screen itself is a terminal's, and shows what programs write to it."""
    token = f"tk{uuid4().hex}"
    Secret(token)
    view = agent.terminal()
    came = threading.Event()
    view._attachment._wake = lambda: came.set() if token.encode() in view._attachment.tape.tail(4096) else None
    view.type(f"stty -echo; printf '%s%s\\n' {token[:9]} {token[9:]}\r")
    assert came.wait(20)
    saved = str(view._repr_mimebundle_())
    assert token in view.text
    assert token not in saved
    assert "****" in saved
    view.close()


def test_what_cannot_be_is_said_at_once(coder: Coder, agent: Agent) -> None:
    """No widget appears for a workspace that is stopped, a container there is not, an id that is none."""
    with pytest.raises(AgentUnavailable, match="archive"):
        coder.agent("archive").terminal()
    with pytest.raises(NotFound, match="no container 'nothing'"):
        agent.terminal(container="nothing")
    with pytest.raises(Invalid, match="not the id of a terminal session"):
        agent.terminal(reconnect="yesterday")


def test_a_terminal_counts_as_a_change(coder: Coder, agent: Agent) -> None:
    """A dry run opens none."""
    http: Http = coder.api.http
    http.dry_run = True
    try:
        with pytest.raises(ConfirmationRequired, match="dry run"):
            agent.terminal()
    finally:
        http.dry_run = False


def test_closing_the_connection_leaves_its_terminals() -> None:
    """No thread of theirs is left."""
    with Embedded(load_scenario()) as server, connect(server.url, token=server.token) as coder:
        view = coder.agent("web").terminal()
        view.type("true\r")
    assert view.ended == "closed here"
    assert not [it for it in threading.enumerate() if it.name == "coder-nb:keyboard"]
