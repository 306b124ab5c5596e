"""The headers of a request: one credential at most, nothing compressed, no cookies. No repr shows a secret in them."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping

from coder_nb.credentials.secret import Secret
from coder_nb.transport.exchange import Call
from coder_nb.transport.route import Proxy

__all__ = ["call_headers", "proxy_headers"]


class _Hidden(str):
    """A header's value that shows in no repr."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'****'"


def call_headers(call: Call, token: Secret | None) -> Mapping[str, str]:
    """What a call is sent with; the token goes out in this one place."""
    headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "coder-nb"}
    if call.body is not None:
        headers["Content-Type"] = "application/json"
    if token is not None:
        headers["Coder-Session-Token"] = _Hidden(token.reveal())
    return headers


def proxy_headers(proxy: Proxy | None) -> Mapping[str, str]:
    """What only the proxy is sent: its password, if it wants one."""
    if proxy is None or (not proxy.user and proxy.password is None):
        return {}
    password = proxy.password or Secret("")
    credential = b64encode(f"{proxy.user}:{password.reveal()}".encode()).decode("ascii")
    return {"Proxy-Authorization": _Hidden(f"Basic {credential}")}
