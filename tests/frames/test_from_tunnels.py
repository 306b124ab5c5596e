"""Tunnels as frames."""

from __future__ import annotations

from typing import Any

from coder_nb import frames
from coder_nb.frames import display


def test_a_row_a_tunnel(make: Any) -> None:
    """Where it leads from and to, and what it has carried; refused and cut off are both failures."""
    df = frames.tunnels([make.tunnel(1), make.tunnel(2, container="db")], attrs={})
    assert make.rows(df, "target", "container", "local", "failed", "bytes_in") == [
        ["127.0.0.1:5432", "-", "http://127.0.0.1:40001", 2, 9_000_000_000],
        ["127.0.0.1:5432", "db", "http://127.0.0.1:40002", 2, 9_000_000_000],
    ]


def test_the_local_address_is_a_link(make: Any) -> None:
    """And columns that no tunnel has anything for are left out."""
    page = display.html(frames.tunnels([make.tunnel(1)], attrs={}))
    assert page is not None
    assert 'href="http://127.0.0.1:40001"' in page
    assert "also in the frame: container, reason" in page
