"""One thing that was shown, in each form that a report can use, as bytes and masked. Leaves out scripts and widgets."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from coder_nb.credentials.seen import mask
from coder_nb.errors import RunbookError

__all__ = ["ENDINGS", "PARQUET", "TEXT", "Piece", "form_of", "kind_of", "parquet_of"]

Kind = Literal["output", "frame", "run", "figure", "display"]

TEXT: Final = "text/plain"
PARQUET: Final = "application/vnd.apache.parquet"
ENDINGS: Final = {
    TEXT: "txt",
    "text/html": "html",
    "text/markdown": "md",
    "text/latex": "tex",
    "image/svg+xml": "svg",
    "application/json": "json",
    "image/png": "png",
    "image/jpeg": "jpg",
    PARQUET: "parquet",
}
"""The forms that are kept, and how their files end."""
_PICTURES: Final = ("image/png", "image/jpeg")
_LARGEST: Final = 8_000_000
"""Bytes in memory of a frame that is kept as it is."""


@dataclass(slots=True)
class Piece:
    """One thing that was shown.

    Attributes:
        forms: its bytes by MIME type.
        cut: it was too large, and not all of it is here.
    """

    kind: Kind
    title: str = ""
    forms: dict[str, bytes] = field(default_factory=dict)
    cut: bool = False
    display_id: str | None = None
    printed: list[str] = field(default_factory=list)


def kind_of(thing: object, data: Any) -> tuple[Kind, str]:
    """What a thing is, and its title, from itself where that is known, and from its forms."""
    name = f"{type(thing).__module__}.{type(thing).__name__}"
    if name.startswith("pandas.") and name.rpartition(".")[2] in ("DataFrame", "Series"):
        from coder_nb.runbooks.values_frame import title

        return "frame", title(thing)  # type: ignore[arg-type]
    if name == "coder_nb.remote.result.RunResult":
        return "run", mask(str(getattr(thing, "summary", "")))
    if name.startswith("matplotlib.figure.") or (str(data.get("text/plain", "")).startswith("<Figure")):
        return "figure", ""
    return "display", ""


def parquet_of(frame: Any) -> bytes | None:
    """The frame itself, where it can be kept and is not too large to be evidence."""
    from coder_nb.runbooks.values import store

    try:
        if int(frame.memory_usage(deep=False).sum() if frame.ndim == 2 else frame.memory_usage(deep=False)) > _LARGEST:
            return None
        return store(frame).data
    except RunbookError:
        return None


def form_of(mime: str, form: object) -> bytes | None:
    """One form as bytes; None where it is not what its type says."""
    if mime in _PICTURES:
        if isinstance(form, bytes):
            return form
        try:
            return base64.b64decode(str(form))
        except (binascii.Error, ValueError):
            return None
    if mime == "application/json":
        form = json.dumps(form, default=str)
    return mask(form).encode("utf-8", "replace") if isinstance(form, str) else None
