"""Frames as HTML: what is shown, and that nothing a server sends can act."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coder_nb import frames, look
from coder_nb.frames import display
from coder_nb.frames.schema import SCHEMAS

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&amp;\x1b]0;t\x07\x00\u202e"
TAGS = {"div", "table", "caption", "thead", "tbody", "tr", "th", "td", "span", "b", "a"}
ATTRIBUTES = {"class", "style", "colspan", "href", "target", "rel"}


class Seen(HTMLParser):
    """What a browser would make of a page: tags, attributes and text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.open.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data + "|"


def _page(df: pd.DataFrame) -> str:
    page = display.html(df)
    assert page is not None
    return page


def _hostile(make: Any, kind: str) -> pd.DataFrame:
    df: pd.DataFrame = make.frame(kind, 1)
    for name, declared in SCHEMAS[kind].items():
        if declared == "text":
            df[name] = pd.Series([HOSTILE], dtype="str")
    df[HOSTILE] = HOSTILE
    df.attrs |= {"deployment": HOSTILE, "workspace": HOSTILE, "agent": HOSTILE, "warnings": HOSTILE, "build": HOSTILE}
    return df


@pytest.mark.parametrize("kind", SCHEMAS)
def test_hostile_text_is_only_text(make: Any, kind: str) -> None:
    """Names, texts, warnings, even column names: markup shows as it was sent and makes no element."""
    page = _page(_hostile(make, kind))
    seen = Seen(page)
    assert seen.tags <= TAGS
    assert seen.attributes <= ATTRIBUTES
    assert seen.open == []
    assert seen.links == []
    assert "<script>alert(1)</script>" in seen.text
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e]", page)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\x1b\r|"), max_size=60))
def test_any_text_reads_as_it_was_written(make: Any, text: str) -> None:
    """Printable text arrives letter for letter, what could act as a sign for it."""
    shown = look.visible(text, keep="\t\n")
    assert f"|{shown}|" in Seen(_page(make.logs(make.log(text)))).text or not text


@pytest.mark.parametrize(
    ("url", "links"),
    [
        ("https://8080--main--web--ada.example.com/", 1),
        ("http://127.0.0.1/", 1),
        ("javascript:alert(1)", 0),
        ("data:text/html,<script>", 0),
        ("JaVaScRiPt:alert(1)", 0),
        (" javascript:alert(1)", 0),
        ("//example.com", 0),
        ('https://x/"onmouseover="alert(1)', 1),
        ("https://[broken", 0),
    ],
)
def test_only_http_becomes_a_link(make: Any, url: str, links: int) -> None:
    """Any other address is shown and cannot be clicked."""
    seen = Seen(_page(frames.apps([make.app()], link=lambda _: url, attrs={})))
    assert seen.links == [url] * links
    assert seen.attributes <= ATTRIBUTES
    assert url in seen.text


@pytest.mark.parametrize("kind", SCHEMAS)
def test_the_same_frame_gives_the_same_page(make: Any, kind: str) -> None:
    """Nothing random and no clock: stored outputs do not change."""
    assert _page(make.frame(kind, 3)) == _page(make.frame(kind, 3))


def test_the_caption_says_what_whose_and_when(make: Any) -> None:
    """How many of what, of which agent, on which deployment, as of when."""
    text = Seen(_page(make.frame("logs", 1))).text.replace("|", "")
    assert text.startswith("1 log line of web.main on demo · as of 2026-11-23 12:00:00 UTC")
    assert Seen(_page(make.frame("ports", 2))).text.startswith("2 ports|")


def test_columns_that_are_not_shown_are_named(make: Any) -> None:
    """Who looks for the raw text learns that the frame has it."""
    text = Seen(_page(make.frame("logs", 1))).text
    assert text.endswith("also in the frame: id, raw, source_id|")
    assert "|id|" not in text


def test_styles_are_inline_and_alone(make: Any) -> None:
    """No <style>, no script, no class but the one for JupyterLab's mathematics: static pages know none."""
    page = _page(make.frame("containers", 2))
    assert not re.search("<style|<script|onclick", page)
    assert page.count("class=") == page.count(look.AS_IT_IS) == 1


def test_pandas_can_be_set_to_give_no_html(make: Any) -> None:
    """A frame that is not ours is pandas' business, as is the wish for no HTML."""
    with pd.option_context("display.notebook_repr_html", False):
        assert display.html(pd.DataFrame({"a": [1]})) is None
    plain = pd.DataFrame({"a": [1]})
    assert display.html(plain) == plain._repr_html_()  # type: ignore[operator]


def _luminance(colour: tuple[float, ...]) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (part / 255 for part in colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


# Ground, text and the text's opacity of JupyterLab's themes and of VS Code's dark one.
THEMES = {
    "light": (255, 0, 0.87),
    "dark": (0x11, 255, 1.0),
    "dark, text at 87 %": (0x11, 255, 0.87),
    "vscode": (0x1E, 0xCC, 1.0),
}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("word", look.TONES)
def test_state_words_can_be_read_in_every_theme(word: str, theme: str) -> None:
    """The colour mixed with the text's own has a contrast of 4.5 and more."""
    ground, text, opacity = THEMES[theme]
    found = re.search(r"color-mix\(in srgb,#(\w\w)(\w\w)(\w\w) (\d+)%,currentColor\)", look.ink(word))
    assert found is not None
    share = int(found[4]) / 100
    alpha = share + (1 - share) * opacity
    mixed = [(int(found[i], 16) * share + text * opacity * (1 - share)) / alpha for i in (1, 2, 3)]
    shown = tuple(part * alpha + ground * (1 - alpha) for part in mixed)
    assert _contrast(shown, (ground, ground, ground)) >= 4.5
