"""How DataFrames look in a shell: coder_nb's by its own display, all others exactly as without the extension."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pandas as pd
import pytest

from coder_nb import frames
from coder_nb.api.logs import AgentLog
from coder_nb.credentials import Secret
from coder_nb.errors import CoderError
from coder_nb.frames import display

Shell = Any  # Most of IPython's shell has no types.
ATTRS = {"deployment": "demo", "workspace": "dev", "agent": "main", "fetched_at": "2024-01-01T00:00:00+00:00"}


class Child(pd.DataFrame):
    """A class of somebody's own, such as geopandas has."""

    def _repr_html_(self) -> str:
        return "<i>child</i>"

    def __repr__(self) -> str:
        return "child"


def shown(shell: Shell, value: object) -> dict[str, str]:
    """Text and HTML as the shell makes them."""
    data, _ = shell.display_formatter.format(value, include={"text/plain", "text/html"})
    found: dict[str, str] = data
    return found


def ours() -> pd.DataFrame:
    """An empty frame of ours; that it is shown by us is all that counts here."""
    return frames.logs([], sources={}, attrs=ATTRS)


PLAIN = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]})


def test_a_frame_of_ours_is_shown_by_our_display(shell: Shell) -> None:
    """HTML and text both."""
    frame = ours()
    assert shown(shell, frame) == {"text/html": display.html(frame), "text/plain": display.text(frame)}


@pytest.mark.parametrize(
    "value", [PLAIN, PLAIN.iloc[:0], Child(PLAIN), PLAIN["a"]], ids=["plain", "empty", "child", "series"]
)
def test_other_frames_look_as_without_us(value: object, bare: Shell) -> None:
    """The same bytes with the extension, after it, and before it."""
    before = shown(bare, value)
    bare.run_cell("%load_ext coder_nb").raise_error()
    assert shown(bare, value) == before
    bare.run_cell("%unload_ext coder_nb").raise_error()
    assert shown(bare, value) == before


def test_a_frame_made_into_another_shape_is_pandas_own(shell: Shell) -> None:
    """Attributes outlive a groupby; the columns do not."""
    counts = ours().groupby("source").size().to_frame("lines")
    counts.attrs["frame"] = "logs"
    assert shown(shell, counts) == {"text/html": counts._repr_html_(), "text/plain": repr(counts)}  # type: ignore[operator]


def test_pandas_own_options_still_count(shell: Shell) -> None:
    """With HTML turned off in pandas, a plain frame has none."""
    with pd.option_context("display.notebook_repr_html", False):
        assert set(shown(shell, PLAIN)) == {"text/plain"}


@pytest.fixture
def other(bare: Shell) -> Iterator[Shell]:
    """A shell where another extension shows DataFrames its own way."""
    html = bare.display_formatter.formatters["text/html"]
    text = bare.display_formatter.formatters["text/plain"]
    html.for_type(pd.DataFrame, lambda frame: "<b>other</b>")
    text.for_type(pd.DataFrame, lambda frame, printer, cycle: printer.text("other"))
    yield bare
    for formatter in (html, text):
        formatter.type_printers.pop(pd.DataFrame, None)


def test_another_extensions_formatter_is_used_and_put_back(other: Shell) -> None:
    """It shows all frames but ours, and every frame once we are gone."""
    before = [dict(each.type_printers) for each in other.display_formatter.formatters.values()]
    other.run_cell("%load_ext coder_nb").raise_error()
    assert shown(other, PLAIN) == {"text/html": "<b>other</b>", "text/plain": "other"}
    assert shown(other, ours())["text/plain"] == display.text(ours())
    other.run_cell("%unload_ext coder_nb").raise_error()
    assert shown(other, ours()) == {"text/html": "<b>other</b>", "text/plain": "other"}
    assert [dict(each.type_printers) for each in other.display_formatter.formatters.values()] == before


def test_a_formatter_that_came_after_us_stays(shell: Shell) -> None:
    """It may chain to ours; once we are gone, ours passes everything on."""
    html = shell.display_formatter.formatters["text/html"]
    chained = html.for_type(pd.DataFrame)
    html.for_type(pd.DataFrame, lambda frame: f"<b>later</b>{chained(frame)}")
    try:
        assert shown(shell, ours())["text/html"] == f"<b>later</b>{display.html(ours())}"
        shell.run_cell("%unload_ext coder_nb").raise_error()
        assert shown(shell, ours())["text/html"] == f"<b>later</b>{ours()._repr_html_()}"  # type: ignore[operator]
    finally:
        html.type_printers.pop(pd.DataFrame)


def test_a_frame_is_shown_before_anything_else_was(shell: Shell) -> None:
    """Registered by name: the first DataFrame a session shows is already right, and unloading finds it moved."""
    text = shell.display_formatter.formatters["text/plain"]
    assert ("pandas", "DataFrame") in text.deferred_printers
    shown(shell, ours())
    assert pd.DataFrame in text.type_printers
    shell.run_cell("%unload_ext coder_nb").raise_error()
    assert pd.DataFrame not in text.type_printers
    assert ("pandas", "DataFrame") not in text.deferred_printers


def test_a_secret_in_anybodys_frame_is_masked(shell: Shell) -> None:
    """Also where pandas would have cut it in two, in a series, and in a list in a cell; the frame keeps it."""
    token = f"tk{uuid4().hex}"
    Secret(token)
    cut = f"{'a long beginning ' * 2}{token} and the end"
    frame = pd.DataFrame({"n": [1, 2], "text": ["plain", cut], "list": [[token], []], token: [1, 2]})
    for value in (frame, frame["text"], frame.set_index("text"), frame.to_dict()):
        made = shown(shell, value)
        assert not any(token[:12] in text for text in made.values()), made
        assert "****" in made["text/plain"]
    assert frame["text"][1] == cut


def test_a_secret_in_one_of_ours_is_masked(shell: Shell) -> None:
    """In text and HTML, also where a long text is cut."""
    token = f"tk{uuid4().hex}"
    Secret(token)
    line = AgentLog(1, datetime(2024, 1, 1, tzinfo=UTC), f"{'x' * 1990} {token}", "info", "a")
    frame = frames.logs([line], sources={"a": token}, attrs=ATTRS)
    made = shown(shell, frame)
    assert not any(token[:6] in text for text in made.values())
    assert token in frame["text"][0]
    shell.run_cell("%unload_ext coder_nb").raise_error()
    assert token in str(shell.display_formatter.format({"a": token}))


def test_other_values_and_errors_show_no_secret(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    """What a terminal displays, whoever made it; and our errors, short or in full."""
    token = f"tk{uuid4().hex}"
    Secret(token)
    assert shown(shell, {"token": token})["text/plain"] == "{'token': '****'}"
    error = CoderError(f"no {token}", hint=f"try {token}")
    assert str(error) == "no ****\nhint: try ****"
    assert token not in repr(error)
    shell.user_ns["error"] = error
    for how in ("short", "full"):
        shell.run_line_magic("config", f"CoderMagics.traceback = {how!r}")
        shell.run_cell("raise error")
        said = capsys.readouterr().out
        assert "no ****" in said
        assert token not in said
    assert error.message == f"no {token}"
