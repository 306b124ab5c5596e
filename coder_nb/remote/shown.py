"""Output of a command as people may see it: secrets masked, terminal sequences harmless, in whatever pieces it comes.

The output itself, which programs work with, is not touched by this.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from coder_nb import look
from coder_nb.credentials import Secret
from coder_nb.remote import ansi

__all__ = ["Live", "Masks"]

_TOKENS: Final = re.compile(r"(CODER_(?:AGENT|SESSION)_TOKEN=['\"]?)[^\s'\"]+")
"""What `env` shows in a workspace: the agent's token, which is as good as the workspace."""
_BEGUN: Final = re.compile(r"CODER_(?:AGENT|SESSION)_TOKEN=['\"]?[^\s'\"]*")
_NAMES: Final = ("CODER_AGENT_TOKEN=", "CODER_SESSION_TOKEN=")
_LONGEST: Final = 256
"""Characters of a token, or of an escape sequence, for whose end a live text is held back."""


@dataclass(frozen=True, slots=True)
class Masks:
    """What is never shown."""

    secrets: tuple[Secret, ...] = ()

    def __call__(self, text: str) -> str:
        """Text with `****` in the place of each."""
        for secret in self.secrets:
            text = secret.mask(text)
        return _TOKENS.sub(r"\1****", text)

    def safe_end(self, text: str) -> int:
        """Where a masked text can be cut so that nothing to be masked is cut with it, however it goes on."""
        end = len(text)
        for name in (*_NAMES, *(secret.reveal() for secret in self.secrets)):
            for size in range(min(len(name) - 1, len(text)), 0, -1):
                if text.endswith(name[:size]):
                    end = min(end, len(text) - size)
                    break
        for found in _BEGUN.finditer(text, max(0, len(text) - 2 * _LONGEST)):
            if found.end() >= end:
                end = min(end, found.start())
        return end


class Live:
    """Makes text for a screen of text that comes in pieces, cut anywhere.

    Args:
        masks: what is never shown.
    """

    def __init__(self, masks: Masks) -> None:
        self._masks = masks
        self._held = ""

    def feed(self, text: str) -> str:
        """What of it can be shown by now."""
        text = self._masks(self._held + text)
        end = self._masks.safe_end(text)
        escape = text.rfind("\x1b", max(0, end - _LONGEST), end)
        if escape >= 0 and ansi.unfinished(text[escape:end]):
            end = escape
        self._held = text[end:]
        return self._safe(text[:end])

    def rest(self) -> str:
        """What was held back, at the end."""
        text, self._held = self._held, ""
        return self._safe(text)

    def _safe(self, text: str) -> str:
        return look.visible(ansi.coloured(self._masks(text)), keep="\n\t\r\x1b\b")
