"""The report of a run as Markdown, as GitHub reads it: nothing in it acts, and pictures are in the file itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

from coder_nb import __version__
from coder_nb.look import visible
from coder_nb.runbooks.journal import Run, StepRecord
from coder_nb.runbooks.report.story import Piece, Story, handed_on
from coder_nb.runbooks.report.tables import cells, plain
from coder_nb.runbooks.words import stamp, took

__all__ = ["markdown", "text"]

# What begins something in the middle of a line, and what does at its beginning only.
_ACTS = re.compile(r"[\\`*_{}\[\]<>&|~#$!@]")
_BEGINS = re.compile(r"^(\d*)([-+=:](?<!\d.)|[.)](?<=\d.)(?=\s|$))")


def markdown(story: Story) -> str:
    """The whole report."""
    return "\n\n".join(part.rstrip() for part in _parts(story) if part.strip()) + "\n"


def _parts(story: Story) -> Iterator[str]:
    run = story.run
    yield f"# {text(story.title)}"
    yield text(story.about)
    if run.dry_run:
        yield "> A dry run: no step was done, and nothing was changed."
    yield _list(_facts(run))
    if run.error:
        yield _fence(run.error)
    if run.parameters:
        yield "## Parameters"
        yield _list(run.parameters)
    if run.steps:
        yield "## Steps"
        rows = [[str(step.number), step.title, step.status, took(step.seconds), step.why] for step in run.steps]
        yield _table(["#", "step", "status", "time", "why"], rows)
    for step in run.steps:
        if step.status != "pending":
            yield from _step(step, story.pieces(step))
    yield f"---\n\ncoder-nb {__version__}, run {text(run.id)}, kept in {_code(run.folder)}"


def _facts(run: Run) -> dict[str, str]:
    return {
        "outcome": run.outcome,
        "deployment": run.deployment,
        "run by": run.user,
        "started": stamp(run.started),
        "resumed": ", ".join(map(stamp, run.resumed)),
        "ended": stamp(run.ended),
        "runbook": run.book,
        "its hash": run.book_hash,
    }


def _step(step: StepRecord, pieces: tuple[Piece, ...]) -> Iterator[str]:
    yield f"### {step.number}. {text(step.title)}"
    yield ", ".join(text(part) for part in (step.status, took(step.seconds), step.why) if part)
    if step.error:
        yield _fence(step.error)
    for piece in pieces:
        yield from _piece(piece)
    if value := handed_on(step, pieces):
        yield f"handed on: {text(value)}"


def _piece(piece: Piece) -> Iterator[str]:
    if piece.title:
        yield f"**{text(piece.title)}**"
    if piece.picture:
        kind, data = piece.picture
        yield f"![{text(piece.title or 'figure')}](data:{kind};base64,{data})"
    elif piece.frame:
        heads, rows, left_out = cells(piece.frame)
        yield _table(heads, rows)
        if left_out:
            yield f"{left_out:,} more rows"
    elif piece.text:
        yield _fence(piece.text)
    if piece.cut:
        yield "It was too large: this is not all of it."


def _list(rows: dict[str, str]) -> str:
    return "\n".join(f"- {text(name)}: {text(value)}" for name, value in rows.items() if value)


def _table(heads: list[str], rows: list[list[str]]) -> str:
    if not heads:
        return ""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cell if line is lines[1] else text(cell) for cell in line)} |" for line in lines)


def text(words: str) -> str:
    """Text in one line, of which nothing is taken for Markdown or HTML."""
    line = visible(" ".join(plain(words).split()))
    return _BEGINS.sub(r"\1\\\2", _ACTS.sub(r"\\\g<0>", line))


def _code(text: str) -> str:
    ticks = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{ticks} {visible(text)} {ticks}"


def _fence(text: str) -> str:
    """Text as it is; the fence is longer than any in it."""
    shown = visible(plain(text), keep="\n\t").rstrip()
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", shown)), default=0))
    return f"{fence}text\n{shown}\n{fence}"
