"""Every place of a notebook that holds text: sources, outputs of every type, metadata, attachments, widgets' states.

A place can be given another text, which changes the notebook in memory; nothing here reads or writes files.
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

__all__ = ["Place", "places"]

_WIDGETS: Final = "application/vnd.jupyter.widget-state+json"
_BINARY: Final = ("image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf", "audio/", "video/")


@dataclass(frozen=True, slots=True)
class Place:
    """A text somewhere in a notebook.

    Attributes:
        where: for people: `cell 3, output 1 (text/html)`.
        text: what is there.
        put: puts another text there; None where it is a source, or data that is no text.
        name: of the JSON field it is the value of; "" for none.
        source: whether it is what somebody wrote.
        typed: whether somebody typed it into a password field.
    """

    where: str
    text: str
    put: Callable[[str], None] | None = None
    name: str = ""
    source: bool = False
    typed: bool = False


def places(notebook: dict[str, Any]) -> Iterator[tuple[int, Place]]:
    """All of them, each with the number of its cell from 1; 0 for those of the notebook itself."""
    for number, cell in enumerate(_dicts(notebook.get("cells")), 1):
        here = f"cell {number}"
        yield number, Place(here, _joined(cell.get("source")), source=True)
        for place in _of_cell(cell, here):
            yield number, place
    about = notebook.get("metadata")
    if isinstance(about, dict):
        for place in (*_values(about, "notebook metadata", but="widgets"), *_states(about.get("widgets"))):
            yield 0, place


def _of_cell(cell: dict[str, Any], here: str) -> Iterator[Place]:
    yield from _values(cell.get("metadata"), f"{here}, metadata")
    for name, bundle in _items(cell.get("attachments")):
        yield from _bundle(bundle, f"{here}, attachment {name}")
    for number, output in enumerate(_dicts(cell.get("outputs")), 1):
        place = f"{here}, output {number}"
        match output.get("output_type"):
            case "stream":
                yield _field(output, "text", f"{place} ({output.get('name')})")
            case "error":
                yield from (_field(output, name, f"{place} (error)") for name in ("ename", "evalue"))
                yield _field(output, "traceback", f"{place} (traceback)", between="\n")
            case _:
                yield from _bundle(output.get("data"), place)
        yield from _values(output.get("metadata"), f"{place}, metadata")


def _bundle(bundle: Any, here: str) -> Iterator[Place]:
    """Data by MIME type."""
    for mime, data in _items(bundle):
        where = f"{here} ({mime})"
        if mime.startswith(_BINARY):
            yield Place(where, _decoded(_joined(data)))
        elif isinstance(data, dict) or (isinstance(data, list) and not all(isinstance(part, str) for part in data)):
            yield from _values(data, where)
        else:
            yield _field(bundle, mime, where)


def _states(widgets: Any) -> Iterator[Place]:
    """What widgets hold, as a notebook saves it."""
    for _, kept in _items(widgets):
        for model, state in _items(kept.get("state") if isinstance(kept, dict) else None):
            values = state.get("state") if isinstance(state, dict) else None
            secret = isinstance(values, dict) and values.get("_model_name", state.get("model_name")) == "PasswordModel"
            for place in _values(state, f"widget {model[:8]}"):
                typed = secret and place.name == "value" and bool(place.text)
                yield Place(place.where, place.text, place.put, place.name, typed=typed)


def _values(value: Any, here: str, *, but: str = "") -> Iterator[Place]:
    """Every text within a structure of JSON; names last, since they may be changed."""
    if isinstance(value, dict):
        for name in [name for name in value if name != but]:
            yield from _value(value, name, value[name], f"{here}/{name}", name)
        for name in list(value):
            yield Place(f"{here}, a name", name, partial(_rename, value, name))
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from _value(value, at, item, f"{here}/{at}", "")


def _value(owner: Any, at: Any, value: Any, where: str, name: str) -> Iterator[Place]:
    if isinstance(value, str):
        yield Place(where, value, partial(owner.__setitem__, at), name)
    else:
        yield from _values(value, where)


def _rename(of: dict[str, Any], name: str, text: str) -> None:
    """Another name for a field, in its place."""
    for field in list(of):
        of[text if field == name else field] = of.pop(field)


def _field(owner: dict[str, Any], name: str, where: str, *, between: str = "") -> Place:
    """A text that may be kept as a list of lines, and is put back as it was kept."""

    def put(text: str) -> None:
        if not isinstance(owner.get(name), list):
            owner[name] = text
        else:
            owner[name] = text.split(between) if between else text.splitlines(keepends=True)

    return Place(where, _joined(owner.get(name), between), put)


def _joined(value: Any, between: str = "") -> str:
    if isinstance(value, list):
        return between.join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""


def _decoded(text: str) -> str:
    try:
        return b64decode(text).decode("latin-1")
    except (NotBase64, ValueError):
        return text


def _items(value: Any) -> list[tuple[str, Any]]:
    return list(value.items()) if isinstance(value, dict) else []


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
