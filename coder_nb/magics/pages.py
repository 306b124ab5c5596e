"""The help pages, from the declarations: text for terminals and `%coder?`, HTML for notebooks, Markdown for the docs.

Runs nothing and asks nobody.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from coder_nb.look import AS_IT_IS, dim, safe, table
from coder_nb.magics.grammar import COMMON, Command, Example, Flag, Section

__all__ = ["Page", "overview"]

WIDTH = 100
TITLE = "%coder: Coder workspaces from a notebook"
RULES = (
    "Every line returns a value: x = %coder ls works, -o NAME keeps it too, a final ; shows nothing but still assigns.",
    "{expr} and $name put in a Python value, except in '…' and after --; a value put in is one word and never a flag.",
    "%coder help COMMAND, %coder COMMAND -h and %coder COMMAND? show a command's own page. <TAB> completes everything.",
)


class Row(NamedTuple):
    """A term and what it means."""

    term: str
    about: str


class Part(NamedTuple):
    """A heading and what is under it; `code` where the terms are lines to type."""

    title: str
    rows: tuple[Row, ...] = ()
    lines: tuple[str, ...] = ()
    code: bool = False


class Page:
    """A page of help.

    Args:
        commands: all commands there are.
        command: the one the page is about; None for the page about all.
    """

    def __init__(self, commands: Mapping[str, Command], command: Command | None = None) -> None:
        self.title = f"%coder {command.name}: {command.summary}" if command else TITLE
        self.usage = command.usage if command else "%coder COMMAND …"
        self.parts = tuple(_about(command) if command else _all(commands.values()))

    def __repr__(self) -> str:
        return text(self)

    def _repr_html_(self) -> str:
        return html(self)


def overview(commands: Mapping[str, Command]) -> str:
    """The text of `%coder?`."""
    return text(Page(commands))


def text(page: Page) -> str:
    """A page as text, at most 100 columns wide where the words allow."""
    # No line break between a flag and its value.
    usage = re.sub(r"\[[^\]]*\]", lambda part: part[0].replace(" ", "\xa0"), page.usage)
    blocks = [page.title, _wrap(usage, "    ", "        ").replace("\xa0", " ")]
    for part in page.parts:
        width = max((len(row.term) for row in part.rows), default=0)
        lines = [_wrap(line, "  ", "  ") for line in part.lines]
        for row in part.rows:
            if width > 34 or part.code:
                lines += [f"  {row.term}", _wrap(row.about, "      ", "      ")]
            else:
                lines.append(_wrap(row.about, f"  {row.term:<{width}}  ", " " * (width + 4)))
        blocks.append("\n".join([part.title, *lines]))
    return "\n\n".join(blocks)


def html(page: Page) -> str:
    """A page as HTML: escaped, and readable on a light and on a dark ground."""
    usage = " ".join(_code(part, "nowrap") for part in re.findall(r"\[[^\]]*\]…?|\S+", page.usage))
    blocks = [
        f"<div style='font-weight:600'>{safe(page.title)}</div>",
        f"<div style='margin:6px 0'>{usage}</div>",
    ]
    for part in page.parts:
        blocks.append(f"<div style='margin-top:10px'>{dim(part.title)}</div>")
        blocks += [f"<div>{safe(line)}</div>" for line in part.lines]
        if part.rows:
            blocks.append(table((_code(row.term), safe(row.about)) for row in part.rows))
    return f"<div {AS_IT_IS} style='max-width:70em;line-height:1.4'>{''.join(blocks)}</div>"


def _code(line: str, wrap: str = "pre-wrap") -> str:
    return f"<code style='background:none;color:inherit;padding:0;white-space:{wrap}'>{safe(line)}</code>"


def markdown(page: Page, *, heading: str) -> str:
    """A page as Markdown, for the reference; what every command has is left to the page about all."""
    blocks = [heading, f"```\n{page.usage}\n```"]
    for part in page.parts:
        if part.code:
            width = max(len(row.term) for row in part.rows)
            lines = "\n".join(f"{row.term:<{width}}  # {row.about}" for row in part.rows)
            blocks.append(f"```python\n{lines}\n```")
        elif part.rows:
            table = [f"| {part.title} | |", "|---|---|"]
            table += [f"| `{_cell(row.term)}` | {_cell(_plain(row.about))} |" for row in part.rows]
            blocks.append("\n".join(table))
        else:
            blocks.append(f"**{part.title}**: " + " ".join(_plain(line) for line in part.lines))
    return "\n\n".join(blocks)


def _all(commands: Iterable[Command]) -> Iterator[Part]:
    known = list(commands)
    for section in Section:
        rows = tuple(Row(command.name, command.summary) for command in known if command.section is section)
        if rows:
            yield Part(section.value, rows)
    yield Part("Every command", tuple(_flag(flag) for flag in COMMON))
    yield Part("Rules", lines=RULES)


def _about(command: Command) -> Iterator[Part]:
    if command.arguments:
        yield Part("Arguments", tuple(Row(a.usage, a.help) for a in command.arguments))
    if command.flags:
        yield Part("Flags", tuple(_flag(flag) for flag in command.flags))
    yield Part("Returns", lines=(command.returns,))
    if command.changes:
        yield Part("Changes", lines=("This changes the deployment; it asks first.",))
    cell = (f"The cell under %%coder {command.name} is {command.body}.",) if command.body else ()
    notes = (*command.notes, *cell)
    if notes:
        yield Part("Notes", lines=notes)
    if command.examples:
        yield Part("Examples", tuple(_example(example) for example in command.examples), code=True)
    more = [flag.usage for flag in command.all_flags if flag in COMMON]
    yield Part("Every command", lines=(f"takes {', '.join(more)}; see %coder help.",))


def _flag(flag: Flag) -> Row:
    spellings = ", ".join(flag.names) + (f" {flag.kind.name}" if flag.kind else "")
    choices = f": {', '.join(flag.kind.choices)}" if flag.kind and flag.kind.choices else ""
    default = f" (default: {flag.default})" if flag.default is not None else ""
    again = "; may be repeated" if flag.repeat else ""
    return Row(spellings, f"{flag.help}{choices}{default}{again}")


def _example(example: Example) -> Row:
    return Row(example.line, example.about)


def _wrap(words: str, first: str, then: str) -> str:
    return textwrap.fill(words, WIDTH, initial_indent=first, subsequent_indent=then, break_long_words=False)


def _plain(words: str) -> str:
    return words.replace("<", "&lt;").replace("_", "\\_").replace("*", "\\*")


def _cell(words: str) -> str:
    return words.replace("|", "\\|")
