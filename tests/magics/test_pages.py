"""Help as text, HTML and Markdown, and the reference page."""

from __future__ import annotations

from pathlib import Path

import pytest

from coder_nb.magics.commands import all_commands
from coder_nb.magics.grammar import Argument, Command, Example, Section
from coder_nb.magics.pages import Page, overview
from coder_nb.magics.reference import reference

COMMANDS = all_commands()
HOSTILE = Command(
    "evil",
    "<script>alert(1)</script>",
    Section.HELP,
    returns="<b>bold</b>",
    arguments=(Argument("x", "<img src=x onerror=alert(1)>"),),
    examples=(Example("%coder evil <x>", "&amp;"),),
)


def test_the_overview_names_every_command_with_its_summary() -> None:
    """`%coder?` shows what there is."""
    lines = overview(COMMANDS).splitlines()
    for command in COMMANDS.values():
        assert any(line.split()[:1] == [command.name] and line.endswith(command.summary) for line in lines)


@pytest.mark.parametrize("command", COMMANDS.values(), ids=lambda command: command.name)
def test_a_commands_page_holds_every_flag_argument_and_example(command: Command) -> None:
    """Text and HTML say the same."""
    page = Page(COMMANDS, command)
    text, html = repr(page), page._repr_html_()
    for flag in command.all_flags:
        assert flag.names[0] in text
    for flag in command.flags:
        assert flag.help.split()[0] in text
        assert flag.names[0] in html
    for example in command.examples:
        assert example.line in text


def test_text_fits_a_terminal() -> None:
    """No line is wider than 100 columns."""
    for command in (None, *COMMANDS.values()):
        assert max(map(len, repr(Page(COMMANDS, command)).splitlines())) <= 100


def test_html_escapes_everything() -> None:
    """No declared text can act in a page."""
    html = Page({"evil": HOSTILE}, HOSTILE)._repr_html_() + Page({"evil": HOSTILE})._repr_html_()
    assert "<script" not in html
    assert "<img" not in html
    assert "<b>" not in html
    assert "&lt;script&gt;" in html


def test_the_reference_page_is_what_the_declarations_make() -> None:
    """docs/reference/magics.md never drifts; its first line says how to make it anew."""
    page = Path(__file__).parents[2] / "docs" / "reference" / "magics.md"
    assert page.read_text(encoding="utf-8") == reference()
