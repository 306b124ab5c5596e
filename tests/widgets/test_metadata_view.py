"""The metadata panel's kernel side: what pages are told of values that change, and the history it keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from coder_nb import frames
from coder_nb.api.metadata import MetadataDescription, MetadataItem, MetadataResult
from coder_nb.credentials import Hidden, Secret
from coder_nb.widgets import metadata_view
from coder_nb.widgets.metadata_view import MetadataView
from tests.widgets.page import Page, Pushed, page, pushed

__all__ = ["page"]

START = datetime(2026, 1, 1, tzinfo=UTC)
Make = Callable[..., MetadataView]


def item(key: str, value: str, *, at: int = 0, error: str = "") -> MetadataItem:
    """A value that was measured so many seconds after the start."""
    return MetadataItem(
        description=MetadataDescription(display_name=key.upper(), key=key, script=Hidden(""), interval=1, timeout=1),
        result=MetadataResult(collected_at=START + timedelta(seconds=at), age=3, value=value, error=error),
    )


@pytest.fixture
def stream() -> Iterator[tuple[Pushed, Any]]:
    """Where snapshots come from."""
    with pushed() as both:
        yield both


@pytest.fixture
def make(page: Page, stream: tuple[Pushed, Any]) -> Iterator[Make]:
    """Makes the view that the page shows."""
    views = []

    def frame(items: Sequence[MetadataItem]) -> Any:
        return frames.metadata(items, attrs={})

    def make(*first: MetadataItem, **more: Any) -> MetadataView:
        views.append(MetadataView(stream[1], frame=frame, title="metadata", first=first, **more))
        return views[-1]

    yield make
    for view in views:
        view.stop()


def test_a_page_gets_all_once_and_then_what_is_new(make: Make, page: Page, stream: tuple[Pushed, Any]) -> None:
    """Items that stayed the same are not told again."""
    make(item("cpu", "10%"), item("disk", "3/8 GiB"), warn_at=80)
    page.say(type="hello")
    whole = page.body("items")
    assert whole["order"] == ["cpu", "disk"] and whole["warn_at"] == 80
    assert whole["past"] == {"cpu": [10.0], "disk": [3.0]}
    assert [(one["number"], one["unit"], one["age"]) for one in whole["items"]] == [(10.0, "%", 3), (3.0, "GiB", 3)]
    stream[0].push([item("cpu", "95%", at=5), item("disk", "3/8 GiB")])
    [new] = page.body("items")["items"]
    assert (new["key"], new["value"], new["number"]) == ("cpu", "95%", 95.0)


def test_a_share_beside_other_numbers_is_what_is_watched(make: Make, page: Page) -> None:
    """Of 2/8 GiB (25%) it is 25: drawn, and compared with `warn_at`."""
    make(item("memory", "2/8 GiB (25%)"), item("load", "3 2 1"))
    page.say(type="hello")
    whole = page.body("items")
    assert [one["percent"] for one in whole["items"]] == [25.0, None]
    assert whole["past"] == {"memory": [25.0], "load": [3.0]}


def test_the_frame_has_the_history(make: Make, page: Page, stream: tuple[Pushed, Any]) -> None:
    """A row for each value, which is told many times and counted once."""
    view = make(item("cpu", "10%"))
    page.say(type="hello")
    page.body("items")
    for at in (5, 5, 10):
        stream[0].push([item("cpu", f"{at}%", at=at)])
        if at == 10:
            page.body("items")
    assert list(view.frame.number)[-1] == 10.0 and len(view.frame) in (2, 3)
    assert view.frame.collected.is_unique


def test_the_history_is_bounded(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest values go."""
    monkeypatch.setattr(metadata_view, "HISTORY", 50)
    view = make(*(item("cpu", f"{at}%", at=at) for at in range(120)))
    assert list(view.frame.number) == [float(at) for at in range(70, 120)]


def test_an_error_is_told_beside_the_last_value(make: Make, page: Page) -> None:
    """As text whose control characters are visible."""
    make(item("cpu", "", error="no such \x1b file <b>"))
    page.say(type="hello")
    [one] = page.body("items")["items"]
    assert "<b>" in one["error"] and "\x1b" not in one["error"]
    assert one["number"] is None


def test_stopped_it_keeps_what_it_saw(make: Make, page: Page, stream: tuple[Pushed, Any]) -> None:
    """The stream ends; the frame stays."""
    view = make(item("cpu", "10%"))
    page.say(type="hello")
    page.body("items")
    view.stop()
    assert view.state.text == "ended: stopped here" and len(view.frame) == 1
    assert stream[1].state.name == "idle"


def test_without_a_page_there_is_the_state_as_text_and_html(make: Make) -> None:
    """Nothing in it runs."""
    data, _ = make(item("cpu", "<script>x</script>"))._repr_mimebundle_()
    assert "CPU" in str(data["text/plain"])
    assert "&lt;script" in str(data["text/html"]) and "<script" not in str(data["text/html"])


def test_no_secret_goes_to_a_page(make: Make, page: Page) -> None:
    """A script that prints a token is shown with stars; the frame has what it printed."""
    token = f"tk{uuid4().hex}"
    Secret(token)
    view = make(item("cpu", f"50% {token}", error=token))
    page.say(type="hello")
    [one] = page.body("items")["items"]
    assert (one["value"], one["error"]) == ("50% ****", "****")
    assert token not in str(view._repr_mimebundle_())
    assert view.frame["value"][0] == f"50% {token}"
