"""What a run has to tell is read from its folder alone, and from nowhere else."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from pathlib import Path

import pytest

from coder_nb.errors import RunbookError
from coder_nb.runbooks.journal import Evidence, Value
from coder_nb.runbooks.report.story import MOST, Piece, handed_on, tell
from tests.runbooks.report.conftest import PIXEL, V4, Kept


def test_the_title_is_that_of_the_notebook_as_it_ran(full: Kept) -> None:
    """Its first heading and the first paragraph, without Markdown's own marks."""
    story = tell(full.folder)
    assert (story.title, story.about) == ("Restart the app", "For when app hangs.")


def test_without_the_notebook_the_name_of_the_book_is_the_title(kept: Callable[..., Kept]) -> None:
    """A run whose notebook was not kept has a report too, and so has one without a heading."""
    it = kept()
    story = tell(it.folder)
    assert (story.title, story.cells) == ("drain", ())
    it.notebook(V4.new_code_cell("1"))
    assert tell(it.folder).title == "drain"


def test_a_step_has_what_it_showed_in_order(full: Kept) -> None:
    """Pictures, texts and HTML by value."""
    story = tell(full.folder)
    picture, output, page = story.pieces(story.run.steps[2])
    assert picture.picture is not None
    assert (picture.picture[0], b64decode(picture.picture[1])) == ("image/png", PIXEL)
    assert output.cut
    assert "harmless words" in page.html
    assert story.pieces(story.run.steps[1]) == ()


def test_what_was_handed_on_is_told_once(kept: Callable[..., Kept]) -> None:
    """Not beside the same thing shown."""
    it = kept()
    step = it.step("Look", value=Value(kind="frame", text="DataFrame, 3 rows"))
    assert handed_on(step, ()) == "DataFrame, 3 rows"
    assert handed_on(step, (Piece("DataFrame, 3 rows"),)) == ""
    assert handed_on(it.step("Act", value=Value(kind="none", text="nothing")), ()) == ""


def test_the_outputs_of_cells_are_there(full: Kept) -> None:
    """An error by its traceback, marked as one."""
    shown = tell(full.folder).cells[1]
    assert shown.number == 2
    assert [(piece.text, piece.error) for piece in shown.outputs] == [("\x1b[31mE\x1b[0m: e", True)]


def test_svg_of_a_notebook_becomes_base64(kept: Callable[..., Kept]) -> None:
    """A notebook keeps it as text, unlike other pictures."""
    it = kept()
    output = V4.new_output("display_data", data={"image/svg+xml": "<svg/>", "text/plain": "figure"})
    it.notebook(V4.new_code_cell("plot()", outputs=[output]))
    (piece,) = tell(it.folder).cells[0].outputs
    assert piece.picture == ("image/svg+xml", "PHN2Zy8+")


def test_a_long_text_is_its_beginning_and_its_end(kept: Callable[..., Kept]) -> None:
    """What is in between is counted."""
    it = kept()
    it.shows(it.step("Look"), "output", text=b"a" * MOST + b"z" * 7)
    story = tell(it.folder)
    text = story.pieces(story.run.steps[0])[0].text
    assert len(text) < MOST + 100
    assert "7 characters left out" in text
    assert text.endswith("z")


@pytest.mark.parametrize("name", ["../outside.txt", "/etc/passwd", "missing.txt"])
def test_nothing_outside_the_folder_is_read(kept: Callable[..., Kept], name: str) -> None:
    """A journal that somebody has changed cannot bring other files into a report."""
    it = kept()
    (it.folder.parent / "outside.txt").write_text("not for a report")
    step = it.step("Look")
    step.evidence.append(Evidence(kind="output", files={"text/plain": name, "application/vnd.apache.parquet": name}))
    it.journal.write()
    story = tell(it.folder)
    (piece,) = story.pieces(story.run.steps[0])
    assert (piece.text, piece.frame) == ("", None)


def test_no_run_is_an_error_of_ours(tmp_path: Path) -> None:
    """A folder without a journal."""
    with pytest.raises(RunbookError, match="no run of a runbook"):
        tell(tmp_path)
