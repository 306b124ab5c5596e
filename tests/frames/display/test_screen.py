"""Frames as text for terminals."""

from __future__ import annotations

import unicodedata
from typing import Any

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from coder_nb import frames
from coder_nb.frames import display
from coder_nb.frames.display.screen import columns_of
from coder_nb.frames.schema import SCHEMAS

HARMLESS = frozenset("\u200c\u200d")


def _acts(text: str) -> list[str]:
    """Characters that a terminal would act on."""
    return [c for c in text if unicodedata.category(c) in ("Cc", "Cf") and c != "\n" and c not in HARMLESS]


def test_logs_are_aligned_and_long_lines_go_on_below(make: Any) -> None:
    """The whole picture: caption, heads, rows, continued text, the columns that are not shown."""
    long = "Failed to connect to registry.internal port 443 after 2 ms: no route to host"
    df = make.logs(make.log("ok"), make.log(long, level="error", after=61, source_id="s1"), make.log("日本 done"))
    assert display.text(df, width=80).splitlines() == [
        "3 log lines of web.main on demo, as of 2026-11-23 12:00:00 UTC",
        "time        level  source          text",
        "2026-11-23",
        "UTC",
        "09:00:00    info   Startup script  ok",
        "09:01:01    error  Dev container   Failed to connect to registry.internal port",
        "                                   443 after 2 ms: no route to host",
        "09:00:00    info   Startup script  日本 done",
        "also in the frame: id, raw, source_id",
    ]


def test_numbers_are_right_aligned_and_na_is_a_dash(make: Any) -> None:
    """Ports line up by their last digit."""
    df = frames.ports([make.port(80, ""), make.port(13337)], [], link=lambda _: None, app_link=lambda _: None, attrs={})
    assert display.text(df).splitlines() == [
        "2 ports",
        " port  network  process  via        app  url",
        "   80  tcp      –        listening  –    –",
        "13337  tcp      node     listening  –    –",
        "also in the frame: local",
    ]


def test_server_warnings_are_shown(make: Any) -> None:
    """What the server warns of comes right after the caption."""
    df = frames.containers(make.listing(warnings=["port 80 is used twice"]), attrs={})
    assert display.text(df).splitlines()[:2] == ["0 containers", "! port 80 is used twice"]


@given(text=st.text(max_size=200), width=st.integers(1, 140))
@example(text="", width=27)
def test_no_line_is_too_wide_and_nothing_acts(make: Any, text: str, width: int) -> None:
    """Whatever a log line holds and however narrow the terminal (20 columns at least)."""
    df = make.logs(make.log(text, source_id=text))
    df.attrs |= {"workspace": text, "deployment": text, "warnings": text}
    shown = display.text(df, width=width)
    assert _acts(shown) == []
    assert all(columns_of(line) <= max(width, 20) for line in shown.split("\n"))


@pytest.mark.parametrize("width", [20, 40, 80, 200])
@pytest.mark.parametrize("kind", SCHEMAS)
def test_every_frame_fits(make: Any, kind: str, width: int) -> None:
    """Columns without room are named at the end instead."""
    df = make.frame(kind, 3)
    shown = display.text(df, width=width)
    assert all(columns_of(line) <= width for line in shown.split("\n"))
    # A head may break after an underscore.
    assert all(part in shown for name in df.columns for part in name.replace("_", "_ ").split())
    assert shown == display.text(make.frame(kind, 3), width=width)


def test_escape_sequences_of_any_column_do_not_act(make: Any) -> None:
    """A container's name that would clear the screen is only odd to read."""
    df = frames.containers(make.listing(make.container("\x1b[2Jdb\x07\x9b31m\u202e")), attrs={"workspace": "\x1bc"})
    df["\x1b]0;column\x07"] = "x"
    shown = display.text(df)
    assert _acts(shown) == []
    assert "␛[2Jdb␇" in shown
    assert "␛]0;column␇" in shown


@pytest.mark.parametrize(
    ("text", "columns"), [("abc", 3), ("é", 1), ("e\u0301", 1), ("日本", 4), ("✅", 2), ("a\u200db", 2)]
)
def test_how_wide_text_is(text: str, columns: int) -> None:
    """Letters count one, wide characters two, marks nothing."""
    assert columns_of(text) == columns


def test_other_frames_are_left_to_pandas() -> None:
    """A frame that is not ours looks as ever."""
    plain = pd.DataFrame({"a": [1]})
    assert display.text(plain) == repr(plain)
