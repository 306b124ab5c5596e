"""The terminal in a real JupyterLab: a real shell, typed at and looked at as a person does it."""

from __future__ import annotations

import hashlib
import re
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.widget_page import WidgetPage

PRELUDE = """
import coder_nb as cn
coder = cn.connect("demo")
agent = coder.agent("web")
"""
LONG = 30_000
"""Milliseconds for what a busy machine may take long for."""

# What the kernel sends to widgets, before any widget sees it.
_TAP = """() => {
    const panel = [...window.jupyterapp.shell.widgets("main")].find(one => one.sessionContext && one.content?.widgets);
    const kernel = panel.sessionContext.session.kernel;
    window.tapped = {out: [], bundles: 0, messages: 0};
    kernel.iopubMessage.connect((_, message) => {
        const said = message.content?.data?.content;
        const buffer = message.buffers?.[0];
        if (said?.kind === "bundle") window.tapped.bundles++;
        if (said?.kind !== "out") return;
        window.tapped.messages++;
        const {byteOffset = 0, byteLength} = buffer;
        window.tapped.out.push([said.at, new Uint8Array(buffer.buffer ?? buffer, byteOffset, byteLength)]);
    });
}"""
_BETWEEN = """async ([begin, end]) => {
    const pieces = window.tapped.out.sort((one, other) => one[0] - other[0]).map(([, bytes]) => bytes);
    const whole = new Uint8Array(await new Blob(pieces).arrayBuffer());
    const text = new TextDecoder("latin1").decode(whole);
    const from = text.indexOf(begin) + begin.length;
    const part = whole.slice(from, text.indexOf(end, from));
    const digest = [...new Uint8Array(await crypto.subtle.digest("SHA-256", part))];
    return [part.length, digest.map(byte => byte.toString(16).padStart(2, "0")).join("")];
}"""
_PASTE = """(element, text) => {
    const data = new DataTransfer();
    data.setData("text/plain", text);
    element.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
}"""


@pytest.fixture
def page(widgets: WidgetPage) -> WidgetPage:
    """The page, with what the cells below need."""
    widgets.says(PRELUDE)
    return widgets


class Shell:
    """A terminal in the page with a plain shell."""

    def __init__(self, page: WidgetPage, view: Locator) -> None:
        self.page, self.view = page, view
        self.rows = view.locator(".xterm-rows")
        # What nobody sees is not drawn.
        view.locator(".screen").scroll_into_view_if_needed()

    def type(self, text: str) -> None:
        """Type at it."""
        self.view.locator(".xterm-helper-textarea").focus()
        self.page.page.keyboard.type(text)

    def press(self, key: str) -> None:
        """Press one key or chord."""
        self.page.page.keyboard.press(key)

    def paste(self, text: str) -> None:
        """Paste as the browser does it."""
        self.view.locator(".xterm-helper-textarea").evaluate(_PASTE, text)

    def shows(self, text: str) -> None:
        """Wait until the screen has this."""
        expect(self.rows).to_contain_text(text, timeout=LONG)

    def is_(self, phase: str) -> None:
        """Wait until it is so far."""
        expect(self.view).to_have_attribute("data-phase", phase, timeout=LONG)


def opened(page: WidgetPage, cell: str = "view = agent.terminal()\nview") -> Shell:
    """A terminal whose shell has a short prompt."""
    shell = Shell(page, page.show(cell))
    shell.is_("live")
    expect(shell.rows).to_contain_text("#", timeout=LONG)
    shell.type("PS1='% '; clear; echo rea''dy\n")
    shell.shows("ready")
    return shell


def test_what_is_typed_echoes_and_ctrl_c_ends_it(page: WidgetPage) -> None:
    """Keys reach the shell and not the notebook, Ctrl-C too."""
    shell = opened(page)
    cells = page.page.locator(".jp-Cell").count()
    shell.type("echo $((6*7))dd\n")
    shell.shows("42dd")
    shell.type("echo be''gun; sleep 100\n")
    shell.shows("begun")
    shell.press("Control+c")
    shell.type("echo code-$?\n")
    shell.shows("code-130")
    assert page.page.locator(".jp-Cell").count() == cells
    assert not page.errors


def test_ten_megabytes_arrive_whole(page: WidgetPage) -> None:
    """Every byte reaches the page once, in at most 20 messages a second, and all of it is drawn."""
    page.page.evaluate(_TAP)
    shell = opened(page)
    shell.type("stty -opost; printf 'be%sgin' ''; seq 1 2000000 | head -c 10485760; printf 'fin%sish' ''; stty opost\n")
    shell.shows("finish")
    size, digest = page.page.evaluate(_BETWEEN, ["begin", "finish"])
    said = "".join(f"{number}\n" for number in range(1, 2_000_001)).encode()[:10485760]
    assert (size, digest) == (len(said), hashlib.sha256(said).hexdigest())
    received = page.says("print(view.received)")
    expect(shell.view).to_have_attribute("data-drawn", received, timeout=LONG)


def test_a_large_paste_arrives_whole(page: WidgetPage) -> None:
    """100 kB, in pieces, in order."""
    shell = opened(page)
    text = "".join(f"{number:07} ü日🎉 and so on\n" for number in range(3600))
    # Of its own echo a terminal drops what is not read in time; what a program writes is all there.
    shell.type("stty -echo; echo go''ing; tee pasted\n")
    shell.shows("going")
    shell.paste(text)
    shell.shows("0003599")
    shell.press("Control+d")
    shell.type("stty echo; clear; md5sum pasted\n")
    assert len(text.encode()) > 100_000
    shell.shows(hashlib.md5(text.encode()).hexdigest())


def test_a_paste_cannot_end_its_own_brackets(page: WidgetPage) -> None:
    """What would act in a pasted text is shown instead."""
    shell = opened(page)
    shell.type("printf '\\e[?2004hgo%s\\n' ing; cat -v\n")
    shell.shows("going")
    shell.paste("one\x1b[201~two")
    shell.press("Enter")
    shell.shows("^[[200~one")
    shell.shows("two^[[201~")
    # As `cat -v` shows the mark that stands for an escape, which ends in the same letters as one.
    shell.shows("M-bM-^PM-^[[201~two")
    assert not re.search(r"(?<!M-)\^\[\[201~two", shell.rows.inner_text())
    shell.press("Control+c")


def test_another_height_reaches_the_shell(page: WidgetPage) -> None:
    """The size in rows and columns is what fits."""
    shell = opened(page)
    shell.type("clear; stty size\n")
    shell.view.locator(".screen").evaluate("box => { box.style.height = '200px'; }")
    rows = shell.view.locator(".xterm-rows > div")
    expect(rows).not_to_have_count(24, timeout=LONG)
    page.page.wait_for_function("box => box.children.length < 15", arg=shell.rows.element_handle())
    shell.type("clear; until stty size | grep -q '^%d '; do :; done; stty size\n" % rows.count())  # noqa: UP031
    shell.shows(f"{rows.count()} ")


def test_a_pager_draws_right(page: WidgetPage) -> None:
    """It has the screen while it runs, and gives it back."""
    shell = opened(page)
    shell.type("seq 1000 1500 | less\n")
    shell.shows("1010")
    shell.press("G")
    shell.shows("1500")
    first = shell.rows.inner_text().split()
    assert first[-2:] == ["1500", "(END)"]
    shell.press("q")
    expect(shell.rows).not_to_contain_text("(END)")
    shell.shows("ready")


def test_wide_characters_stand_where_they_belong(page: WidgetPage) -> None:
    """Characters of two columns, combined ones and emoji; the kernel hears the same text."""
    shell = opened(page)
    shell.type("printf '日本語|e\\u0301|🎉|end\\n'; printf '123456|1|12|end\\n'\n")
    text = "日本語|e\u0301|🎉|end"
    shell.shows(text)
    ends = page.page.evaluate(
        """rows => [...rows.children].map(row => {
            const range = document.createRange();
            const walk = document.createTreeWalker(row, NodeFilter.SHOW_TEXT);
            for (let node; (node = walk.nextNode());) {
                const at = node.data.lastIndexOf("end");
                if (at < 0) continue;
                range.setStart(node, at); range.setEnd(node, at + 1);
                return row.textContent.includes("printf") ? -1 : Math.round(range.getBoundingClientRect().left);
            }
            return -1;
        }).filter(at => at >= 0)""",
        shell.rows.element_handle(),
    )
    assert len(ends) == 2 and abs(ends[0] - ends[1]) <= 2
    assert text in told(page, text)


def told(page: WidgetPage, text: str) -> str:
    """The view's text, as the kernel knows it once it has this."""
    return page.says(
        f"import asyncio\nfor _ in range(100):\n    if {text!r} in view.text: break\n"
        "    await asyncio.sleep(0.1)\nprint(view.text)"
    )


def test_a_reload_keeps_the_session(page: WidgetPage) -> None:
    """The same shell, with what it said before."""
    shell = opened(page)
    shell.type("kept=yes; echo before the reload\n")
    shell.shows("before the reload")
    page.reload()
    shell = Shell(page, page.page.locator(".coder-nb-terminal").first)
    shell.shows("before the reload")
    shell.type("echo still-$kept\n")
    shell.shows("still-yes")


def test_a_restarted_kernel_meets_the_shell_again(page: WidgetPage) -> None:
    """The page says that the kernel is gone and what to run; that leads to the same shell."""
    shell = opened(page)
    shell.type("kept=yes; echo before the restart\n")
    shell.shows("before the restart")
    page.restart_kernel()
    banner = shell.view.locator(".banner")
    expect(banner).to_contain_text("kernel of this terminal is gone", timeout=LONG)
    shell.is_("gone")
    command = banner.locator("code").inner_text()
    assert command.startswith("%coder terminal web.main --reconnect ")
    page.says("%load_ext coder_nb\nimport coder_nb as cn\n_ = get_ipython().run_line_magic('coder', 'connect demo')")
    again = Shell(page, page.show(command))
    again.shows("before the restart")
    again.type("echo still-$kept\n")
    again.shows("still-yes")


def test_a_connection_that_breaks_is_met_again(page: WidgetPage) -> None:
    """The shell goes on, and nothing is shown twice."""
    shell = opened(page)
    shell.type("kept=yes; echo once\n")
    shell.shows("once")
    page.says("view._attachment._pty.close()")
    shell.type("echo still-$kept\n")
    shell.shows("still-yes")
    assert shell.rows.inner_text().count("ready") == 1


def test_a_session_that_ended_says_so_and_starts_again(page: WidgetPage) -> None:
    """With the reason, and a button that gets the keyboard."""
    shell = opened(page)
    shell.type("exit\n")
    shell.is_("ended")
    expect(shell.view.locator(".banner")).to_contain_text("Session ended: its program has ended")
    shell.view.get_by_role("button", name="Start again").click()
    shell.is_("live")
    page.page.keyboard.type("echo a''gain\n")
    shell.shows("again")


def test_the_theme_is_followed(page: WidgetPage) -> None:
    """Colours are JupyterLab's, from one moment to the next."""
    shell = opened(page)
    ground = "element => getComputedStyle(element).backgroundColor"
    light = shell.view.locator(".xterm-scrollable-element, .xterm-viewport").first.evaluate(ground)
    page.theme(dark=True)
    expect(shell.view).to_have_class("coder-nb coder-nb-terminal dark")
    dark = shell.view.evaluate(ground)
    assert dark == page.page.evaluate("() => getComputedStyle(document.querySelector('.jp-Notebook')).backgroundColor")
    assert light != dark


def test_the_keyboard_finds_the_way_out(page: WidgetPage) -> None:
    """Tab belongs to the shell; Ctrl-Shift-X leads to the bar, from where Tab goes on and Enter comes back."""
    shell = opened(page)
    expect(shell.view.locator(".foot")).to_contain_text("Ctrl-Shift-X")
    shell.press("Control+Shift+X")
    enter = shell.view.get_by_role("button", name="Type here")
    expect(enter).to_be_focused()
    shell.press("Tab")
    expect(shell.view.get_by_role("button", name="Search")).to_be_focused()
    shell.press("Shift+Tab")
    shell.press("Enter")
    expect(shell.view.locator(".xterm-helper-textarea")).to_be_focused()


def test_what_is_said_can_be_searched(page: WidgetPage) -> None:
    """The box counts, Escape gives the keyboard back."""
    shell = opened(page)
    shell.type("clear; seq 100 120\n")
    shell.shows("120")
    shell.press("Control+Shift+F")
    page.page.keyboard.type("11")
    shell.press("Enter")
    expect(shell.view.locator(".search")).to_contain_text(" of 11")
    shell.press("Escape")
    expect(shell.view.locator(".xterm-helper-textarea")).to_be_focused()


def test_escape_sequences_and_html_do_nothing(page: WidgetPage) -> None:
    """A title is text, the clipboard stays, links other than http and https are none."""
    shell = opened(page)
    bad = (
        "\\e]0;<img src=x onerror=alert(1)>\\a\\e]52;c;aGFja2Vk\\a\\e]8;;javascript:alert(1)\\e\\\\click\\e]8;;\\e\\\\"
    )
    shell.type(f"clear; printf '{bad}<b>bold</b>'; echo\n")
    shell.shows("<b>bold</b>")
    expect(shell.view.locator(".title")).to_have_text("<img src=x onerror=alert(1)>")
    assert shell.view.locator("img, b").count() == 0
    pages = len(page.page.context.pages)
    box = shell.rows.get_by_text("click").first.bounding_box()
    assert box is not None
    page.page.mouse.click(box["x"] + 8, box["y"] + 4)
    assert len(page.page.context.pages) == pages
    assert not page.errors


def test_the_bundle_comes_once_for_a_page(page: WidgetPage) -> None:
    """Two terminals in one page: the second one costs no more than its state."""
    page.reload()
    page.says(PRELUDE)
    page.page.evaluate(_TAP)
    opened(page)
    opened(page, "other = agent.terminal()\nother")
    tapped: dict[str, Any] = page.page.evaluate("() => ({bundles: window.tapped.bundles})")
    assert tapped["bundles"] == 1
