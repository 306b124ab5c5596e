"""The metadata panel in a real JupyterLab: values that change, their recent past, and what is pointed out."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from coder_nb.embedded.scenario.load import load_scenario
from coder_nb.embedded.server import Embedded
from tests.browser.widget_page import WidgetPage

PRELUDE = """
import threading
from datetime import UTC, datetime, timedelta
from coder_nb import frames
from coder_nb.api.metadata import MetadataDescription, MetadataItem, MetadataResult
from coder_nb.credentials import Hidden
from coder_nb.streams.feed import Feed
from coder_nb.streams.state import LIVE, State
from coder_nb.widgets.metadata_view import MetadataView

class Mine:
    '''Snapshots as cells say.'''
    def __init__(self):
        self.begun = threading.Event()
    def run(self, feed):
        self.feed = feed
        feed.turn(LIVE)
        self.begun.set()
        feed.stopped.wait()

def item(key, value, at=0, error="", age=1):
    described = MetadataDescription(display_name=key.upper(), key=key, script=Hidden(""), interval=1, timeout=1)
    collected = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=at)
    result = MetadataResult(collected_at=collected, age=age, value=value, error=error)
    return MetadataItem(description=described, result=result)

def watch(*first, **more):
    global mine, view
    mine = Mine()
    view = MetadataView(Feed(lambda: mine, title="mine", rows=1), frame=lambda items: frames.metadata(items, attrs={}),
                        title="my metadata", first=first, **more)
    return view

def push(*items):
    mine.feed.came([list(items)])
"""
LONG = 30_000
"""Milliseconds for what a busy machine may take long for."""


@pytest.fixture
def page(widgets: WidgetPage) -> WidgetPage:
    """The page, with what the cells below need."""
    widgets.says(PRELUDE)
    return widgets


def live(page: WidgetPage, cell: str) -> Locator:
    """A panel whose stream has begun."""
    view = page.show(cell)
    expect(view.locator(".state")).to_have_text("live")
    page.says("assert mine.begun.wait(5)")
    return view


def test_values_change_and_leave_a_line(page: WidgetPage) -> None:
    """The newest value, and a line of the past as soon as there are two; `.frame` has both."""
    view = live(page, "watch(item('cpu', '10%'))")
    expect(view.locator(".value")).to_have_text("10%")
    assert view.locator("svg").count() == 0
    page.says("push(item('cpu', '60%', at=5))")
    expect(view.locator(".value")).to_have_text("60%")
    expect(view.locator("svg")).to_have_attribute("aria-label", "2 values, from 10 to 60")
    assert page.says("print(*view.frame.number)") == "10.0 60.0"
    assert page.errors == []


def test_a_high_value_is_pointed_out(page: WidgetPage) -> None:
    """From `warn_at` on, by more than a colour; below it no longer."""
    view = live(page, "watch(item('disk', '79%'), warn_at=80)")
    expect(view.locator(".item.high")).to_have_count(0)
    page.says("push(item('disk', '80%', at=5))")
    expect(view.locator(".item.high .value")).to_have_text("80%")
    assert "▲" in view.locator(".high .value").evaluate("el => getComputedStyle(el, '::before').content")
    page.says("push(item('disk', '12%', at=9))")
    expect(view.locator(".item.high")).to_have_count(0)


def test_ages_and_errors_are_shown(page: WidgetPage) -> None:
    """A value that is old says so; a script that failed says why, as text."""
    view = live(page, "watch(item('a', '1', age=300), item('b', '', error='exit <b>1</b>'))")
    first, second = view.locator(".item").first, view.locator(".item").last
    expect(first.locator(".age")).to_have_text("5 min")
    expect(first).to_have_class(re.compile("old"))
    expect(second.locator(".error")).to_have_text("exit <b>1</b>")
    assert view.locator(".item b").count() == 0


def test_what_servers_send_stays_text(page: WidgetPage) -> None:
    """HTML in values is shown and does nothing; escape sequences go."""
    html = "<img src=x onerror=window.hit=1>"
    view = live(page, f"watch(item('cpu', '\\x1b[31m{html}'))")
    expect(view.locator(".value")).to_have_text(html)
    assert view.locator("img").count() == 0
    assert page.page.evaluate("window.hit") is None


def test_nothing_measured_says_why(page: WidgetPage) -> None:
    """A template without metadata has an empty state of its own."""
    view = live(page, "watch()")
    expect(view.locator(".none")).to_contain_text("the template declares no metadata")


def test_a_server_that_goes_and_returns(page: WidgetPage) -> None:
    """The panel says that it reconnects, keeps its values, and goes on by itself."""
    deployment = load_scenario()
    with Embedded(deployment) as server:
        cell = "import coder_nb\nfrom coder_nb.credentials import Secret\n"
        cell += f"coder = coder_nb.connect({server.url!r}, token=Secret({server.token.reveal()!r}))\n"
        view = page.show(cell + "view = coder.agent('web').watch_metadata()\nview")
        expect(view.locator(".state")).to_have_text("live")
        count = view.locator(".item").count()
        assert count > 0
    expect(view.locator(".state")).to_contain_text("reconnecting")
    expect(view).to_have_class(re.compile("stale"))
    with Embedded(deployment, token=server.token, port=int(server.url.rpartition(":")[2])):
        expect(view.locator(".state")).to_have_text("live", timeout=LONG)
        assert view.locator(".item").count() == count
        page.says("view.stop(); coder.close()")
    expect(view.locator(".state")).to_have_text("ended")


def test_a_page_that_is_loaded_again(page: WidgetPage) -> None:
    """The past is there again, and goes on."""
    live(page, "watch(item('cpu', '10%'))")
    page.says("push(item('cpu', '60%', at=5))")
    page.says("assert len(view.frame) == 2")
    page.reload()
    view = page.page.locator(".coder-nb").first
    expect(view.locator("svg")).to_have_attribute("aria-label", "2 values, from 10 to 60", timeout=LONG)
    page.says("push(item('cpu', '70%', at=9))")
    expect(view.locator("svg")).to_have_attribute("aria-label", "3 values, from 10 to 70", timeout=LONG)


def test_two_views_of_one_panel_in_the_dark(page: WidgetPage) -> None:
    """Both show what comes, in the theme's colours."""
    first = live(page, "watch(item('cpu', '10%'))")
    second = page.show("view")
    page.theme(dark=True)
    page.says("push(item('cpu', '20%', at=5))")
    for view in (first, second):
        expect(view.locator(".value")).to_have_text("20%")
        expect(view).to_have_class(re.compile("dark"))


def test_a_kernel_that_is_restarted(page: WidgetPage) -> None:
    """The values stay, and a banner says that no more will come."""
    view = live(page, "watch(item('cpu', '10%'))")
    page.restart_kernel()
    expect(view.locator(".banner")).to_contain_text("The kernel is gone")
    expect(view.locator(".value")).to_have_text("10%")
