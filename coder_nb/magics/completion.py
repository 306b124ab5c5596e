"""Completion of `%coder …`, `x = %coder …` and `%%coder …`, from what is already known; it never asks a server.

On any other line it says nothing, and other extensions' completers are never kept from speaking.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coder_nb.magics.grammar import Command, Flag
from coder_nb.magics.kinds import Kind
from coder_nb.magics.parser import is_flag
from coder_nb.magics.suggestions import suggestions
from coder_nb.magics.transform import ASSIGNED, in_string
from coder_nb.magics.words import Word, split

if TYPE_CHECKING:
    from IPython.core.completer import IPCompleter, Matcher

    from coder_nb.magics.session import Session

__all__ = ["complete", "matcher"]

_CELL = re.compile(r"%%coder[ \t]+(?P<text>.*)", re.DOTALL)
_MAGIC = re.compile(r"%%(\w+)")
_PYTHON = ("time", "timeit", "capture", "prun")
"""Cell magics whose body is Python, so that a `%coder` in it is one of ours."""

OTHERS = "IPCompleter.custom_completer_matcher"
"""IPython's own matcher that asks other extensions' completers of the older kind; it is left to speak."""


@dataclass(frozen=True, slots=True)
class Place:
    """What is being typed at the cursor.

    Attributes:
        fragment: what of it is typed, as typed.
        command: None while its name is being typed.
        kind: of the value that can stand here; None where none can.
        flags: a flag can stand here.
        given: the flags there already.
    """

    fragment: str
    command: Command | None = None
    kind: Kind | None = None
    flags: bool = False
    given: tuple[str, ...] = ()


def before_cursor(full_text: str, line: int, column: int) -> str | None:
    """The `%coder` text before the cursor, continued lines joined; None on any other line."""
    lines = full_text.split("\n")
    first = next((number for number, text in enumerate(lines) if text.strip()), 0)
    if magic := _MAGIC.match(lines[first]):
        if magic[1] == "coder":
            found = _CELL.fullmatch(lines[first][:column]) if line == first else None
            return found["text"] if found else None
        if magic[1] not in _PYTHON:
            return None
    if in_string("\n".join(lines[:line])):
        return None
    start = line
    while start > 0 and lines[start - 1].endswith("\\"):
        start -= 1
    text = " ".join([*(part[:-1] for part in lines[start:line]), lines[line][:column]])
    found = ASSIGNED.fullmatch(text)
    return found["text"] if found else None


def locate(text: str, commands: Mapping[str, Command]) -> Place | None:
    """What is being typed at the end of a line; None where nothing can be completed."""
    line = split(text, tolerant=True)
    after = text[line.words[-1].end :] if line.words else text
    if line.tail is not None or after.strip():
        return None
    done, last = (line.words, None) if line.blank else (line.words[:-1], line.words[-1])
    fragment = text[last.start :] if last else ""
    if not done:
        return Place(fragment)
    command = commands.get(done[0].value)
    return _inside(command, done[1:], last, fragment) if command else None


def _inside(command: Command, done: Iterable[Word], last: Word | None, fragment: str) -> Place | None:
    waiting: Flag | None = None
    given: list[str] = []
    position = 0
    for word in done:
        if waiting is not None:
            waiting = None
        elif is_flag(word):
            name, equals, _ = word.value.partition("=")
            flag = command.flag(name)
            given += flag.names if flag and not flag.repeat else ()
            waiting = flag if flag and flag.kind and not equals else None
        else:
            position += 1
    if waiting is not None:
        return Place(fragment, command, waiting.kind)
    if last is not None and fragment.startswith("-"):
        name, equals, value = fragment.partition("=")
        known = command.flag(name)
        if equals:
            return Place(value, command, known.kind) if known and known.kind else None
        return Place(fragment, command, flags=True, given=tuple(given))
    kind = _positional(command, position)
    return Place(fragment, command, kind, flags=not fragment, given=tuple(given))


def _positional(command: Command, position: int) -> Kind | None:
    if position < len(command.arguments):
        return command.arguments[position].kind
    last = command.arguments[-1] if command.arguments else None
    return last.kind if last and last.rest else None


def complete(text: str, commands: Mapping[str, Command], session: Session) -> tuple[str, list[tuple[str, str]]]:
    """What can stand at the end of a line.

    Returns:
        the fragment that is replaced, and pairs of a text and its type.
    """
    place = locate(text, commands)
    if place is None:
        return "", []
    if place.command is None:
        return place.fragment, [(name, "command") for name in commands if name.startswith(place.fragment)]
    fragment = place.fragment
    found: list[tuple[str, str]] = []
    if place.kind is not None:
        fragment, found = _values(place.kind, fragment, session, commands)
    if place.flags:
        spellings = (name for name in place.command.spellings() if name not in place.given)
        found += [(name, "flag") for name in spellings if name.startswith(fragment)]
    return fragment, found


def _values(
    kind: Kind, fragment: str, session: Session, commands: Mapping[str, Command]
) -> tuple[str, list[tuple[str, str]]]:
    quote = fragment[:1] if fragment[:1] in ("'", '"') else ""
    wanted = fragment[len(quote) :]
    lower = wanted.lower()
    values = kind.choices or suggestions(kind.values, wanted, session, commands)
    return fragment, [(_quoted(value, quote), kind.name.lower()) for value in values if value.lower().startswith(lower)]


def _quoted(value: str, quote: str) -> str:
    if quote or re.search(r"[\s'\"\\{}$;#]", value):
        quote = quote or ("'" if "'" not in value else '"')
        value = value.replace("\\", "\\\\").replace('"', '\\"') if quote == '"' else value
        return f"{quote}{value}{quote}"
    return value


def matcher(completer: IPCompleter, commands: Mapping[str, Command], session: Session) -> Matcher:
    """What IPython's completer asks on every line.

    Args:
        completer: the shell's; its own guesses about Python are silenced where ours are the right ones.
    """
    from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult, context_matcher

    # Before IPython's own, so that what is silenced is not even computed.
    @context_matcher(identifier="coder_nb", priority=200)  # type: ignore[untyped-decorator]
    def coder_matcher(context: CompletionContext) -> SimpleMatcherResult:
        text = before_cursor(context.full_text, context.cursor_line, context.cursor_position)
        if text is None:
            return {"completions": []}
        fragment, found = complete(text, commands, session)
        return {
            "completions": [SimpleCompletion(text=value, type=kind) for value, kind in found],
            "matched_fragment": fragment,
            "suppress": _noise(completer),
            "ordered": True,
        }

    found: Matcher = coder_matcher
    return found


def _noise(completer: IPCompleter) -> set[str]:
    """IPython's own matchers: on our lines they only guess at Python."""
    own = [each for each in completer.matchers if each not in completer.custom_matchers]
    return {getattr(each, "matcher_identifier", each.__qualname__) for each in own} - {OTHERS}
