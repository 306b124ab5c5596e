"""What a page in somebody's browser must not be able to do to a server on loopback.

A Host that is not loopback with our port (DNS rebinding) and a foreign Origin are refused before anything is read; a
session cookie alone changes nothing (CSRF). The Origin of a WebSocket is looked at in its handshake.
"""

from __future__ import annotations

from hmac import compare_digest
from typing import Final
from urllib.parse import urlsplit

from coder_nb.embedded.http.exchange import TEXT, Reply, Request

__all__ = ["SESSION_COOKIE", "check_csrf", "check_source"]

SESSION_COOKIE: Final = "coder_session_token"

_LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]")
_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_COOKIE_ONLY: Final = (
    b"Something is wrong with your CSRF token. Please refresh the page. If this error persists, try clearing your "
    b"cookies.\n"
)
_COOKIE_AND_OTHER_HEADER: Final = (
    b'CSRF error encountered. Authentication via "coder_session_token" cookie and "Coder-Session-Token" header '
    b"detected, but the values do not match. To resolve this issue ensure the values used in both match, or only use "
    b"one of the authentication methods. You can also try clearing your cookies if this error persists.\n"
)


def check_source(request: Request, port: int) -> Reply | None:
    """Refuses a request that was meant for another host, or sent by another site's page.

    Returns:
        421 or 403, or None where all is well.
    """
    host = request.headers.get("Host", "").lower()
    if host not in {f"{name}:{port}" for name in _LOOPBACK}:
        return Reply(421, b"This deployment answers only to loopback names with its own port.\n", TEXT)
    origin = request.headers.get("Origin")
    if origin is not None and not _upgrades(request) and _address(origin) != host:
        return Reply(403, f'request Origin "{_printable(origin)}" is not authorized for Host "{host}"\n'.encode(), TEXT)
    return None


def check_csrf(request: Request) -> Reply | None:
    """Refuses a change that only a cookie vouches for. Agent routes are exempt, as are tokens given by other means."""
    cookie = request.cookies.get(SESSION_COOKIE, "")
    if not cookie or request.method in _SAFE_METHODS or not request.path.startswith("/api"):
        return None
    if request.path.startswith("/api/v2/workspaceagents/") or _bearer(request):
        return None
    header = request.headers.get("Coder-Session-Token", "").strip()
    if any(_same(cookie, given) for given in (header, request.first(SESSION_COOKIE))):
        return None
    return Reply(400, _COOKIE_AND_OTHER_HEADER if header else _COOKIE_ONLY, TEXT)


def _address(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def _upgrades(request: Request) -> bool:
    # No page can make its browser send this with a request whose answer the page would get to read.
    asks = request.headers.get("Upgrade", "").lower() == "websocket"
    return asks and request.method == "GET" and request.path.startswith("/api/v2/")


def _bearer(request: Request) -> bool:
    return request.headers.get("Authorization", "").lower().startswith("bearer ")


def _same(one: str, other: str) -> bool:
    return compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in text[:200])
