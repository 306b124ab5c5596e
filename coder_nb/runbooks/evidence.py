"""What a step shows, kept as it was then: what it prints and displays, its figures, its value. Bounded in size.

Nothing is held back: everything still appears in the cell. What is kept is masked.
"""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any, Final, Self

from coder_nb.credentials.seen import mask
from coder_nb.runbooks.forms import ENDINGS, PARQUET, TEXT, Piece, form_of, kind_of, parquet_of

__all__ = ["Capture"]

_PRINTED: Final = 200_000
"""Characters of what is printed that are kept in one piece, the last ones."""
_MOST: Final = 2_000_000
"""Bytes of one form of one thing."""
_ALL: Final = 40_000_000
"""Bytes of all that one step shows."""
_PIECES: Final = 200


class Capture:
    """Keeps what is shown while inside a `with` block.

    Args:
        shell: an IPython shell.
    Attributes:
        pieces: what was shown, in order.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._pieces: list[Piece] = []
        self._size = 0
        self._deaf = True
        self._made: tuple[object, object] | None = None
        self._figures: set[int] = set()

    def __enter__(self) -> Self:
        self._publish = self._shell.display_pub.publish
        self._format = self._shell.display_formatter.format
        self._places = [(self._shell.display_pub, "publish"), (self._shell.display_formatter, "format")]
        self._own = [vars(where).get(name) for where, name in self._places]
        self._shell.display_pub.publish = self._published
        self._shell.display_formatter.format = self._formatted
        self._streams = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = (_Tee(stream, self) for stream in self._streams)
        self._figures = set(_figures())
        self._deaf = False
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._drawn()
        finally:
            # What was given one of our streams, such as a log handler, may keep it for good.
            self._deaf = True
            # Somebody may have put another stream there meanwhile; that one stays.
            for name, ours in zip(("stdout", "stderr"), self._streams, strict=True):
                if isinstance(getattr(sys, name), _Tee):
                    setattr(sys, name, ours)
            for (where, name), own in zip(self._places, self._own, strict=True):
                if own is None:
                    delattr(where, name)
                else:
                    setattr(where, name, own)

    @property
    def pieces(self) -> list[Piece]:
        """What was shown; what was taken away again is not among it."""
        for piece in self._pieces:
            if piece.printed:
                from coder_nb.remote import ansi

                text = mask(ansi.plain("".join(piece.printed)))
                piece.cut = piece.cut or len(text) > _PRINTED
                piece.forms = {TEXT: text[-_PRINTED:].encode("utf-8", "replace")} if text.strip() else {}
        return [piece for piece in self._pieces if any(piece.forms.values())]

    def value(self, value: object) -> None:
        """Adds what the step hands on, which its cell shows after it."""
        if value is not None:
            data, _ = self._format(value)
            self._add(data, value, None)

    def printed(self, text: str) -> None:
        """Something was printed; what a shell without pages prints of what it displays does not count."""
        if self._deaf:
            return
        last = self._pieces[-1] if self._pieces else None
        if last is None or last.kind != "output":
            last = self._new(Piece("output"))
        if last is not None:
            last.printed.append(text)
            if len(last.printed) > 1000:
                whole = "".join(last.printed)
                last.cut = last.cut or len(whole) > 2 * _PRINTED
                last.printed = [whole[-2 * _PRINTED :]]

    def _formatted(self, obj: object, *args: Any, **kwargs: Any) -> Any:
        made = self._format(obj, *args, **kwargs)
        self._made = (obj, made[0])
        return made

    def _published(self, data: Any, *args: Any, **kwargs: Any) -> Any:
        self._deaf = True
        try:
            shown = self._publish(data, *args, **kwargs)
        finally:
            self._deaf = False
        # What IPython has just formatted is what it now shows, and then we know the thing itself.
        thing = self._made[0] if self._made is not None and self._made[1] is data else None
        display_id = (kwargs.get("transient") or {}).get("display_id")
        if kwargs.get("update"):
            for piece in self._pieces:
                if piece.display_id is not None and piece.display_id == display_id:
                    piece.forms, piece.cut = self._forms(data)
            return shown
        self._add(data, thing, display_id)
        return shown

    def _add(self, data: Any, thing: object, display_id: str | None) -> None:
        kind, title = kind_of(thing, data)
        forms, cut = self._forms(data)
        if kind == "frame" and (whole := parquet_of(thing)) is not None and self._fits(whole):
            forms[PARQUET] = whole
        if forms:
            self._new(Piece(kind, title, forms, cut, display_id))

    def _forms(self, data: Any) -> tuple[dict[str, bytes], bool]:
        forms, cut = {}, False
        for mime in ENDINGS:
            if mime in data and (form := form_of(mime, data[mime])) is not None:
                if mime == TEXT and len(form) > _PRINTED:
                    form, cut = form[:_PRINTED], True
                if self._fits(form):
                    forms[mime] = form
                else:
                    cut = True
        return forms, cut

    def _fits(self, form: bytes) -> bool:
        if len(form) > _MOST or self._size + len(form) > _ALL:
            return False
        self._size += len(form)
        return True

    def _new(self, piece: Piece) -> Piece | None:
        if len(self._pieces) >= _PIECES:
            self._pieces[-1].cut = True
            return None
        self._pieces.append(piece)
        return piece

    def _drawn(self) -> None:
        """Shows figures now that a notebook would show at the end of the cell; keeps those nothing would show."""
        inline = sys.modules.get("matplotlib_inline.backend_inline")
        if inline is not None:
            inline.flush_figures()
        for number in [number for number in _figures() if number not in self._figures]:
            import io

            from matplotlib import pyplot

            picture = io.BytesIO()
            pyplot.figure(number).savefig(picture, format="png")
            if self._fits(picture.getvalue()):
                self._new(Piece("figure", f"figure {number}", {"image/png": picture.getvalue()}))


class _Tee:
    """A stream that also tells what goes through it."""

    def __init__(self, stream: Any, capture: Capture) -> None:
        self._stream, self._capture = stream, capture

    def write(self, text: str) -> Any:
        written = self._stream.write(text)
        self._capture.printed(text)
        return written

    def writelines(self, lines: Any) -> None:
        for text in lines:
            self.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _figures() -> list[int]:
    pyplot = sys.modules.get("matplotlib.pyplot")
    return list(pyplot.get_fignums()) if pyplot is not None else []
