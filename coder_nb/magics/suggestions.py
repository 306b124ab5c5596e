"""The words completion offers for each kind of value, from the session's memory and the machine's own files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from coder_nb.magics.grammar import Command

if TYPE_CHECKING:
    from coder_nb.magics.session import Session

__all__ = ["KEYS", "suggestions"]

_STATUSES = ("pending", "starting", "running", "stopping", "stopped", "failed", "canceling", "canceled", "deleting")
_AGENTS = ("connecting", "connected", "disconnected", "timeout")
KEYS = (
    *("owner:", "name:", "template:", "status:", "has-agent:", "outdated:", "dormant:", "organization:", "param:"),
    *("last_used_after:", "last_used_before:"),
)


def suggestions(kind: str, typed: str, session: Session, commands: Mapping[str, Command]) -> Iterable[str]:
    """All words of a kind, for completion to choose from.

    Args:
        kind: as in `Kind.values`.
        typed: what is typed already; only files and queries look at it.
    """
    match kind:
        case "names":
            return session.names()
        case "commands":
            return commands
        case "targets":
            return ["demo", *_profiles(), *(f"replay:{name}" for name in _cassettes()), "https://"]
        case "cassettes":
            return _cassettes()
        case "query":
            return _query(typed, session)
        case "files":
            return _files(typed)
        case "remotes":
            return [f"{name}:" for name in session.names()]
        case "ports":
            return _ports(session)
        case "times":
            return ("10m", "1h", "2h", "1d")
        case "lengths":
            return ("90s", "5m", "10m", "1h")
        case _:
            return session.seen(kind)


def _ports(session: Session) -> list[str]:
    """Ports that were listed, and those that tunnels lead to, which can be stopped."""
    led = [str(tunnel.target if isinstance(tunnel.target, str) else tunnel.target[1]) for tunnel in session.tunnels()]
    return list(dict.fromkeys([*led, *session.seen("ports"), *(["all"] if led else [])]))


def _cassettes() -> list[str]:
    from coder_nb.transport.cassette.places import known

    with suppress(OSError):
        return known()
    return []


def _profiles() -> list[str]:
    from coder_nb.credentials import profiles

    with suppress(Exception):  # An unreadable profile is connect's to explain, not completion's.
        return profiles()
    return []


def _query(typed: str, session: Session) -> list[str]:
    key, colon, _ = typed.partition(":")
    if not colon:
        return list(KEYS)
    values: dict[str, Iterable[str]] = {
        "owner": ("me", *session.seen("owners")),
        "status": _STATUSES,
        "template": session.seen("templates"),
        "has-agent": _AGENTS,
        "outdated": ("true", "false"),
        "dormant": ("true",),
        "name": (name for name in session.names() if "." not in name and "/" not in name),
    }
    return [f"{key}:{value}" for value in values.get(key, ())]


def _files(typed: str) -> list[str]:
    folder, name = os.path.split(typed)
    with suppress(OSError):
        entries = sorted(Path(folder or ".").expanduser().iterdir())
        shown = [entry for entry in entries if name.startswith(".") or not entry.name.startswith(".")]
        return [os.path.join(folder, entry.name) + ("/" if entry.is_dir() else "") for entry in shown]  # noqa: PTH118
    return []
