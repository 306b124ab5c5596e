"""The log view's Python half: what has come, what is marked, and what is shown where no page is."""

from __future__ import annotations

import array
import json
from typing import Any
from uuid import uuid4

from coder_nb.api.logs import AgentLog
from coder_nb.credentials import Secret
from coder_nb.errors import TransportError
from coder_nb.streams.feed import Gap
from coder_nb.streams.state import State
from coder_nb.widgets.log_rows import KEPT, Rows
from coder_nb.widgets.log_view import LogView
from coder_nb.widgets.view import MIME
from tests.widgets.line import Comm, Page
from tests.widgets.lines import NOW, Lines, texts

HTML = "text/html"


def records(count: int, first: int = 1, text: str = "line {}") -> list[AgentLog]:
    """So many lines."""
    return [AgentLog(n, NOW, text.format(n), "info", "a") for n in range(first, first + count)]


def test_a_snapshot_and_then_what_comes(comms: list[Comm]) -> None:
    """Lines that were there already come once, although the stream begins with them."""
    lines = Lines()
    view = LogView(lines.feed, title="log", names={"a": "Alpha"}, first=records(2))
    page = Page(comms[-1])
    page.hello()
    lines.push("line 1", "line 2", "line 3")
    page.wait(lambda: len(texts(page)) == 3)
    assert texts(page) == ["line 1", "line 2", "line 3"]
    assert list(view.frame.text) == texts(page)
    assert set(view.frame.source) == {"Alpha"}
    assert [name for sources in page.bodies("sources") for name in sources] == [["a", "Alpha"]]


def test_states_are_told_as_they_turn(comms: list[Comm]) -> None:
    """With the seconds until it is tried again, since the page has another clock."""
    lines = Lines()
    LogView(lines.feed, title="log")
    page = Page(comms[-1])
    page.hello()
    assert lines.began()
    lines.turn(State("reconnecting", "the connection \x1b broke", retry_at=1e12))
    page.wait(lambda: any(state["name"] == "reconnecting" for state in page.bodies("state")))
    state = list(page.bodies("state"))[-1]
    assert state["why"] == "the connection ␛ broke"
    assert state["retry"] > 1e9


def test_names_of_new_sources_are_asked_for(comms: list[Comm]) -> None:
    """A source that cannot be named keeps its id."""
    lines, asked = Lines(), []

    def sources() -> dict[str, str]:
        asked.append(1)
        if len(asked) > 1:
            raise TransportError("no answer")
        return {"b": "Beta"}

    LogView(lines.feed, title="log", sources=sources)
    page = Page(comms[-1])
    page.hello()
    lines.push("one", source="b")
    lines.push("two", source="c")
    page.wait(lambda: len(texts(page)) == 2)
    assert [name for found in page.bodies("sources") for name in found] == [["b", "Beta"], ["c", "c"]]


def test_marked_lines_are_a_frame(comms: list[Comm]) -> None:
    """The page says which, by their ids."""
    lines = Lines()
    view = LogView(lines.feed, title="log", first=records(5))
    comms[-1].says({"type": "select", "client": "p"}, [array.array("d", [2, 4]).tobytes()])
    assert list(view.selection.id) == [2, 4]


def bundle(view: LogView) -> dict[str, Any]:
    """What it is shown as."""
    return view._repr_mimebundle_()[0]


def test_where_no_page_is_it_is_text_and_html(comms: list[Comm]) -> None:
    """At most 200 lines, the cut stated; nothing in them acts, and the same log gives the same words."""
    nasty = [AgentLog(1000, NOW, "\x1b[31m<script>\x07\x1b[0m", "error", "a")]
    first = [*records(300), *nasty]
    shown = bundle(LogView(Lines().feed, title="log of dev", names={"a": "A<b>"}, first=first))
    again = bundle(LogView(Lines().feed, title="log of dev", names={"a": "A<b>"}, first=first))
    assert (shown["text/plain"], shown[HTML]) == (again["text/plain"], again[HTML])
    plain = shown["text/plain"].splitlines()
    assert plain[0] == "log of dev: 301 lines, the last 200 of them here"
    assert len(plain) == 201
    assert plain[-1] == "2026-03-12 09:30:00  error  A<b>  <script>␇"
    assert "<script>" not in shown[HTML]
    assert "A&lt;b&gt;" in shown[HTML]
    assert "<style" not in shown[HTML]
    assert set(shown) == {"text/plain", HTML, MIME}


def test_batches_are_bounded() -> None:
    """However much there is to tell, a message has at most some 256 kB and 5,000 lines."""
    rows = Rows()
    rows.add(records(4000, text="x" * 1000 + "{}"))
    rows.add(records(20_000, first=5000))
    sizes = []
    while taken := rows.take():
        content, buffers = taken
        sizes.append((content["n"], sum(map(len, buffers)) + len(json.dumps(content))))
    assert sum(n for n, _ in sizes) == 24_000  # type: ignore[misc]
    assert max(size for _, size in sizes) <= 256 * 1024
    assert max(n for n, _ in sizes) == 5000  # type: ignore[type-var]


def test_memory_is_bounded_and_what_is_lost_is_a_row() -> None:
    """The newest 100,000 and some are kept; a page that is far behind is told how many it lacks."""
    rows = Rows()
    rows.add(records(10))
    rows.take()
    rows.add(records(KEPT + 50_000, first=11))
    assert KEPT <= len(rows) <= KEPT + 10_000
    assert rows.newest(1)[0] == records(1, first=KEPT + 50_010)[0]
    taken = rows.take()
    assert taken is not None
    assert taken[1][1].startswith(b"50,000")


def test_gaps_and_unknown_levels_have_codes_of_their_own() -> None:
    """And a gap has the time and id of the line beside it."""
    rows = Rows()
    rows.add([Gap(7), AgentLog(9, NOW, "text", "fatal", "a"), Gap(1)])
    taken = rows.take()
    assert taken is not None
    content, (columns, text) = taken
    assert content["id"] == 9
    assert list(columns[-3:]) == [6, 5, 6]
    assert text == b"7text1"
    assert rows.records() == [AgentLog(9, NOW, "text", "fatal", "a")]


def test_no_secret_goes_to_a_page(comms: list[Comm]) -> None:
    """Neither in lines nor in names, nor in what is saved with the notebook; `.frame` has it as it came."""
    token = f"tk{uuid4().hex}"
    Secret(token)
    lines = Lines()
    view = LogView(lines.feed, title="log", names={"a": f"Alpha {token}"}, first=records(1, text=f"the token {token}"))
    page = Page(comms[-1])
    page.hello()
    page.wait(lambda: len(texts(page)) == 1)
    assert texts(page) == ["the token ****"]
    assert [name for sources in page.bodies("sources") for name in sources] == [["a", "Alpha ****"]]
    saved = json.dumps(view._repr_mimebundle_(), default=str)
    assert "the token ****" in saved
    assert token not in saved
    assert list(view.frame.text) == [f"the token {token}"]
    view.stop()
