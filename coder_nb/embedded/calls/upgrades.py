"""What an endpoint that speaks WebSocket says to a plain request. The place where following begins."""

from __future__ import annotations

from coder_nb.embedded.http.exchange import TEXT, Refusal, Reply, Request
from coder_nb.embedded.wire.text import encode

__all__ = ["refuse_upgrade"]


def refuse_upgrade(request: Request) -> Refusal:
    """426: a line of text with a JSON object after it, which is no JSON document and is not labelled as one."""
    connection = request.headers.get("Connection", "")
    # Clients that keep a connection alive send a Connection header too, so the text quotes what they said.
    said = f'WebSocket protocol violation: Connection header "{connection}" does not contain Upgrade'
    if "upgrade" in connection.lower():
        said = "WebSocket protocol violation: this deployment does not follow logs over WebSocket yet"
    error = encode(
        {"message": "Failed to accept websocket.", "detail": f"failed to accept WebSocket connection: {said}"}
    )
    reply = Reply(426, said.encode() + b"\n" + error, TEXT)
    reply.headers += [("Connection", "Upgrade"), ("Upgrade", "websocket")]
    return Refusal(reply)
