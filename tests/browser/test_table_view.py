"""The live table in a real JupyterLab: rows that come, change and go, and what a person does with them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from coder_nb.embedded.scenario.load import load_scenario
from coder_nb.embedded.server import Embedded
from tests.browser.widget_page import WidgetPage

PRELUDE = """
import threading
from coder_nb import frames
from coder_nb.api.ports import ListeningPort
from coder_nb.errors import Conflict
from coder_nb.streams.feed import Feed
from coder_nb.streams.state import LIVE, State
from coder_nb.widgets.table_view import Action, TableView

class Mine:
    '''Snapshots as cells say.'''
    def __init__(self):
        self.begun = threading.Event()
    def run(self, feed):
        self.feed = feed
        feed.turn(LIVE)
        self.begun.set()
        feed.stopped.wait()

def ports(link="http://localhost/{}", **named):
    listening = [ListeningPort(process_name=name, network="tcp", port=port) for name, port in named.items()]
    return frames.ports(listening, [], link=link.format, app_link=lambda _: None, attrs={})

done, refuse = [], False

def end(row):
    if refuse:
        raise Conflict("it is <b>busy</b>", status=409, hint="try again later")
    done.append(row["process"])

def watch(first, **more):
    global mine, view
    mine = Mine()
    actions = {"end": Action("End", "End it now?", lambda row: True, end)}
    view = TableView(Feed(lambda: mine, title="mine", rows=1), frame=lambda frame: frame, title="my ports",
                     key=["port"], first=first, empty="nothing listens: start something", actions=actions, **more)
    return view

def push(**named):
    mine.feed.came([ports(**named)])
"""
LONG = 30_000
"""Milliseconds for what a busy machine may take long for."""


@pytest.fixture
def page(widgets: WidgetPage) -> WidgetPage:
    """The page, with what the cells below need."""
    widgets.says(PRELUDE)
    return widgets


def live(page: WidgetPage, **named: int) -> Locator:
    """A table of ports by the names of processes, whose stream has begun."""
    view = page.show(f"watch(ports(**{named!r}))")
    expect(view.locator(".state")).to_have_text("live")
    page.says("assert mine.begun.wait(5)")
    return view


def rows(view: Locator) -> Locator:
    """The rows in the page."""
    return view.locator("tbody tr")


def column(view: Locator, at: int) -> list[str]:
    """The texts of a column, from the top."""
    return view.locator(f"tbody td:nth-child({at + 1})").all_inner_texts()


def test_rows_come_change_and_go(page: WidgetPage) -> None:
    """Each is pointed out for a moment; `.frame` is the newest state."""
    view = live(page, nginx=80, old=81)
    expect(rows(view)).to_have_count(2)
    page.says("push(caddy=80, new=82)")
    expect(view.locator("td.changed")).to_have_text("caddy")
    expect(view.locator("tr.new")).to_contain_text("new")
    expect(view.locator("tr.left")).to_contain_text("old")
    expect(view.locator("tr.left")).to_have_count(0)
    expect(view.locator("tr.new, td.changed")).to_have_count(0)
    assert column(view, 2) == ["caddy", "new"]
    assert page.says("print(*view.frame.process)") == "caddy new"
    assert page.errors == []


def test_a_head_sorts(page: WidgetPage) -> None:
    """Up, down, and as the server has them; numbers by size; a reader is told which way."""
    view = live(page, b=100, a=9, c=80)
    head = view.locator("th", has_text="port")
    assert column(view, 0) == (served := column(view, 0))
    head.get_by_role("button").click()
    assert column(view, 0) == ["9", "80", "100"]
    expect(head).to_have_attribute("aria-sort", "ascending")
    head.get_by_role("button").click()
    assert column(view, 0) == ["100", "80", "9"]
    expect(head).to_have_attribute("aria-sort", "descending")
    head.get_by_role("button").click()
    assert column(view, 0) == served
    expect(head).to_have_attribute("aria-sort", "none")


def test_the_filter_leaves_what_has_all_words(page: WidgetPage) -> None:
    """Of rows that are there and of those that come; none is an empty state of its own."""
    view = live(page, nginx=80, postgres=5432)
    view.get_by_label("Filter rows").fill("TCP post")
    expect(rows(view)).to_have_count(1)
    expect(view.locator(".bar")).to_contain_text("1 of 2")
    page.says("push(nginx=80, postgres=5432, postfix=25)")
    expect(rows(view)).to_have_count(2)
    view.get_by_label("Filter rows").fill("nothing like it")
    expect(view.locator(".none")).to_have_text("no row has that")


def test_no_rows_say_what_to_do(page: WidgetPage) -> None:
    """And the first row takes that away."""
    view = live(page)
    expect(view.locator(".none")).to_have_text("nothing listens: start something")
    page.says("push(nginx=80)")
    expect(view.locator(".none")).to_be_hidden()


def test_an_action_asks_and_then_is_done(page: WidgetPage) -> None:
    """One click asks, "Leave it" leaves it, the second click does it."""
    view = live(page, nginx=80)
    view.get_by_role("button", name="End").click()
    expect(view.locator(".asks")).to_contain_text("End it now?")
    view.get_by_role("button", name="Leave it").click()
    expect(view.locator(".asks")).to_have_count(0)
    assert page.says("print(done)") == "[]"
    view.get_by_role("button", name="End").click()
    view.locator(".asks").get_by_role("button", name="End").click()
    expect(view.get_by_text("asked for …")).to_have_count(0)
    assert page.says("print(done)") == "['nginx']"


def test_an_actions_error_is_in_the_row(page: WidgetPage) -> None:
    """As text, with what to do; the button is there again."""
    page.says("refuse = True")
    view = live(page, nginx=80, other=81)
    row = rows(view).filter(has_text="other")
    row.get_by_role("button", name="End").click()
    row.locator(".asks").get_by_role("button", name="End").click()
    expect(row.locator(".error")).to_have_text("it is <b>busy</b>. try again later")
    assert view.locator(".error").count() == 1 and view.locator("tbody b").count() == 0
    expect(row.get_by_role("button", name="End")).to_be_visible()


def test_what_servers_send_stays_text(page: WidgetPage) -> None:
    """HTML in cells is text, only http and https are links, and links tell nothing of where they are."""
    view = live(page, **{"<img src=x onerror=window.hit=1>": 80})
    assert column(view, 2) == ["<img src=x onerror=window.hit=1>"]
    link = view.locator("tbody a")
    assert link.get_attribute("href") == "http://localhost/80"
    assert link.get_attribute("rel") == "noopener noreferrer"
    page.says("mine.feed.came([ports('javascript:window.hit={}', nginx=80)])")
    expect(view.locator("tbody")).to_contain_text("javascript:window.hit=80")
    assert view.locator("tbody a, tbody img").count() == 0
    assert page.page.evaluate("window.hit") is None


def test_a_server_that_goes_and_returns(page: WidgetPage) -> None:
    """The table says as of when it is, and goes on by itself."""
    deployment = load_scenario()
    with Embedded(deployment) as server:
        cell = "import coder_nb\nfrom coder_nb.credentials import Secret\n"
        cell += f"coder = coder_nb.connect({server.url!r}, token=Secret({server.token.reveal()!r}))\n"
        view = page.show(cell + "view = coder.agent('web').watch_containers()\nview")
        expect(view.locator(".state")).to_have_text("live")
        count = rows(view).count()
        assert count > 0
    expect(view.locator(".state")).to_contain_text("reconnecting")
    expect(view.locator(".state")).to_contain_text("as of")
    expect(view).to_have_class(re.compile("stale"))
    with Embedded(deployment, token=server.token, port=int(server.url.rpartition(":")[2])):
        expect(view.locator(".state")).to_have_text("live", timeout=LONG)
        expect(view).not_to_have_class(re.compile("stale"))
        assert rows(view).count() == count
        page.says("view.stop(); coder.close()")
    expect(view.locator(".state")).to_contain_text("ended")


def test_a_workspace_is_started_from_its_row(page: WidgetPage) -> None:
    """The real thing: a stopped workspace, the button, the question, and the row that changes."""
    with Embedded(load_scenario()) as server:
        cell = "import coder_nb\nfrom coder_nb.credentials import Secret\n"
        cell += f"coder = coder_nb.connect({server.url!r}, token=Secret({server.token.reveal()!r}))\n"
        view = page.show(cell + "view = coder.watch_workspaces()\nview")
        expect(view.locator(".state")).to_have_text("live")
        row = rows(view).filter(has_text="archive")
        expect(row).to_contain_text("stopped")
        row.get_by_role("button", name="Start").click()
        row.locator(".asks").get_by_role("button", name="Start").click()
        expect(row).to_contain_text("running", timeout=LONG)
        expect(row.get_by_role("button", name="Stop")).to_be_visible(timeout=LONG)
        page.says("view.stop(); coder.close()")


def test_keys_alone(page: WidgetPage) -> None:
    """Find, sort, ask, leave, ask and do: the notebook hears none of it."""
    view = live(page, nginx=80, caddy=81)
    cells = page.page.locator(".jp-Cell").count()
    keys = page.page.keyboard
    view.locator(".scroll").focus()
    keys.press("/")
    expect(view.get_by_label("Filter rows")).to_be_focused()
    keys.type("caddy")
    expect(rows(view)).to_have_count(1)
    keys.press("Tab")
    keys.press("Tab")
    keys.press("Enter")
    expect(view.locator("th").first).to_have_attribute("aria-sort", "ascending")
    button = view.get_by_role("button", name="End")
    button.focus()
    keys.press("Enter")
    expect(view.get_by_role("button", name="Leave it")).to_be_focused()
    keys.press("Escape")
    expect(view.locator(".asks")).to_have_count(0)
    expect(button).to_be_focused()
    keys.press("Enter")
    keys.press("Shift+Tab")
    keys.press("Enter")
    expect(view.locator(".asks")).to_have_count(0)
    expect(view.get_by_text("asked for …")).to_have_count(0)
    assert page.says("print(done)") == "['caddy']"
    assert page.page.locator(".jp-Cell").count() == cells + 1


def test_two_views_of_one_table(page: WidgetPage) -> None:
    """Both show what comes; each sorts for itself."""
    first = live(page, b=80, a=81)
    second = page.show("view")
    expect(rows(second)).to_have_count(2)
    second.locator("th", has_text="process").get_by_role("button").click()
    page.says("push(b=80, a=81, c=82)")
    for view in (first, second):
        expect(rows(view)).to_have_count(3)
    assert column(first, 2) == ["b", "a", "c"] and column(second, 2) == ["a", "b", "c"]


def test_dark_theme(page: WidgetPage) -> None:
    """Colours follow JupyterLab's theme while the table is open."""
    view = live(page, nginx=80)
    colours = "el => [getComputedStyle(el.querySelector('td')).color, getComputedStyle(el).backgroundColor]"
    light = view.evaluate(colours)
    page.theme(dark=True)
    expect(view).to_have_class(re.compile("dark"))
    dark = view.evaluate(colours)
    assert brightness(light[0]) < 100 < 200 < brightness(light[1])
    assert brightness(dark[1]) < 100 < 200 < brightness(dark[0])


def brightness(colour: str) -> float:
    """0 to 255, of a CSS colour as browsers compute it."""
    numbers = [float(number) for number in re.findall(r"[\d.]+", colour)[:3]]
    return sum(numbers) / 3


def test_a_page_that_is_loaded_again(page: WidgetPage) -> None:
    """The newest state is there again, and goes on."""
    live(page, nginx=80)
    page.says("push(nginx=80, caddy=81)")
    page.reload()
    view = page.page.locator(".coder-nb").first
    expect(rows(view)).to_have_count(2, timeout=LONG)
    page.says("push(caddy=81)")
    expect(rows(view)).to_have_count(1, timeout=LONG)


def test_a_kernel_that_is_restarted(page: WidgetPage) -> None:
    """The rows stay, and a banner says that no more will come."""
    view = live(page, nginx=80)
    expect(view.locator(".banner")).to_be_hidden()
    page.restart_kernel()
    expect(view.locator(".banner")).to_contain_text("The kernel is gone")
    assert column(view, 2) == ["nginx"]
