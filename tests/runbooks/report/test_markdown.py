"""The report as Markdown: what others wrote is text in it, whatever Markdown would make of it."""

from __future__ import annotations

import re

import pytest
from markdown_it import MarkdownIt

from coder_nb.runbooks.report.markdown import markdown, text
from coder_nb.runbooks.report.story import tell
from tests.runbooks.report.conftest import Kept


@pytest.mark.parametrize(
    "words",
    [
        *("plain words", "# no heading", "1. no list", "12) no list", "- no list", "+ no", "=== no", "> no quote"),
        *("a|b", "*a* _b_ `c` ~~d~~", "[a](http://x.example)", "![a](http://x.example/a.png)", "<b>x</b>", "&amp;"),
        *("a\\*b", "```", "---", "$x$", "1.2 s", "2026-03-12 09:30", "<!-- x -->", "<http://x.example>", ": x"),
    ],
)
def test_text_stays_text(words: str) -> None:
    """A Markdown reader shows exactly what was written, as one paragraph and nothing else."""
    page = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text(words))
    assert [token.type for token in page] == ["paragraph_open", "inline", "paragraph_close"]
    inline = page[1].children or []
    assert {token.type for token in inline} <= {"text", "text_special"}
    assert "".join(token.content for token in inline) == words


def test_text_of_several_lines_is_one_line() -> None:
    """A line break would begin something new."""
    assert text("a\n# b\r\n\tc") == "a \\# b c"


def test_everything_is_told(full: Kept) -> None:
    """Steps as a table, frames as tables, figures inside, outputs in fences that their text cannot close."""
    page = markdown(tell(full.folder))
    assert page.startswith("# Restart the app\n")
    assert "| 2 | Drain the queue | skipped |  | nothing is queued |" in page
    assert "| warn | a\\|b \\<script\\>x\\</script\\> |" in page
    assert "![load](data:image/png;base64,iVBOR" in page
    assert "````text\nred line\n```\n" in page
    assert "token: \\*\\*\\*\\*" in page
    assert "CommandFailed: curl ended with 22" in page


def test_nothing_is_loaded(full: Kept) -> None:
    """The only pictures are those in the file, and no HTML is left."""
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown(tell(full.folder)))
    inline = [child for token in tokens for child in token.children or []]
    pictures = [str(child.attrs["src"]) for child in inline if child.type == "image"]
    assert [re.sub(r",.*", "", source) for source in pictures] == ["data:image/png;base64"]
    assert not [token for token in [*tokens, *inline] if token.type in ("html_block", "html_inline", "link_open")]
