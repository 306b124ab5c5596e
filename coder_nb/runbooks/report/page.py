"""The report of a run as one HTML file: readable in light and dark and on paper, and it loads nothing from anywhere.

Everything is escaped, HTML of others made harmless, and the page itself forbids every request and every script.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from typing import Final

from coder_nb import __version__
from coder_nb.look import safe
from coder_nb.runbooks.journal import Run, StepRecord
from coder_nb.runbooks.report.clean import clean
from coder_nb.runbooks.report.story import Piece, Shown, Story, handed_on
from coder_nb.runbooks.report.tables import cells, plain
from coder_nb.runbooks.words import stamp, took

__all__ = ["html"]

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


def html(story: Story) -> str:
    """The whole page."""
    style = files(__package__).joinpath("style.css").read_text(encoding="utf-8")
    run = story.run
    parts = [_head(story), _parameters(run), _overview(run)]
    parts += [_step(step, story.pieces(step)) for step in run.steps if step.status != "pending"]
    parts += [_notebook(story.cells), _foot(run)]
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{safe(story.title)}: {safe(run.outcome)}</title>\n<style>\n{style}</style>\n</head>\n"
        f"<body>\n{''.join(part for part in parts if part)}</body>\n</html>\n"
    )


def _head(story: Story) -> str:
    run = story.run
    about = f'<p class="about soft">{safe(story.about)}</p>' if story.about else ""
    dry = '<p class="dry">A dry run: no step was done, and nothing was changed.</p>' if run.dry_run else ""
    said = f'<div class="problem"><pre>{safe(plain(run.error))}</pre></div>' if run.error else ""
    facts = {
        "deployment": run.deployment,
        "run by": run.user,
        "started": stamp(run.started),
        "resumed": ", ".join(map(stamp, run.resumed)),
        "ended": stamp(run.ended),
        "time in steps": took(sum(step.seconds or 0 for step in run.steps)),
        "confirmations": "all answered yes in advance" if run.yes else "",
    }
    return (
        f"<header>\n<h1>{safe(story.title)}</h1>\n{about}\n"
        f'<p class="verdict">{_state(run.outcome)} {safe(_counted(run))}</p>\n{dry}{said}{_pairs(facts)}\n</header>\n'
    )


def _counted(run: Run) -> str:
    states = [step.status for step in run.steps]
    counts = ((state, states.count(state)) for state in ("done", "skipped", "declined", "failed", "running", "pending"))
    return ", ".join(f"{count} {state}" for state, count in counts if count) or "no steps"


def _pairs(rows: dict[str, str]) -> str:
    inner = "".join(f"<dt>{safe(name)}</dt><dd>{safe(value)}</dd>" for name, value in rows.items() if value)
    return f"<dl>{inner}</dl>"


def _state(word: str) -> str:
    return f'<span class="state {word.split()[0]}">{safe(word)}</span>'


def _parameters(run: Run) -> str:
    if not run.parameters:
        return ""
    rows = "".join(
        f"<dt>{safe(name)}</dt><dd>{safe(value) or '<span class=soft>empty</span>'}</dd>"
        for name, value in run.parameters.items()
    )
    return f"<section>\n<h2>Parameters</h2>\n<dl>{rows}</dl>\n</section>\n"


def _overview(run: Run) -> str:
    if not run.steps:
        return ""
    whole = sum(step.seconds or 0 for step in run.steps)
    rows, before = [], 0.0
    for step in run.steps:
        rows.append(_row(step, before, whole))
        before += step.seconds or 0
    head = '<th class="number">#</th><th>step</th><th>status</th><th class="time">time</th><th></th>'
    return (
        f'<section>\n<h2>Steps</h2>\n<table class="steps"><thead><tr>{head}</tr></thead>\n'
        f"<tbody>{''.join(rows)}</tbody></table>\n</section>\n"
    )


def _row(step: StepRecord, before: float, whole: float) -> str:
    bar = ""
    if step.seconds is not None and whole:
        left, width = (100 * part / whole for part in (before, step.seconds))
        style = f"margin-left:min({left:.2f}%,100% - 3px);width:{width:.2f}%"
        bar = f'<div class="track {step.status}"><div class="bar" style="{style}"></div></div>'
    why = f'<div class="soft">{safe(step.why)}</div>' if step.why else ""
    title = safe(step.title) if step.status == "pending" else f'<a href="#{_anchor(step)}">{safe(step.title)}</a>'
    return (
        f'<tr><td class="number">{step.number}</td><td>{title}{why}</td><td>{_state(step.status)}</td>'
        f'<td class="time">{took(step.seconds)}</td><td>{bar}</td></tr>\n'
    )


def _anchor(step: StepRecord) -> str:
    return f"step-{step.number}-{step.call}"


def _step(step: StepRecord, pieces: tuple[Piece, ...]) -> str:
    why = f'<p class="soft">{safe(step.why)}</p>' if step.why else ""
    error = f'<div class="problem">{safe(plain(step.error))}</div>' if step.error else ""
    handed = f'<p class="soft">handed on: {safe(value)}</p>' if (value := handed_on(step, pieces)) else ""
    times = " · ".join(part for part in (took(step.seconds), stamp(step.started), step.deployment) if part)
    return (
        f'<section class="step" id="{_anchor(step)}">\n<header><h3>{step.number}. {safe(step.title)}</h3>'
        f'{_state(step.status)}<span class="soft">{safe(times)}</span></header>\n'
        f"{why}{error}{''.join(map(_piece, pieces))}{handed}</section>\n"
    )


def _piece(piece: Piece) -> str:
    """What was shown, in the richest form that is safe."""
    caption = f"<figcaption>{safe(piece.title)}</figcaption>" if piece.title else ""
    cut = '<p class="soft">It was too large: this is not all of it.</p>' if piece.cut else ""
    return f"<figure>{caption}{_body(piece)}{cut}</figure>\n"


def _body(piece: Piece) -> str:
    if piece.picture:
        kind, data = piece.picture
        return f'<img alt="{safe(piece.title or piece.text)}" src="data:{kind};base64,{safe(data)}">'
    if piece.html:
        return f'<div class="given">{clean(piece.html)}</div>'
    if piece.frame and not piece.text:
        return f'<div class="given">{_table(*cells(piece.frame))}</div>'
    shown = f"<pre>{safe(plain(piece.text))}</pre>" if piece.text else ""
    return f'<div class="problem">{shown}</div>' if piece.error else shown


def _table(heads: list[str], rows: list[list[str]], left_out: int) -> str:
    first = "".join(f"<th>{safe(head)}</th>" for head in heads)
    body = "".join(f"<tr>{''.join(f'<td>{safe(cell)}</td>' for cell in row)}</tr>" for row in rows)
    more = f'<p class="soft">{left_out:,} more rows</p>' if left_out else ""
    return f'<table class="frame"><thead><tr>{first}</tr></thead><tbody>{body}</tbody></table>{more}'


def _notebook(shown: Iterable[Shown]) -> str:
    parts = [_cell(one) for one in shown]
    if not parts:
        return ""
    return (
        '<section class="notebook">\n<h2>The notebook as it ran</h2>\n'
        f"<details><summary>{len(parts)} cells</summary>\n{''.join(parts)}</details>\n</section>\n"
    )


def _cell(shown: Shown) -> str:
    if shown.cell.kind != "code":
        return f'<div class="cell soft" style="white-space:pre-wrap">{safe(shown.cell.source)}</div>\n'
    return f'<div class="cell"><pre>{safe(shown.cell.source)}</pre>{"".join(map(_piece, shown.outputs))}</div>\n'


def _foot(run: Run) -> str:
    facts = {"runbook": run.book, "its hash": run.book_hash, "run": run.id, "kept in": run.folder}
    return f"<footer>{_pairs(facts)}<p>coder-nb {__version__}</p></footer>\n"
