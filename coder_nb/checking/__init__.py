"""Finding secrets that slipped into a notebook, a recording, a report or any other text; and masking those in outputs.

It knows values and shapes, says where and of which kind, and never shows more of one than its first four characters.
"""

from __future__ import annotations

from coder_nb.checking.check import check, files
from coder_nb.checking.finding import Finding
from coder_nb.checking.known import Known, known

__all__ = ["Finding", "Known", "check", "files", "known"]
