"""What every live view does: streams to pages that say hello, paced, again where something is missing, and rests."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from coder_nb.errors import ConfigurationError
from coder_nb.widgets import outgoing, view
from coder_nb.widgets.log_view import LogView
from coder_nb.widgets.pump import PUMP
from tests.widgets.line import Comm, Page
from tests.widgets.lines import Lines, texts


def made(comms: list[Comm]) -> tuple[LogView, Lines, Page]:
    """A view, its lines, and a page that has not said anything yet."""
    lines = Lines()
    view = LogView(lines.feed, title="log")
    return view, lines, Page(comms[-1])


def test_nothing_is_sent_before_a_page_says_hello(comms: list[Comm]) -> None:
    """Where nobody looks, as in papermill, nothing streams and no thread runs."""
    PUMP.close()
    _, lines, page = made(comms)
    assert lines.runs == 0
    assert page.line.sent == []
    assert not any(thread.name == "coder-nb:pump" and thread.is_alive() for thread in threading.enumerate())


def test_lines_are_in_no_trait(comms: list[Comm]) -> None:
    """What is saved with a notebook has none of them."""
    view, lines, page = made(comms)
    page.hello()
    lines.push("a secret line")
    page.wait(lambda: texts(page) == ["a secret line"])
    assert "a secret line" not in repr({name: value for name, value in view.get_state().items() if name != "_esm"})


def test_what_is_lost_on_the_way_is_sent_again(comms: list[Comm]) -> None:
    """In the middle, and at the very end, where only the count tells."""
    _, lines, page = made(comms)
    page.hello()
    lines.push("one")
    page.wait(lambda: texts(page) == ["one"])
    for lost, kept in (("two", "three"), ("four", "")):
        page.deaf = True
        sent = len(page.line.sent)
        lines.push(lost)
        wait = threading.Event()
        for _ in range(200):
            if len(page.line.sent) > sent:
                break
            wait.wait(0.02)
        page.deaf = False
        if kept:
            lines.push(kept)
        page.wait(lambda: lines.last == len(texts(page)))
    assert texts(page) == ["one", "two", "three", "four"]


def test_a_second_page_gets_everything(comms: list[Comm]) -> None:
    """It comes later and knows nothing; afterwards both are told the same."""
    _, lines, page = made(comms)
    page.hello()
    lines.push("one", "two")
    page.wait(lambda: len(texts(page)) == 2)
    second = Page(page.line, "second")
    second.hello()
    second.wait(lambda: texts(second) == ["one", "two"])
    lines.push("three")
    second.wait(lambda: texts(second) == ["one", "two", "three"])


def test_a_page_that_was_away_goes_on(comms: list[Comm]) -> None:
    """It says how far it is, and nothing begins anew."""
    view, lines, page = made(comms)
    page.hello()
    lines.push("one")
    page.wait(lambda: texts(page) == ["one"])
    page.deaf = True
    epoch = view._outgoing.epoch
    lines.push("two")
    page.deaf = False
    page.hello()
    page.wait(lambda: texts(page) == ["one", "two"])
    assert view._outgoing.epoch == epoch


def test_stop_says_so_and_ends_the_stream(comms: list[Comm]) -> None:
    """Nothing comes after it; a page that is loaded again still gets what there was."""
    view, lines, page = made(comms)
    page.hello()
    lines.push("one")
    page.wait(lambda: texts(page) == ["one"])
    view.stop()
    view.stop()
    page.wait(lambda: list(page.bodies("state"))[-1]["name"] == "ended")
    assert lines.feed.state.name == "idle"
    again = Page(page.line, "again")
    again.hello()
    again.wait(lambda: texts(again) == ["one"])
    assert lines.runs == 1


def test_nobody_looks_any_more(comms: list[Comm], monkeypatch: pytest.MonkeyPatch) -> None:
    """After the last page has left the stream ends; one that comes back later misses nothing."""
    monkeypatch.setattr(outgoing, "GRACE", 0.05)
    monkeypatch.setattr(view, "GRACE", 0.05)
    shown, lines, page = made(comms)
    page.hello()
    lines.push("one")
    page.wait(lambda: texts(page) == ["one"])
    page.say("bye")
    wait = threading.Event()
    for _ in range(250):
        if lines.feed.state.name == "idle":
            break
        wait.wait(0.02)
    assert lines.feed.state.name == "idle"
    assert not shown._stopped
    page.hello()
    lines.push("two")
    page.wait(lambda: texts(page) == ["one", "two"])
    assert lines.runs == 2


def test_at_most_twenty_messages_a_second(comms: list[Comm]) -> None:
    """However many small batches there are, they are sent at that pace."""
    _, lines, page = made(comms)
    page.hello()
    assert lines.began()
    wait = threading.Event()
    for n in range(300):
        lines.push(f"line {n}")
        wait.wait(0.003)
    page.wait(lambda: len(texts(page)) == 300)
    moments = [moment for moment, *_ in page.line.sent]
    assert len(moments) <= (moments[-1] - moments[0]) * 20 + 2


def test_a_view_that_fails_does_not_take_others_with_it(
    comms: list[Comm], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is stopped, and the log says why."""
    first, _, page = made(comms)

    def fails() -> None:
        raise RuntimeError("no batch")

    monkeypatch.setattr(first, "_batch", fails)
    page.hello()
    _, lines, other = made(comms)
    other.hello()
    lines.push("one")
    other.wait(lambda: texts(other) == ["one"])
    assert first._stopped
    assert "no batch" in caplog.text


def test_live_views_can_be_turned_off(comms: list[Comm], monkeypatch: pytest.MonkeyPatch) -> None:
    """With CODER_NB_LIVE=0 a page gets the snapshot, and is told why there is no more."""
    monkeypatch.setenv("CODER_NB_LIVE", "0")
    _, lines, page = made(comms)
    page.hello()
    page.wait(lambda: bool(list(page.bodies("state"))))
    assert "CODER_NB_LIVE" in next(page.bodies("state"))["why"]
    assert lines.runs == 0


def test_a_bundle_that_is_missing() -> None:
    """It says what to do."""
    with pytest.raises(ConfigurationError, match=r"nothing\.js") as caught:
        view.module("nothing")
    assert "hatch_build.py" in (caught.value.hint or "")


def test_widgets_are_loaded_when_they_are_used() -> None:
    """Neither the import nor the extension nor a connection loads ipywidgets."""
    code = "import sys, coder_nb, coder_nb.client; print([m for m in ('ipywidgets', 'anywidget') if m in sys.modules])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"


def test_a_process_ends_with_its_views() -> None:
    """A script that made some is not held up by them."""
    script = (
        "from coder_nb.streams.feed import Feed; from coder_nb.widgets.log_view import LogView; "
        "views = [LogView(Feed(lambda: None, title='log'), title='log') for _ in range(3)]; views[0]._begun = True"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
