"""A web app of a workspace in a real JupyterLab: in a frame of its own, which sees nothing of the notebook."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest
from playwright.sync_api import Dialog, FrameLocator, Locator, expect

from tests.browser.widget_page import WidgetPage

PAGE = b"""<!doctype html><meta charset="utf-8"><title>app</title>
<body style="font: 16px sans-serif; padding: 1em">
<h1>Rain of the week</h1><p id="told">asking</p>
<svg width="320" height="90"><g fill="#2f7de1"><rect x="0" y="50" width="40" height="40"/>
<rect x="50" y="20" width="40" height="70"/><rect x="100" y="70" width="40" height="20"/></g></svg>
<button onclick="tell('clicked')">Count</button> <a id="away" href="/other">other page</a>
<script>
const told = document.getElementById("told");
const tell = (what) => { told.textContent = what; };
document.cookie = "app=mine; path=/";
fetch("/data").then((answer) => answer.json()).then((data) => {
  let above = "seen";
  try { above = String(top.document.title); } catch { above = "hidden"; }
  let kept = "no";
  try { localStorage.setItem("app", "1"); kept = localStorage.getItem("app") ? "yes" : "no"; } catch {}
  tell(`${data.mm} mm, notebook ${above}, storage ${kept}, origin ${location.hostname}`);
});
</script>"""


LONG = 30_000
"""Milliseconds for what is asked for every few seconds only."""


class App(BaseHTTPRequestHandler):
    """What listens in the workspace; it keeps what it was asked with."""

    asked: ClassVar[list[dict[str, str]]] = []

    def do_GET(self) -> None:
        self.asked.append({"path": self.path, **{name.lower(): value for name, value in self.headers.items()}})
        body = {"/": PAGE, "/data": json.dumps({"mm": 42}).encode()}.get(self.path, b"<p id=told>another page")
        self.send_response(200)
        self.send_header("Content-Type", "application/json" if self.path == "/data" else "text/html")
        self.send_header("Content-Length", str(len(body)))
        if self.path == "/":
            self.send_header("Set-Cookie", "served=yes; Path=/")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def app() -> Iterator[int]:
    """The app's port; `here` is this machine."""
    App.asked.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), App) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield int(server.server_address[1])
        server.shutdown()


@pytest.fixture
def page(widgets: WidgetPage, app: int) -> WidgetPage:
    """The page, with a tunnel to the app."""
    cell = "import os, coder_nb\ncoder = coder_nb.connect('demo')\n"
    widgets.says(cell + f"tunnel = coder.agent('here').forward({app})")
    return widgets


def shown(view: Locator) -> FrameLocator:
    """What the app shows, once it does."""
    frame = view.frame_locator("iframe")
    expect(frame.locator("#told")).not_to_have_text("asking")
    return frame


def test_the_app_runs_in_its_frame(page: WidgetPage) -> None:
    """Its scripts, its own requests and its links work; the line above leads to it in a tab."""
    view = page.show("tunnel.show()")
    frame = shown(view)
    expect(frame.locator("#told")).to_contain_text("42 mm")
    frame.locator("button").click()
    expect(frame.locator("#told")).to_have_text("clicked")
    frame.locator("#away").click()
    expect(frame.locator("#told")).to_have_text("another page")
    view.locator("button", has_text="Reload").click()
    expect(frame.locator("h1")).to_have_text("Rain of the week")
    link = view.locator(".bar a")
    assert link.get_attribute("href") == view.locator("iframe").get_attribute("src")
    assert link.get_attribute("rel") == "noopener noreferrer"
    assert page.errors == []


def test_the_app_gets_nothing_of_the_notebook(page: WidgetPage) -> None:
    """No cookie of the notebook's server, no address it came from, and no look at the page around."""
    before = page.page.context.cookies()
    assert [cookie["name"] for cookie in before if cookie["domain"] == "127.0.0.1"]
    frame = shown(page.show("tunnel.show()"))
    expect(frame.locator("#told")).to_contain_text("notebook hidden")
    expect(frame.locator("#told")).to_contain_text("origin localhost")
    assert {one["path"] for one in App.asked} >= {"/", "/data"}
    assert [one["cookie"] for one in App.asked if "cookie" in one] == []
    assert "referer" not in App.asked[0]
    assert sorted(map(_named, page.page.context.cookies())) == sorted(map(_named, before))


def _named(cookie: Any) -> tuple[str, str]:
    return cookie["domain"], cookie["name"]


def test_the_app_cannot_lead_the_notebook_elsewhere(page: WidgetPage) -> None:
    """Nor block it with a question; it is told so, and goes on."""
    frame = shown(page.show("tunnel.show()"))
    address = page.page.url
    asked: list[str] = []

    def refuse(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.page.on("dialog", refuse)
    tries = "() => { alert('hello'); try { top.location = 'about:blank'; return 'led'; } catch (e) { return e.name; } }"
    assert frame.locator("body").evaluate(tries) == "SecurityError"
    assert page.page.url == address and asked == []
    assert page.says("print('here')") == "here"


def test_it_ends_with_its_tunnel(page: WidgetPage) -> None:
    """What listens at that port by then may be anybody's, so nothing is shown; the text beside it says so too."""
    view = page.show("tunnel.show('/other')")
    shown(view)
    assert page.outputs(-1)[0]["data"].keys() == {"text/plain", "text/html", "application/vnd.jupyter.widget-view+json"}
    page.says("tunnel.close()")
    expect(view.locator(".state")).to_have_text("ended")
    expect(view).to_contain_text("the tunnel is closed")
    assert view.locator("iframe, a").count() == 0


def test_no_output_holds_a_frame(page: WidgetPage) -> None:
    """A notebook that is stored leads nobody to a port of their own machine."""
    shown(page.show("tunnel.show()"))
    stored = json.dumps(page.outputs(-1))
    assert "iframe" not in stored and "<a " not in stored
    assert "while the notebook runs" in stored


def test_a_kernel_that_is_gone_takes_the_frame_along(page: WidgetPage) -> None:
    """Its tunnel ended with it."""
    view = page.show("tunnel.show()")
    shown(view)
    page.restart_kernel()
    expect(view).to_contain_text("The kernel is gone, and its tunnel with it")
    assert view.locator("iframe").count() == 0


def test_a_page_that_is_loaded_again(page: WidgetPage) -> None:
    """The frame is there again."""
    shown(page.show("tunnel.show(height=300)"))
    page.reload()
    view = page.page.locator(".coder-nb").first
    expect(shown(view).locator("#told")).to_contain_text("42 mm")
    assert view.locator(".hold").evaluate("el => el.getBoundingClientRect().height") == 300


@pytest.mark.parametrize("name", ["JUPYTERHUB_API_URL", "CODER_WORKSPACE_NAME"])
def test_where_the_browser_is_likely_elsewhere_it_says_so(page: WidgetPage, name: str) -> None:
    """It frames nothing until somebody who knows better says that it may."""
    page.says(f"os.environ[{name!r}] = 'x'")
    view = page.show("tunnel.show()")
    page.says(f"del os.environ[{name!r}]")
    expect(view).to_contain_text("your browser is likely on another one: this kernel runs in a")
    assert view.locator("iframe").count() == 0 and App.asked == []
    view.locator("button", has_text="Show it all the same").click()
    expect(shown(view).locator("#told")).to_contain_text("42 mm")


def test_the_live_ports_table_links_it(page: WidgetPage, app: int) -> None:
    """For as long as the tunnel is open; then it says again what to type."""
    view = page.show("coder.agent('here').watch_ports()")
    row = view.locator(f'tr[data-key^="{app}·"]')
    expect(row.locator('a[href^="http://127.0.0.1:"]')).to_have_text(page.says("print(tunnel.url)"))
    page.says("tunnel.close()")
    expect(row).to_contain_text(f"%coder forward {app} here.main", timeout=LONG)
    assert row.locator("a").count() == 0
    assert page.errors == []


def test_in_the_dark(page: WidgetPage) -> None:
    """The line above takes the theme's colours; the app keeps its own ground, on which it was made to be read."""
    page.theme(dark=True)
    view = page.show("tunnel.show()")
    shown(view)
    expect(view).to_have_class(re.compile("dark"))
    assert view.locator("iframe").evaluate("el => getComputedStyle(el).backgroundColor") == "rgb(255, 255, 255)"
    assert page.errors == []
