"""Output of a command as people may see it: secrets masked, terminal sequences harmless, in whatever pieces it comes.

The output itself, which programs work with, is not touched by this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from coder_nb import look
from coder_nb.credentials import Secret, seen
from coder_nb.remote import ansi

__all__ = ["Live", "Masks"]

_LONGEST: Final = 256
"""Characters of an escape sequence for whose end a live text is held back."""


@dataclass(frozen=True, slots=True)
class Masks:
    """What is never shown of a command's output: its own secrets, however short, and all that coder_nb has seen."""

    secrets: tuple[Secret, ...] = ()

    def __call__(self, text: str) -> str:
        """Text with `****` in the place of each."""
        return seen.mask(text, also=self._values())

    def flow(self) -> seen.Flow:
        """The same for text that comes in pieces."""
        return seen.Flow(self._values())

    def _values(self) -> list[str]:
        return [secret.reveal() for secret in self.secrets]


class Live:
    """Makes text for a screen of text that comes in pieces, cut anywhere.

    Args:
        masks: what is never shown.
    """

    def __init__(self, masks: Masks) -> None:
        self._flow = masks.flow()
        self._held = ""

    def feed(self, text: str) -> str:
        """What of it can be shown by now."""
        text = self._held + self._flow.feed(text)
        escape = text.rfind("\x1b", max(0, len(text) - _LONGEST))
        end = escape if escape >= 0 and ansi.unfinished(text[escape:]) else len(text)
        self._held = text[end:]
        return self._safe(text[:end])

    def rest(self) -> str:
        """What was held back, at the end."""
        text, self._held = self._held + self._flow.rest(), ""
        return self._safe(text)

    def _safe(self, text: str) -> str:
        return look.visible(ansi.coloured(text), keep="\n\t\r\x1b\b")
