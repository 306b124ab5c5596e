"""GET /workspaces/{id}/watch-ws, over WebSocket"""

from __future__ import annotations

import pytest

from coder_nb.client import Coder
from coder_nb.errors import NotFound

from .conftest import Target


def test_the_first_record_is_the_workspace(coder: Coder, target: Target) -> None:
    """As by id; the ping before it says nothing about the workspace."""
    workspace = coder.workspace(target.workspace).record
    with coder.api.workspaces.watch(workspace.id) as stream:
        assert next(stream).id == workspace.id


def test_an_unknown_workspace_is_a_404(coder: Coder, nobody: str) -> None:
    """Before the upgrade."""
    with pytest.raises(NotFound):
        coder.api.workspaces.watch(nobody)
