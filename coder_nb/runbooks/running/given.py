"""Parameters as a command line gives them, checked against what the book declares before anything runs.

Tells all mistakes at once. A secret is never taken: what is on a command line, others on the machine can read.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Final

from coder_nb.errors import CoderError, InvalidCommand
from coder_nb.nearest import nearest
from coder_nb.runbooks.book import Book
from coder_nb.runbooks.declarations import Declaration, declarations
from coder_nb.runbooks.kinds import Wrong

__all__ = ["given"]

_NATIVE: Final = ("int", "number", "bool")
"""Kinds whose value is written into the notebook as Python has it; any other as it was typed."""


def given(book: Book, pairs: Sequence[str]) -> dict[str, object]:
    """The values to put into a book.

    Args:
        pairs: `NAME=VALUE`, as typed.
    Returns:
        By name, in the order given.
    Raises:
        InvalidCommand: with every mistake: no such parameter, a wrong value, a secret, a name given twice.
    """
    declared = {one.name: one for one in declarations(book.declarations)}
    known: Mapping[str, Declaration | None] = declared or dict.fromkeys(_assigned(book))
    values: dict[str, object] = {}
    mistakes: list[str] = []
    for pair in pairs:
        name, equals, text = pair.partition("=")
        try:
            if not equals:
                raise Wrong(f"-p takes NAME=VALUE, and here is {pair!r}")
            if name in values:
                raise Wrong(f"{name} is given twice")
            if name not in known:
                raise Wrong(_unknown(name, known))
            values[name] = _value(known[name], text)
        except Wrong as wrong:
            near = f"; nearest: {', '.join(wrong.near)}" if wrong.near else ""
            secret = (one := known.get(name)) is not None and one.kind.secret
            mistakes.append(f"{wrong}{near}" if name not in known or secret else f"{name} = {text!r}: {wrong}{near}")
    if mistakes:
        raise InvalidCommand(_told(mistakes), hint=f"coder-nb runbook show {book.path}")
    return values


def _value(declared: Declaration | None, text: str) -> object:
    if declared is None:
        return _literal(text)
    if declared.kind.secret:
        how = f"set {declared.kind.env} in the environment" if declared.kind.env else "it is asked for"
        raise Wrong(f"{declared.name} is a secret, which is never typed on a command line: {how}")
    if not text and declared.optional:
        return None
    try:
        value = declared.kind.check(text)
    except CoderError as error:
        raise Wrong(error.message) from None
    return value if declared.kind.name in _NATIVE else text


def _literal(text: str) -> object:
    """A value of a book that declares no kinds: a number, true, false or none where it looks like one, else text."""
    words: dict[str, object] = {"true": True, "false": False, "none": None}
    if text.lower() in words:
        return words[text.lower()]
    for convert in (int, float):
        try:
            return convert(text)
        except ValueError:
            continue
    return text


def _assigned(book: Book) -> list[str]:
    """The names that the cell tagged `parameters` sets."""
    source = next((cell.source for cell in book.code() if "parameters" in cell.tags), "")
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return []
    targets = [target for line in tree.body if isinstance(line, ast.Assign) for target in line.targets]
    targets += [line.target for line in tree.body if isinstance(line, ast.AnnAssign)]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _unknown(name: str, known: Mapping[str, object]) -> str:
    if not known:
        return f"{name}: this book has no parameters"
    close = nearest(name, known)
    others = f"did you mean {' or '.join(close)}?" if close else f"there are {', '.join(known)}"
    return f"no parameter {name!r}: {others}"


def _told(mistakes: Sequence[str]) -> str:
    if len(mistakes) == 1:
        return mistakes[0]
    return f"{len(mistakes)} parameters cannot be as they are given:\n" + "\n".join(f"  {one}" for one in mistakes)
