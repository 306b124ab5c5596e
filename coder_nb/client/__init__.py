"""What users hold: `connect()` -> Coder -> Workspace -> Agent. Names resolve here; DataFrames come out of here."""

from __future__ import annotations

from coder_nb.client.agent import Agent
from coder_nb.client.coder import Coder
from coder_nb.client.connecting import connect
from coder_nb.client.whoami import Whoami
from coder_nb.client.workspace import Workspace

__all__ = ["Agent", "Coder", "Whoami", "Workspace", "connect"]
