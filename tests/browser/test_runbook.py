"""`%coder runbook` in JupyterLab: its links open the notebooks."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.lab import Lab


def test_links_open_runbooks(lab: Lab) -> None:
    """One that was just copied here is linked, by the list too, and opens in a tab of its own."""
    lab.run("%load_ext coder_nb")
    for line in ("%coder runbook why-unhealthy", "%coder runbook"):
        (shown,) = lab.run(line)
        assert 'href="why-unhealthy.ipynb"' in shown["data"]["text/html"]
    tab = lab.page.locator(".lm-TabBar-tabLabel", has_text="why-unhealthy.ipynb")
    expect(tab).to_have_count(0)
    lab.page.locator(".jp-RenderedHTML a", has_text="why-unhealthy").last.click()
    expect(tab.first).to_be_visible()
