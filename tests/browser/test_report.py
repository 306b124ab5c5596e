"""A run's report in a real Chromium: it asks for nothing but itself, runs no script, and reads well in any light."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from coder_nb.runbooks import report
from tests.browser.lab import new_page
from tests.runbooks.report.conftest import Kept, full, kept

__all__ = ["full", "kept"]

_CONTRAST = """(selector) => {
    const light = (text) => {
        const part = text.match(/[\\d.]+/g).slice(0, 3).map(Number).map((one) => one / 255)
            .map((one) => one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
        return 0.2126 * part[0] + 0.7152 * part[1] + 0.0722 * part[2];
    };
    const ground = light(getComputedStyle(document.body).backgroundColor);
    return [...document.querySelectorAll(selector)].map((one) => {
        const ink = light(getComputedStyle(one).color);
        return (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05);
    });
}"""


@pytest.fixture
def page_path(full: Kept, tmp_path: Path) -> Path:
    """The report of a run with hostile parts, as a file."""
    path = tmp_path / "out.html"
    report.write(full.folder, path)
    return path


def opened(browser: Browser, path: Path, scheme: Any) -> tuple[Any, list[str], list[str]]:
    """The page, the addresses it asked for, and what its console said."""
    page = new_page(browser)
    page.emulate_media(color_scheme=scheme)
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.goto(path.as_uri())
    page.wait_for_load_state("networkidle")
    return page, asked, said


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_asks_for_nothing_but_itself(browser: Browser, page_path: Path, scheme: str) -> None:
    """One request, with hostile evidence and all; no script ran, and its picture is drawn."""
    page, asked, said = opened(browser, page_path, scheme)
    try:
        assert [address for address in asked if not address.startswith("data:")] == [page_path.as_uri()]
        assert said == []
        assert page.title() == "Restart the app: failed"
        assert page.evaluate("[...document.images].map((one) => one.naturalWidth)") == [1]
        page.locator("summary").click()
        page.wait_for_load_state("networkidle")
        assert [address for address in asked if not address.startswith("data:")] == [page_path.as_uri()]
    finally:
        page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_reads_well(browser: Browser, page_path: Path, scheme: str) -> None:
    """Text and states have a contrast of at least 4.5:1, and nothing is wider than a small window."""
    page, _, _ = opened(browser, page_path, scheme)
    try:
        ratios = page.evaluate(_CONTRAST, "h1, h2, h3, p, dt, dd, td, .state, .soft, a")
        assert len(ratios) > 30
        assert min(ratios) >= 4.5
        grounds = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert grounds == ("rgb(255, 255, 255)" if scheme == "light" else "rgb(21, 24, 28)")
        page.set_viewport_size({"width": 420, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= 420
    finally:
        page.close()


def test_a_link_leads_to_its_step(browser: Browser, page_path: Path) -> None:
    """From the table at the top."""
    page, _, _ = opened(browser, page_path, "light")
    try:
        page.get_by_role("link", name="Look whether it works").click()
        assert page.url.endswith("#step-4-0")
        assert page.locator("#step-4-0").is_visible()
    finally:
        page.close()


def test_it_prints_on_white(browser: Browser, page_path: Path) -> None:
    """Also where the screen is dark; the notebook as it ran is left out."""
    page, _, _ = opened(browser, page_path, "dark")
    try:
        page.emulate_media(media="print", color_scheme="dark")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
        assert not page.locator(".notebook").is_visible()
        assert len(page.pdf()) > 5_000
    finally:
        page.close()
