"""The live table's kernel side: what pages are told, what they may ask for, and what is shown where there is none."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from uuid import uuid4

import pandas as pd
import pytest

from coder_nb import frames
from coder_nb.api.ports import ListeningPort
from coder_nb.credentials import Secret
from coder_nb.errors import Conflict
from coder_nb.streams.state import State
from coder_nb.widgets.table_view import Action, TableView
from tests.widgets.page import Page, Pushed, page, pushed, size

__all__ = ["page"]

Make = Callable[..., TableView]


def ports(**processes: int) -> pd.DataFrame:
    """A frame of listening ports by the names of processes."""
    listening = [ListeningPort(process_name=name, network="tcp", port=port) for name, port in processes.items()]
    return frames.ports(listening, [], link=lambda port: f"http://x/{port}", app_link=lambda _: None, attrs={})


@pytest.fixture
def stream() -> Iterator[tuple[Pushed, Any]]:
    """Where snapshots come from."""
    with pushed() as both:
        yield both


@pytest.fixture
def make(page: Page, stream: tuple[Pushed, Any]) -> Iterator[Make]:
    """Makes the view that the page shows."""
    views = []

    def make(first: pd.DataFrame, **more: Any) -> TableView:
        view = TableView(stream[1], frame=lambda frame: frame, title="ports", key=["port"], first=first, **more)
        views.append(view)
        return view

    yield make
    for view in views:
        view.stop()


def test_a_page_gets_all_once_and_then_what_changes(make: Make, page: Page, stream: tuple[Pushed, Any]) -> None:
    """A row that changed by its cells, a new one whole, a gone one by its key."""
    view = make(ports(nginx=80, old=81))
    page.say(type="hello")
    whole = page.body("rows")
    assert [column[0] for column in whole["columns"]][:2] == ["port", "network"]
    assert [row[0] for row in whole["rows"]] == ["80", "81"]
    stream[0].push(ports(caddy=80, new=82))
    patch = page.body("set")
    assert patch["set"] == {"80": {"2": "caddy"}}
    assert patch["gone"] == ["81"] and [row[0] for row in patch["add"]] == ["82"]
    assert list(view.frame.process) == ["caddy", "new"]


def test_a_column_that_comes_is_told_with_all_rows(make: Make, page: Page, stream: tuple[Pushed, Any]) -> None:
    """Addresses of this machine have one once there is any, and none once there is no more."""
    make(ports(nginx=80))
    page.say(type="hello")
    before = page.body("rows")
    led = ports(nginx=80)
    led["local"] = "http://127.0.0.1:9"
    stream[0].push(led)
    after = page.body("rows")
    assert [name for name, _ in after["columns"]] == [*(name for name, _ in before["columns"]), "local"]
    assert after["rows"][0][1][-1] == ["http://127.0.0.1:9", "", "http://127.0.0.1:9"]
    stream[0].push(ports(nginx=80))
    assert page.body("rows")["columns"] == before["columns"]


def test_one_changed_row_of_a_thousand_is_at_most_300_bytes(make: Make, page: Page, stream: tuple[Pushed, Any]) -> None:
    """Measured on the whole message, with its numbers."""
    first = {f"p{n}": 1000 + n for n in range(1000)}
    make(ports(**first))
    page.say(type="hello")
    page.body("rows")
    page.state("live")
    renamed = {("renamed" if port == 1500 else name): port for name, port in first.items()}
    stream[0].push(ports(**renamed))
    message = page.wait(lambda message: "set" in message.get("body", {}))
    assert 0 < size(message) <= 300


def test_nothing_is_streamed_before_a_page_looks(make: Make, stream: tuple[Pushed, Any]) -> None:
    """A notebook run by a test gets what there is, and opens no stream."""
    view = make(ports(nginx=80))
    assert stream[1].state.name == "idle"
    assert "nginx" in repr(view) and len(view.frame) == 1


def test_the_state_of_the_stream_is_told(make: Make, page: Page, stream: tuple[Pushed, Any]) -> None:
    """With the seconds until it is tried again, counted by the page's own clock."""
    make(ports(nginx=80))
    page.say(type="hello")
    page.state("live")
    stream[0].turn(State("reconnecting", "the connection broke", time.time() + 9))
    state = page.state("reconnecting")
    assert state["why"] == "the connection broke" and 7 < state["retry"] <= 9


def acting(does: Callable[[Mapping[str, Any]], object]) -> dict[str, Action]:
    """One action, on rows of even ports."""
    return {"end": Action("End", "End it?", lambda row: row["port"] % 2 == 0, does)}


def test_an_action_is_done_with_its_row(make: Make, page: Page) -> None:
    """And the page that asked is told that it was."""
    done: list[Any] = []
    make(ports(nginx=80, odd=81), actions=acting(lambda row: done.append(row["process"])))
    page.say(type="hello")
    whole = page.body("rows")
    assert whole["actions"] == {"end": ["End", "End it?"]}
    assert [row[2:] for row in whole["rows"]] == [[["end"]], []]
    page.say(type="do", action="end", key="80")
    assert page.body("done") == {"key": "80", "done": "end"}
    assert done == ["nginx"]


def test_an_actions_error_is_told_with_what_to_do(make: Make, page: Page) -> None:
    """The row's key, what happened and the hint; control characters made visible."""

    def fails(_: object) -> None:
        raise Conflict("a build \x1b is under way", status=409, hint="wait for it")

    make(ports(nginx=80), actions=acting(fails))
    page.say(type="hello")
    page.say(type="do", action="end", key="80")
    said = page.body("error")
    assert said["key"] == "80" and said["error"].endswith("is under way. wait for it") and "\x1b" not in said["error"]


@pytest.mark.parametrize("key", ["81", "99"])
def test_what_a_row_does_not_offer_is_not_done(make: Make, page: Page, key: str) -> None:
    """A row that is gone, or in another state, refuses whatever an old page asks for."""
    done: list[object] = []
    make(ports(nginx=80, odd=81), actions=acting(done.append))
    page.say(type="hello")
    page.say(type="do", action="end", key=key)
    assert "no longer possible" in page.body("error")["error"]
    assert done == []


def test_stopped_it_keeps_its_last_state(make: Make, page: Page, stream: tuple[Pushed, Any]) -> None:
    """`.frame` stays, the stream ends, and a second stop is nothing."""
    view = make(ports(nginx=80))
    page.say(type="hello")
    page.body("rows")
    stream[0].push(ports(caddy=80))
    page.body("set")
    view.stop()
    view.stop()
    assert view.state.text == "ended: stopped here"
    assert list(view.frame.process) == ["caddy"]
    assert stream[1].state.name == "idle"


def test_html_shows_at_most_200_rows_and_says_so(make: Make) -> None:
    """Beside the widget: text that is the same each time, HTML with nothing that runs."""
    view = make(ports(**{f"p{n}": 2000 + n for n in range(500)}, **{"<script>x</script>": 9000}))
    data, _ = view._repr_mimebundle_()
    html, text = str(data["text/html"]), str(data["text/plain"])
    assert html.count("<tr") == 200 + 2 and "301" in html
    assert "<script" not in html and "<style" not in html
    assert text == str(view._repr_mimebundle_()[0]["text/plain"])


def test_no_secret_goes_to_a_page(make: Make, page: Page, stream: tuple[Pushed, Any]) -> None:
    """Neither in the first state nor in a change, nor in what is saved with the notebook."""
    token = f"tk{uuid4().hex}"
    Secret(token)
    view = make(ports(**{token: 80}))
    page.say(type="hello")
    whole = page.body("rows")
    assert "****" in str(whole)
    assert token not in str(whole)
    stream[0].push(ports(**{f"x{token}": 80}))
    assert page.body("set")["set"] == {"80": {"2": "x****"}}
    assert token not in str(view._repr_mimebundle_())
    assert list(view.frame.process) == [f"x{token}"]
