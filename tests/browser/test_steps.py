"""A runbook in JupyterLab: the form of its parameters, the live list of its steps, and a confirmation that is typed."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.lab import text
from tests.browser.widget_page import WidgetPage

DECLARED = '%%coder parameters\nplace: text /[a-z]+/ "where"\ncount: int "how many"'


def test_the_form_changes_the_notebook(widgets: WidgetPage) -> None:
    """What is typed is there once the field is left; what is wrong is said beside it, and changes nothing."""
    widgets.run("%load_ext coder_nb\nplace = 'here'; count = 2")
    widgets.run(DECLARED)
    place, count = (widgets.page.get_by_label(name, exact=True) for name in ("place", "count"))
    place.fill("there")
    place.press("Enter")
    count.fill("many")
    count.press("Enter")
    expect(widgets.page.get_by_text("must be a whole number")).to_be_visible()
    assert text(widgets.run("place, count")) == "('there', 2)"
    count.fill("3")
    count.press("Enter")
    expect(widgets.page.get_by_text("must be a whole number")).to_have_count(0)
    assert text(widgets.run("place, count")) == "('there', 3)"


def test_the_list_of_steps_follows_them(widgets: WidgetPage) -> None:
    """In the output of the cell that showed it, while others run; a confirmation is asked for in Lab's own box."""
    widgets.run("%load_ext coder_nb")
    widgets.run("%coder steps")
    listed = widgets.page.locator(".jp-OutputArea-output .widget-html").last
    widgets.run('%%coder step "Look"\n1')
    expect(listed.get_by_text("Look")).to_be_visible()
    expect(listed.get_by_text("done")).to_be_visible()
    box = widgets.page.locator("input.jp-Stdin-input")
    with widgets.running('%%coder step "Act" --confirm here\n2'):
        expect(widgets.page.get_by_text("Type here to go on")).to_be_visible()
        box.fill("there")
        box.press("Enter")
        expect(listed.get_by_text("declined", exact=False).first).to_be_visible()
