"""Checks files: finds what is known and what has the shape of a secret; masks it in the outputs of notebooks.

Sources are never changed, nor is any file but a notebook. A line that says `coder-nb: allow` is let through, and the
outputs of a cell whose first line says so.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any, Final

from coder_nb import replacing
from coder_nb.checking.finding import Finding
from coder_nb.checking.known import Known
from coder_nb.checking.named import looks_secret, named
from coder_nb.checking.places import Place, places
from coder_nb.credentials import Hidden
from coder_nb.credentials.needles import Needles
from coder_nb.credentials.shapes import shaped
from coder_nb.errors import ConfigurationError

__all__ = ["check", "files"]

_ALLOW: Final = re.compile(r"coder-nb:\s*allow\b")
_COLOURS: Final = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
_KINDS: Final = (".ipynb", ".cassette", ".html", ".md", ".jsonl")
"""Endings of the files that are taken from a folder."""
STARS: Final = "****"


def files(given: Iterable[Path]) -> Iterator[Path]:
    """The files that are meant: a file is itself, a folder its notebooks, recordings and reports, hidden ones not.

    Raises:
        ConfigurationError: there is no such file.
    """
    for path in given:
        if path.is_dir():
            for folder, names, found in os.walk(path):
                names[:] = sorted(name for name in names if not name.startswith(".") and name != "node_modules")
                yield from (Path(folder, name) for name in sorted(found) if name.endswith(_KINDS))
        elif path.exists():
            yield path
        else:
            raise ConfigurationError(f"no such file: {path}", hint="coder-nb check NOTEBOOK…")


def check(path: Path, known: Known, *, fix: bool = False) -> list[Finding]:
    """The secrets in a file, in the order of their places.

    Args:
        path: a notebook or any text; what is no text has none.
        known: values to find whatever they look like.
        fix: mask those in a notebook's outputs and metadata, and write it again.
    Raises:
        ConfigurationError: it cannot be read, or written again.
    """
    try:
        data = path.read_bytes()
        notebook = _notebook(data) if path.suffix == ".ipynb" else None
        if notebook is None:
            return [] if b"\0" in data[:8192] else list(_in_text(path, data.decode("utf-8", "replace"), known))
        found = list(_in_notebook(path, notebook, known, fix=fix))
        if any(finding.fixed for finding in found):
            _write(path, notebook, data)
    except OSError as error:
        raise ConfigurationError(
            f"it cannot be checked: {path}: {error.strerror}", hint="make it a file you can read"
        ) from None
    return found


def _in_text(path: Path, text: str, known: Known) -> Iterator[Finding]:
    for begin, end, kind in _found(text, known):
        if not _allowed(text, begin):
            yield Finding(path, "", _line(text, begin), kind, Hidden(text[begin:end]))


def _in_notebook(path: Path, notebook: dict[str, Any], known: Known, *, fix: bool) -> Iterator[Finding]:
    allowed: dict[int, bool] = {}
    for number, place in places(notebook):
        if place.source:
            allowed[number] = bool(_ALLOW.search(place.text.partition("\n")[0]))
        if allowed.get(number):
            continue
        found = [
            Finding(path, place.where, line, kind, Hidden(value), place.put is not None)
            for line, kind, value in _in_place(place, known)
        ]
        if fix and found and place.put is not None:
            place.put(_masked(place.text, [finding.value.reveal() for finding in found]))
            found = [replace(finding, fixed=True) for finding in found]
        yield from found


def _in_place(place: Place, known: Known) -> Iterator[tuple[int, str, str]]:
    """Line, kind and value of each."""
    text = place.text
    if place.typed:
        yield 1, "what was typed into a password field", text
        return
    if place.name and "\n" not in text and looks_secret(place.name, text):
        yield 1, f"what {place.name[:40]} was set to", text
        return
    if place.put is None and not place.source:
        # Not text: what is random there looks like what people call secrets.
        yield from ((1, kind, text[begin:end]) for begin, end, kind in _merged([*known.find(text), *shaped(text)]))
        return
    for begin, end, kind in _found(text, known):
        if not place.source or not _allowed(text, begin):
            yield _line(text, begin), kind, _COLOURS.sub("", text[begin:end])


def _found(text: str, known: Known) -> list[tuple[int, int, str]]:
    found = _merged(chain(known.find(text), shaped(text), named(text)))
    if "\x1b[" in text:
        # Colours part names from values; where the text without them has more, its places are not those of the text.
        plain = _COLOURS.sub("", text)
        have = {_COLOURS.sub("", text[begin:end]) for begin, end, _ in found}
        for begin, end, kind in _merged(chain(shaped(plain), named(plain))):
            at = text.find(plain[begin:end])
            if at >= 0 and not any(plain[begin:end] in value for value in have):
                found.append((at, at + end - begin, kind))
    return found


def _merged(found: Iterable[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Those that lie within each other as one; what was found first tells the kind."""
    merged: list[tuple[int, int, str]] = []
    ordered = sorted(enumerate(found), key=lambda each: (each[1][0], -each[1][1], each[0]))
    for _, (begin, end, kind) in ordered:
        if merged and begin < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1]), merged[-1][2]
        else:
            merged.append((begin, end, kind))
    return merged


def _masked(text: str, values: list[str]) -> str:
    needles = Needles(values)
    parts, at = [], 0
    for begin, end in needles.spans(text):
        parts += [text[at:begin], STARS]
        at = end
    return "".join([*parts, text[at:]])


def _allowed(text: str, at: int) -> bool:
    """Whether the line says that it is let through, or the one before it says so and nothing else."""
    begin = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    before = text[:begin].rstrip("\n").rpartition("\n")[2]
    return bool(_ALLOW.search(text[begin : end if end >= 0 else len(text)])) or bool(
        re.fullmatch(r"\W*coder-nb:\s*allow\b.*", before)
    )


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def _notebook(data: bytes) -> dict[str, Any] | None:
    try:
        notebook = json.loads(data)
    except ValueError:
        return None
    return notebook if isinstance(notebook, dict) and isinstance(notebook.get("cells"), list) else None


def _write(path: Path, notebook: dict[str, Any], before: bytes) -> None:
    """In one step, in the form it had: indent, escapes and the end of the file."""
    indent = re.match(rb"\{\r?\n?( *)", before)
    text = json.dumps(
        notebook,
        indent=len(indent[1]) if indent and b"\n" in before[:8] else None,
        ensure_ascii=before.isascii() and rb"\u" in before,
    )
    data = (text + ("\n" if before.endswith(b"\n") else "")).encode()
    # Only a link is replaced where it leads to.
    target = path.resolve()
    replacing.replace(target, data, mode=target.stat().st_mode & 0o777)
