"""The handshake of a WebSocket: a connection of its own along the route, and what turns it into one.

Every proxy is asked for a tunnel, for plain deployments too: what forwards requests need not know of upgrades.
"""

from __future__ import annotations

import os
import socket
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha1
from urllib.parse import urlsplit

from urllib3.connection import HTTPConnection, ProxyConfig
from urllib3.util import parse_url

from coder_nb.credentials.urls import port_of
from coder_nb.transport.connections import Connection, TlsConnection
from coder_nb.transport.headers import proxy_headers
from coder_nb.transport.limits import Limits
from coder_nb.transport.route import Route

__all__ = ["confirms", "connection_to", "new_key", "offer"]

# RFC 6455, section 1.3.
_MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def connection_to(route: Route, limits: Limits) -> HTTPConnection:
    """A connection to the deployment, not opened yet and not shared with requests."""
    target = urlsplit(route.url)
    host, port, secure = target.hostname or "", port_of(route.url), target.scheme == "https"
    if route.proxy is None:
        if secure:
            return TlsConnection(host, port, timeout=limits.connect, ssl_context=route.tls)
        return Connection(host, port, timeout=limits.connect)
    proxy = parse_url(route.proxy.url)
    first = proxy.host or "", port_of(route.proxy.url)
    config = ProxyConfig(route.tls, False, None, None)
    conn: HTTPConnection
    if secure:
        conn = TlsConnection(*first, timeout=limits.connect, proxy=proxy, proxy_config=config, ssl_context=route.tls)
    else:
        kind = _PlainThroughTls if proxy.scheme == "https" else Connection
        conn = kind(*first, timeout=limits.connect, proxy=proxy, proxy_config=config)
    conn.set_tunnel(host, port, headers=proxy_headers(route.proxy), scheme=proxy.scheme or "http")
    return conn


def new_key() -> str:
    """A key for one handshake; it keeps caches out, and is no secret."""
    return b64encode(os.urandom(16)).decode("ascii")


def offer(key: str) -> Mapping[str, str]:
    """The headers that ask for a WebSocket: no origin, no subprotocol, no compression."""
    return {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": key,
    }


def confirms(headers: Mapping[str, str], key: str) -> bool:
    """Whether a 101 is the answer to this key, and to nothing more than was offered."""
    expected = b64encode(sha1(f"{key}{_MAGIC}".encode("ascii"), usedforsecurity=False).digest()).decode("ascii")
    more = headers.get("Sec-WebSocket-Extensions") or headers.get("Sec-WebSocket-Protocol")
    upgraded = headers.get("Upgrade", "").strip().lower() == "websocket"
    return upgraded and not more and headers.get("Sec-WebSocket-Accept", "").strip() == expected


class _PlainThroughTls(Connection):
    """A tunnel to a deployment without TLS through a proxy that has it; urllib3 has none of that kind."""

    def _new_conn(self) -> socket.socket:
        sock = super()._new_conn()
        context = self.proxy_config.ssl_context if self.proxy_config else None
        return sock if context is None else context.wrap_socket(sock, server_hostname=self.host)
