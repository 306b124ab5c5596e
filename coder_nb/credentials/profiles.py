"""Saved profiles: a name, a deployment and its token, in a file only this user can read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from coder_nb.credentials.resolve import Credentials


def profiles() -> list[str]:
    """The names of the saved profiles."""
    return []


def save_profile(name: str, credentials: Credentials) -> str:
    """Keep credentials under a name; says where they went."""
    raise NotImplementedError
