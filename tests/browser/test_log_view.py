"""The log view in a real JupyterLab: what a person sees and does, and what the kernel hears of it."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Locator, expect

from coder_nb.embedded.scenario.load import load_scenario
from coder_nb.embedded.server import Embedded
from tests.browser.widget_page import WidgetPage

PRELUDE = """
import threading, time
from datetime import UTC, datetime, timedelta
from coder_nb.api.logs import AgentLog
from coder_nb.streams.feed import Feed
from coder_nb.streams.state import LIVE, State
from coder_nb.widgets.log_view import LogView

class Mine:
    '''Lines as cells say.'''
    last, begun = 0, threading.Event()
    def run(self, feed):
        self.feed = feed
        feed.turn(LIVE)
        self.begun.set()
        feed.stopped.wait()
    def push(self, *texts, level="info", source="a"):
        now = datetime.now(UTC)
        rows = [AgentLog(self.last + n, now, text, level, source) for n, text in enumerate(texts, 1)]
        self.last += len(rows)
        self.feed.came(rows)

def watch(*texts, **more):
    global mine, view
    mine = Mine()
    first = [AgentLog(n, datetime.now(UTC), text, "info", "a") for n, text in enumerate(texts, 1)]
    mine.last, mine.begun = len(first), threading.Event()
    names = {"a": "Alpha", "b": "Beta"}
    view = LogView(Feed(lambda: mine, title="mine"), title="my log", names=names, first=first, **more)
    return view
"""
LONG = 30_000
"""Milliseconds for what a busy machine may take long for."""


@pytest.fixture
def page(widgets: WidgetPage) -> WidgetPage:
    """The page, with what the cells below need."""
    widgets.says(PRELUDE)
    return widgets


def live(page: WidgetPage, cell: str = "watch()") -> Locator:
    """A view whose stream has begun."""
    view = page.show(cell)
    expect(view.locator(".state")).to_have_text("live")
    page.says("assert mine.begun.wait(5)")
    return view


def texts(view: Locator) -> list[str]:
    """The lines in the page."""
    return view.locator(".row > .text").all_inner_texts()


def test_lines_arrive_as_they_come(page: WidgetPage) -> None:
    """What was there is shown at once, what comes follows, and `.frame` has both."""
    view = live(page, "watch('one', 'two')")
    page.says("mine.push('three', level='error', source='b')")
    expect(view.locator(".row").last).to_contain_text("three")
    assert texts(view) == ["one", "two", "three"]
    row = view.locator(".row").last
    assert row.locator(".level").inner_text() == "error"
    assert row.locator(".source").inner_text() == "Beta"
    assert page.says("print(*view.frame.text, *view.frame.source)") == "one two three Alpha Alpha Beta"
    assert page.errors == []


def test_paused_it_counts_what_is_new(page: WidgetPage) -> None:
    """Scrolled up, it stays where it is and says how many lines came; one click leads to them."""
    view = live(page, "watch(*(f'line {n}' for n in range(500)))")
    view.locator(".list").hover()
    page.page.mouse.wheel(0, -2000)
    expect(view.get_by_role("button", name="Paused")).to_be_visible()
    before = texts(view)
    page.says("mine.push(*(f'new {n}' for n in range(7)))")
    expect(view.locator(".new")).to_have_text("7 new lines ↓")
    assert texts(view) == before
    view.locator(".new").click()
    expect(view.locator(".row").last).to_contain_text("new 6")
    expect(view.locator(".new")).to_be_hidden()


def test_levels_and_sources_are_filters(page: WidgetPage) -> None:
    """Each leaves what it says, of lines that are there and of those that come."""
    view = live(page)
    page.says("mine.push('a', level='debug'); mine.push('b', level='warn'); mine.push('c', level='error', source='b')")
    expect(view.locator(".row")).to_have_count(3)
    view.get_by_label("Least level").select_option("warn+")
    expect(view.locator(".row")).to_have_count(2)
    page.says("mine.push('d', level='info'); mine.push('e', level='error')")
    expect(view.locator(".row")).to_have_count(3)
    view.get_by_label("Source").select_option("Beta")
    expect(view.locator(".row")).to_have_count(1)
    assert texts(view) == ["c"]
    expect(view.locator(".count")).to_have_text("1 of 5 lines")


def test_filters_can_be_given(page: WidgetPage) -> None:
    """`level`, `source` and `grep` are what the page begins with; the frame has every line all the same."""
    view = live(page, "watch('apple', 'pear', level='info', source='Alpha', grep='^p')")
    page.says("mine.push('plum'); mine.push('peach', level='debug'); mine.push('prune', source='b')")
    expect(view.locator(".row")).to_have_count(2)
    assert texts(view) == ["pear", "plum"]
    assert page.says("print(len(view.frame))") == "5"


def test_search_marks_what_it_finds(page: WidgetPage) -> None:
    """Plain text, then a pattern, then only the lines that are found; a wrong pattern says what is wrong."""
    view = live(page, "watch('GET /a.b 200', 'GET /axb 404', 'POST /a.b 500')")
    search = view.get_by_label("Search", exact=True)
    search.fill("a.b")
    expect(view.locator("mark")).to_have_count(2)
    expect(view.locator(".found")).to_have_text("2 found")
    view.get_by_label("Regular expression").click()
    expect(view.locator("mark")).to_have_count(3)
    search.fill("[45]0.$")
    expect(view.locator("mark")).to_have_text(["404", "500"])
    view.get_by_label("Only lines that are found").click()
    expect(view.locator(".row")).to_have_count(2)
    search.fill("(")
    expect(view.get_by_role("alert")).not_to_be_empty()
    search.fill("(a+)+$")
    expect(view.get_by_role("alert")).to_contain_text("for ever")


def test_long_lines_break_or_are_scrolled_to(page: WidgetPage) -> None:
    """With wrap a line takes the rows it needs, without it one."""
    view = live(page, "watch('short', 'x' * 1000)")
    tall = view.locator(".row").last
    expect(tall).to_be_visible()
    assert tall.bounding_box()["height"] > 100  # type: ignore[index]
    view.get_by_label("Break long lines").click()
    expect(view.locator(".row")).to_have_count(2)
    assert view.locator(".row").last.bounding_box()["height"] < 30  # type: ignore[index]
    assert view.locator(".list").evaluate("list => list.scrollWidth > list.clientWidth + 1000")


def test_a_hundred_thousand_lines(page: WidgetPage) -> None:
    """All of them can be reached, with at most 300 of them in the page at any time."""
    view = live(page)
    page.says("for k in range(20): mine.push(*(f'line {5000 * k + n} ' + 'word ' * (n % 40) for n in range(5000)))")
    expect(view.locator(".count")).to_have_text("100,000 lines", timeout=LONG)
    expect(view.locator(".row").last).to_contain_text("line 99999")
    listed = view.locator(".list")
    for part in (0.1, 0.5, 0.9):
        listed.evaluate("(list, part) => { list.scrollTop = part * list.scrollHeight; }", part)
        expect(view.locator(".row", has_text=re.compile(rf"line {int(part * 10)}\d{{4}} ")).first).to_be_attached()
        assert view.locator(".row").count() <= 300
    listed.focus()
    page.page.keyboard.press("Home")
    expect(view.locator(".row").first).to_contain_text("line 0 ")
    assert view.locator(".row").count() <= 300
    page.says("mine.push(*['more'] * 5000)")
    expect(view.locator(".count")).to_contain_text("older ones forgotten")


def test_what_servers_send_stays_text(page: WidgetPage) -> None:
    """HTML is text, escape sequences colour it or go, and nothing else acts."""
    html = "<img src=x onerror=window.hit=1><b>bold</b>"
    nasty = [html, "\x1b[1;31mred\x1b[0m plain", "a\x1b]0;title\x07b", "\x00\u202egnp"]
    view = live(page, f"watch(*{nasty!r})")
    expect(view.locator(".row")).to_have_count(4)
    assert texts(view) == [html, "red plain", "ab", "␀\ufffdgnp"]
    assert view.locator("img, b, script").count() == 0
    assert view.locator(".row .c1.bold").inner_text() == "red"
    assert page.page.evaluate("window.hit") is None


def test_a_server_that_goes_and_returns(page: WidgetPage) -> None:
    """The view says that it reconnects, and then shows what came meanwhile, each line once."""
    deployment = load_scenario()
    with Embedded(deployment) as server:
        cell = "import coder_nb\nfrom coder_nb.credentials import Secret\n"
        cell += f"coder = coder_nb.connect({server.url!r}, token=Secret({server.token.reveal()!r}))\n"
        view = page.show(cell + "view = coder.agent('web').watch_logs()\nview")
        expect(view.locator(".count")).to_have_text("382 lines")
        expect(view.locator(".state")).to_have_text("live")
    expect(view.locator(".state")).to_contain_text("reconnecting")
    expect(view.locator(".state")).to_have_attribute("data-state", "reconnecting")
    builds = [build for workspace in deployment.workspaces for build in workspace.builds]
    [store] = [agent.logs for build in builds for agent in build.agents if len(agent.logs.after(0)) == 382]
    store.append("source", [("error", "while you were away")], at=datetime.now(UTC))
    with Embedded(deployment, token=server.token, port=int(server.url.rpartition(":")[2])):
        expect(view.locator(".state")).to_have_text("live", timeout=LONG)
        expect(view.locator(".count")).to_have_text("383 lines")
        expect(view.locator(".row").last).to_contain_text("while you were away")
        assert page.says("print(view.frame.id.is_unique)") == "True"
        page.says("view.stop(); coder.close()")
    expect(view.locator(".state")).to_have_text("ended: stopped here")


def test_a_page_that_is_loaded_again(page: WidgetPage) -> None:
    """Everything is there again, and goes on."""
    live(page, "watch('one')")
    page.says("mine.push('two', 'three')")
    page.reload()
    view = page.page.locator(".coder-nb").first
    expect(view.locator(".row")).to_have_count(3, timeout=LONG)
    page.says("mine.push('four')")
    expect(view.locator(".row")).to_have_count(4)
    assert texts(view) == ["one", "two", "three", "four"]


def test_a_kernel_that_is_restarted(page: WidgetPage) -> None:
    """The lines stay, and a banner says that no more will come."""
    view = live(page, "watch('one', 'two')")
    expect(view.locator(".banner")).to_be_hidden()
    page.restart_kernel()
    expect(view.locator(".banner")).to_contain_text("The kernel is gone")
    expect(view.locator(".state")).to_have_text("kernel gone")
    assert texts(view) == ["one", "two"]


def test_dark_theme(page: WidgetPage) -> None:
    """Colours follow JupyterLab's theme while the view is open."""
    view = live(page, "watch('one')")
    colours = "row => [getComputedStyle(row).color, getComputedStyle(row.closest('.coder-nb')).backgroundColor]"
    light = view.locator(".row").first.evaluate(colours)
    page.theme(dark=True)
    expect(view).to_have_class(re.compile("dark"))
    dark = view.locator(".row").first.evaluate(colours)
    assert brightness(light[0]) < 100 < 200 < brightness(light[1])
    assert brightness(dark[1]) < 100 < 200 < brightness(dark[0])


def brightness(colour: str) -> float:
    """0 to 255, of a CSS colour as browsers compute it."""
    numbers = [float(number) for number in re.findall(r"[\d.]+", colour)[:3]]
    return sum(numbers) / 3


def test_keys_alone(page: WidgetPage) -> None:
    """Pause, move, mark, search, and follow again; the notebook hears none of it."""
    view = live(page, "watch(*(f'line {n}' for n in range(300)))")
    cells = page.page.locator(".jp-Cell").count()
    keys = page.page.keyboard
    view.locator(".list").focus()
    keys.press("Home")
    expect(view.locator(".row.cursor")).to_contain_text("line 0")
    for _ in range(2):
        keys.press("Shift+ArrowDown")
    expect(view.locator('.row[aria-selected="true"]')).to_have_count(3)
    keys.press("/")
    keys.type("line 250")
    keys.press("Enter")
    expect(view.locator(".row.cursor")).to_contain_text("line 250")
    keys.press("Escape")
    keys.press("x")
    keys.press("d")
    keys.press("d")
    keys.press("End")
    expect(view.get_by_role("button", name="Follow")).to_have_attribute("aria-pressed", "true")
    expect(view.locator(".row").last).to_contain_text("line 299")
    assert page.page.locator(".jp-Cell").count() == cells


def test_what_is_marked_reaches_python_and_the_clipboard(page: WidgetPage) -> None:
    """`.selection` is a frame of the marked lines; copying gives the same lines as text."""
    page.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    view = live(page, "watch('one', 'two', 'three')")
    view.locator(".row", has_text="two").click()
    view.locator(".row", has_text="three").click(modifiers=["Shift"])
    view.get_by_role("button", name="copy").click()
    expect(view.locator(".copy")).to_have_text("copied")
    copied = page.page.evaluate("navigator.clipboard.readText()")
    assert [line.split()[-1] for line in copied.splitlines()] == ["two", "three"]
    page.says("for _ in range(50):\n    if len(view.selection): break\n    await __import__('asyncio').sleep(.1)")
    assert page.says("print(*view.selection.text)") == "two three"


def test_two_views_of_one_log(page: WidgetPage) -> None:
    """Each has filters of its own; the lines come once for both."""
    first = live(page, "watch('one')")
    second = page.show("view")
    first.get_by_label("Least level").select_option("error+")
    page.says("mine.push('two', level='error')")
    expect(first.locator(".row")).to_have_count(1)
    expect(second.locator(".row")).to_have_count(2)
    assert page.says("print(len(view._outgoing._clients))") == "1"


def test_times(page: WidgetPage) -> None:
    """Local, UTC, how long ago, or none."""
    view = live(page, "watch()")
    page.says("mine.feed.came([AgentLog(1, datetime.now(UTC) - timedelta(hours=2), 'old')])")
    clock, time = view.get_by_label("Times"), view.locator(".row .time")
    clock.select_option("how long ago")
    expect(time).to_have_text("2 h ago")
    clock.select_option("UTC")
    expect(time).to_have_text(re.compile(r"\d\d:\d\d:\d\d$"))
    clock.select_option("no time")
    expect(time).to_have_count(0)


def test_lost_lines_are_a_row(page: WidgetPage) -> None:
    """Where lines came faster than they could be kept, the list says how many are missing."""
    page.says("from coder_nb.widgets.log_rows import Rows\nfrom coder_nb.streams.feed import Gap")
    view = live(page, "watch('one')")
    page.says("view._rows.add([Gap(1234)]); mine.push('two')")
    expect(view.locator(".row.gap")).to_contain_text("1,234 lines are missing")
    assert texts(view) == ["one", "two"]


def test_stop_brings_what_is_saved_up_to_date(page: WidgetPage) -> None:
    """The text and HTML beside the view are then those of the end; what was set in the view stays."""
    view = live(page, "watch('one')")
    view.get_by_label("Search", exact=True).fill("tw")
    page.says("mine.push('two')")
    expect(view.locator(".row")).to_have_count(2)
    assert "two" not in json.dumps(page.outputs(-3))
    page.says("view.stop()")
    expect(view.locator(".state")).to_have_text("ended: stopped here")
    saved = page.outputs(-4)[0]["data"]
    assert "two" in saved["text/plain"]
    assert "two" in saved["text/html"]
    assert any("widget-view" in kind for kind in saved)
    expect(view.locator("mark")).to_have_text("tw")
    assert page.page.locator(".coder-nb").count() == 1


def test_lines_come_while_a_cell_runs(page: WidgetPage) -> None:
    """A long cell does not hold the log up: what it pushes is in the page before it ends."""
    view = live(page)
    with page.running("stop = False\nmine.push('from within')\nwhile not stop: time.sleep(.05)"):
        expect(view.locator(".row")).to_have_count(1)
        expect(view.locator(".state")).to_have_text("live")
        assert page.busy()


def test_the_magic_gives_the_view(page: WidgetPage) -> None:
    """`%coder logs -f` shows it, filters and all."""
    page.says("%load_ext coder_nb\n%coder connect demo")
    view = page.show("%coder logs web -f --level warn")
    expect(view.locator(".state")).to_have_text("live")
    expect(view.get_by_label("Least level")).to_have_value("3")
    expect(view.locator(".count")).to_contain_text("of 382 lines")


def test_ten_thousand_lines_a_second(page: WidgetPage) -> None:
    """For 20 s: the page answers all the while, no line is missing, at most 20 messages come a second."""
    view = live(page)
    page.page.evaluate(_WATCH_TASKS)
    sent = page.says(_FLOOD)
    # It forgets whole batches, whose size is that of the moment.
    kept = re.compile(r"^10[01],\d{3} lines, older ones forgotten$")
    expect(view.locator(".count")).to_have_text(kept, timeout=LONG)
    expect(view.locator(".row").last).to_contain_text("request 199999 ")
    assert page.says("print(len(view.frame) >= 100_000, int(view.frame.id.diff().max()))") == "True 1"
    seconds, messages = json.loads(sent)
    assert messages / seconds <= 21
    longest, frames = page.page.evaluate("[Math.max(0, ...window.tasks), window.frames_]")
    assert frames > 20, "the page drew nothing meanwhile"
    # A busy machine may stretch any task; without virtual rows each batch would take seconds.
    assert longest < 1000, f"{longest} ms"
    page.says("mine.push('the last')")
    expect(view.locator(".row").last).to_contain_text("the last")


_WATCH_TASKS = """() => {
    window.tasks = []; window.frames_ = 0;
    new PerformanceObserver(list => window.tasks.push(...list.getEntries().map(entry => entry.duration)))
        .observe({ entryTypes: ["longtask"] });
    const frame = () => { window.frames_++; requestAnimationFrame(frame); };
    requestAnimationFrame(frame);
}"""
_FLOOD = """
import json, asyncio
sent = []
send = view.send
view.send = lambda content, buffers=None: (sent.append(time.monotonic()), send(content, buffers))
began = time.monotonic()
for k in range(400):
    mine.push(*(f'request {500 * k + n} took {n} ms at /some/path/{n}' for n in range(500)))
    await asyncio.sleep(max(0, began + (k + 1) * 0.05 - time.monotonic()))
print(json.dumps([time.monotonic() - began, len(sent)]))
"""
