"""The frame's kernel side: what pages are told, what is left where there is none, and where a browser is elsewhere."""

from __future__ import annotations

import re

import pytest

from coder_nb.widgets.web_view import WebView, elsewhere
from tests.widgets.page import Page, page

__all__ = ["page"]


def made(ended: str = "", **more: int) -> WebView:
    """A view of an address."""
    return WebView("http://127.0.0.1:8000/x", title="8000 of <dev>", ended=lambda: ended, **more)


def test_a_page_is_told_what_to_frame(page: Page) -> None:
    """Once, when it says hello; a view that is never looked at tells nothing."""
    view = made(height=200)
    assert page.came == []
    page.say(type="hello")
    told = page.body("url")
    assert (told["url"], told["height"], told["state"]) == ("http://127.0.0.1:8000/x", 200, {"name": "live", "why": ""})
    view.stop()
    assert page.state("ended")["why"] == "it was stopped"


def test_an_end_is_told_with_its_reason(page: Page) -> None:
    """To pages, and in the text that stays."""
    why = [""]
    view = WebView("http://127.0.0.1:1/", title="web", ended=lambda: why[0])
    page.say(type="hello")
    page.state("live")
    view.changed()
    why[0] = "the tunnel is closed"
    view.changed()
    assert page.state("ended")["why"] == "the tunnel is closed"
    assert repr(view) == "web: http://127.0.0.1:1/\nended: the tunnel is closed"


def test_what_is_stored_leads_nowhere(page: Page) -> None:
    """Text that says what it was: no frame and no link to a port of the reader's own machine."""
    data = made()._repr_mimebundle_()[0]
    html = str(data["text/html"])
    assert "8000 of &lt;dev&gt;: http://127.0.0.1:8000/x" in html
    assert not re.search("<iframe|<a ", html)
    assert "while the notebook runs" in html and "while the notebook runs" in str(data["text/plain"])


def test_views_that_are_turned_off_say_so(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """CODER_NB_LIVE=0 frames nothing."""
    monkeypatch.setenv("CODER_NB_LIVE", "0")
    assert "CODER_NB_LIVE=0" in repr(made())


@pytest.mark.parametrize(
    ("environ", "why"),
    [
        ({}, ""),
        ({"SSH_CONNECTION": ""}, ""),
        ({"JUPYTERHUB_API_URL": "http://hub"}, "JupyterHub"),
        ({"CODER_WORKSPACE_NAME": "dev", "SSH_CONNECTION": "1 2 3 4"}, "Coder workspace"),
        ({"SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}, "SSH"),
    ],
)
def test_where_a_browser_is_likely_elsewhere(environ: dict[str, str], why: str) -> None:
    """By what the surroundings of a kernel say of it."""
    assert why in elsewhere(environ) and bool(why) == bool(elsewhere(environ))
