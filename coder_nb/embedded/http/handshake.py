"""The WebSocket handshake, checked as a Go server checks it. No subprotocol and no compression is ever agreed on.

What is wrong is said in a line of text with a JSON object after it, which is no JSON document and not labelled as one.
"""

from __future__ import annotations

import base64
import binascii
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from wsproto.utilities import generate_accept_token

from coder_nb.embedded.http.exchange import TEXT, Refusal, Reply, Request
from coder_nb.embedded.wire.text import encode, quote

__all__ = ["ACCEPT", "Complaint", "accept"]

_VIOLATION: Final = "WebSocket protocol violation:"
_UPGRADE: Final = (("Connection", "Upgrade"), ("Upgrade", "websocket"))
_VERSION: Final = "13"


class Complaint(NamedTuple):
    """What a call says in its JSON when a handshake fails; `prefix` comes before the reason."""

    message: str
    prefix: str = ""


ACCEPT: Final = Complaint("Failed to accept websocket.")


def accept(request: Request, complaint: Complaint = ACCEPT) -> list[tuple[str, str]]:
    """Checks a handshake.

    Args:
        request: a GET request.
        complaint: the call's own.

    Returns:
        The headers of the answer 101.

    Raises:
        Refusal: 426 for a plain request, 400, 403 for a page of another site.
    """
    status, wrong = _look(request)
    if not wrong:
        key = request.headers["Sec-WebSocket-Key"].strip().encode()
        return [*_UPGRADE, ("Sec-WebSocket-Accept", generate_accept_token(key).decode())]
    detail = f"{complaint.prefix}failed to accept WebSocket connection: {wrong}"
    error = encode({"message": complaint.message, "detail": detail})
    reply = Reply(status, wrong.encode("utf-8", "replace") + b"\n" + error, TEXT)
    if status == 426:
        reply.headers += _UPGRADE
    elif "version" in wrong:
        reply.headers.append(("Sec-WebSocket-Version", _VERSION))
    raise Refusal(reply)


def _look(request: Request) -> tuple[int, str]:
    headers = request.headers
    for name, word in (("Connection", "Upgrade"), ("Upgrade", "websocket")):
        said = headers.get(name, "")
        if word.lower() not in [part.strip().lower() for part in said.split(",")]:
            return 426, f"{_VIOLATION} {name} header {quote(said)} does not contain {word}"
    version = headers.get("Sec-WebSocket-Version", "")
    if version != _VERSION:
        return 400, f"unsupported WebSocket protocol version (only 13 is supported): {quote(version)}"
    key = headers.get("Sec-WebSocket-Key")
    if key is None:
        return 400, f"{_VIOLATION} missing Sec-WebSocket-Key"
    if not _sixteen_bytes(key.strip()):
        wanted = "must be a 16 byte base64 encoded string"
        return 400, f"{_VIOLATION} invalid Sec-WebSocket-Key {quote(key.strip())}, {wanted}"
    return 403, _foreign(headers.get("Origin", ""), headers.get("Host", ""))


def _sixteen_bytes(key: str) -> bool:
    try:
        return len(base64.b64decode(key.encode(), validate=True)) == 16
    except (binascii.Error, ValueError):
        return False


def _foreign(origin: str, host: str) -> str:
    """Why an Origin is refused, "" for ours or none: host and port count, the scheme does not."""
    if not origin:
        return ""
    try:
        theirs = urlsplit(origin).netloc
    except ValueError:
        return f"failed to parse Origin header {quote(origin)}"
    if theirs.lower() == host.lower():
        return ""
    if not theirs:
        return f"request Origin {quote(origin)} is not a valid URL with a host"
    return f"request Origin {quote(theirs)} is not authorized for Host {quote(host)}"
