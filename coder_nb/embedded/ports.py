"""Which of an agent's listening ports a server shows: not well-known services, and not what an app already names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from coder_nb.embedded.state import App, ListeningPort

__all__ = ["visible_ports"]

LOWEST: Final = 9
_SERVICES: Final = frozenset(
    {20, 21, 22, 23, 25, 53, 110, 143, 179, 389, 465, 587, 636, 989, 990, 993, 995}
    | {3306, 3389, 5432, 27017, 27018, 27019, 28017}
)


def visible_ports(listening: Iterable[ListeningPort], apps: Iterable[App]) -> list[ListeningPort]:
    """The server's own filter, after the agent's.

    Args:
        listening: what the agent reports.
        apps: the agent's apps; a port named in an app's URL is reached through the app.
    """
    hidden = _SERVICES | {_port(app.url) for app in apps}
    return [it for it in listening if it.port >= LOWEST and it.port not in hidden]


def _port(url: str) -> int:
    try:
        return urlsplit(url).port or 0
    except ValueError:
        return 0
