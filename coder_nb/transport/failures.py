"""What went wrong on the way, in words: urllib3's, ssl's and socket's exceptions become coder_nb's.

Their own texts and tracebacks are dropped: the frames below hold headers, and so the token, in their variables.
"""

from __future__ import annotations

import http.client
import re
import socket
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

from urllib3 import exceptions as urllib3

from coder_nb.errors import CoderError, ProtocolError, TransportError
from coder_nb.transport.connections import Exchange
from coder_nb.transport.exchange import Call, tidy
from coder_nb.transport.route import Route

__all__ = ["Unanswered", "explain"]

_HOST_MISMATCH = (62, 63, 64)
_EXPIRED = 10
_UNKNOWN_FATE = "it may have been done all the same: look first (%coder show), then try again"


class Unanswered(TransportError):
    """Nothing came back, and nothing can have happened: no connection, or a kept one that had died meanwhile."""


def explain(error: BaseException, call: Call, route: Route, exchange: Exchange) -> BaseException:
    """The exception to raise for one that came from below.

    Args:
        error: what was caught; one of ours, KeyboardInterrupt and the like stay what they are.
        call: what was being sent.
        route: the way it went.
        exchange: how far it came.
    Returns:
        An exception without the frames of the exchange, neither in its traceback nor in what it was raised from.
    """
    failure = error
    if exchange.cut and isinstance(error, Exception):
        failure = TransportError(
            f"{call.endpoint}: closed while waiting for {route.url}", hint=f"%coder connect {route.url}"
        )
    elif isinstance(error, CoderError):
        pass
    elif isinstance(error, urllib3.HTTPError | http.client.HTTPException | OSError):
        failure = _failure(list(_chain(error)), call, route, exchange)
    failure.__cause__ = failure.__context__ = None
    return failure.with_traceback(None)


def _failure(chain: list[BaseException], call: Call, route: Route, exchange: Exchange) -> CoderError:
    # Python's own: some of urllib3's timeouts are the base of errors that are none.
    timed_out = any(isinstance(error, TimeoutError) for error in chain)
    if timed_out and exchange.expired:
        return TransportError(
            f"{call.endpoint}: the answer of {route.url} was not complete after {exchange.whole:g} s",
            hint=_UNKNOWN_FATE if call.changes else "ask for less at once, or try again when the connection is better",
        )
    if exchange.phase == "connecting":
        return _not_connected(chain, route, exchange, timed_out)
    if timed_out:
        return _too_slow(call, route, exchange)
    if exchange.phase == "reading":
        return TransportError(f"{call.endpoint}: the answer of {route.url} broke off", hint=_again(call))
    if any(isinstance(error, ConnectionError | http.client.RemoteDisconnected | ssl.SSLError) for error in chain):
        kind = Unanswered if exchange.reused else TransportError
        return kind(f"{call.endpoint}: {route.url} closed the connection without an answer", hint=_again(call))
    return ProtocolError(
        f"{call.endpoint}: what {route.url} answered is not HTTP",
        hint=f"check the address and its port: does a browser open {route.url}?",
    )


def _not_connected(chain: list[BaseException], route: Route, exchange: Exchange, timed_out: bool) -> CoderError:
    text = "\n".join(str(error) for error in chain)
    if refused := re.search(r"Tunnel connection failed: (\d+)(.*)", text):
        return _proxy_refused(refused[1], tidy(refused[2], 80), route)
    if certificate := next((error for error in chain if isinstance(error, ssl.SSLError)), None):
        return _no_tls(certificate, route)
    where = f"could not reach {route.url}"
    hint = "check the address, and whether this machine has a network (a VPN?)"
    if route.proxy:
        where += f" through the proxy {route.proxy.url}"
        hint = f"check {route.proxy.variable}, or set NO_PROXY={urlsplit(route.url).hostname} to go without the proxy"
    if timed_out:
        return Unanswered(f"{where}: no connection within {exchange.limits.connect:g} s", hint=hint)
    if any(isinstance(error, socket.gaierror) for error in chain):
        host = urlsplit(route.proxy.url if route.proxy else route.url).hostname
        return Unanswered(f"{where}: there is no host {host}, or its name cannot be looked up now", hint=hint)
    words = [error.strerror for error in chain if isinstance(error, OSError) and error.strerror]
    return Unanswered(f"{where}: {words[-1].lower() if words else 'the connection was closed at once'}", hint=hint)


def _proxy_refused(status: str, reason: str, route: Route) -> TransportError:
    proxy, variable = (route.proxy.url, route.proxy.variable) if route.proxy else ("the proxy", "HTTPS_PROXY")
    host = urlsplit(route.url).hostname
    hint = f"ask whoever runs the proxy to let {host} through, or set NO_PROXY={host} to go without it"
    if status == "407":
        hint = f"give the proxy's user name and password in {variable}: http://user:password@host:port"
    return TransportError(f"the proxy {proxy} does not connect to {route.url}: {status} {reason}".rstrip(), hint=hint)


def _no_tls(error: ssl.SSLError, route: Route) -> TransportError:
    if not isinstance(error, ssl.SSLCertVerificationError):
        plain = route.url.replace("https:", "http:", 1)
        why = tidy((error.reason or "handshake failed").replace("_", " ").lower(), 80)
        return TransportError(
            f"could not speak TLS with {route.url}: {why}",
            hint=f"check the port; where a deployment has no TLS, its address is {plain}",
        )
    hint = f"if it is from a CA of your own: %coder connect {route.url} --ca FILE, or set SSL_CERT_FILE"
    if error.verify_code in _HOST_MISMATCH:
        hint = "check the host in the address: the certificate is made for another one"
    elif error.verify_code == _EXPIRED:
        hint = "the deployment's administrator must renew it; check this machine's clock too"
    return TransportError(
        f"the certificate of {route.url} is not trusted: {tidy(error.verify_message, 160)}", hint=hint
    )


def _too_slow(call: Call, route: Route, exchange: Exchange) -> TransportError:
    hint = "try again; if it stays, the agent may hang: %coder show" if call.dials_agent else "try again"
    return TransportError(
        f"{call.endpoint}: {route.url} sent nothing for {exchange.read:g} s",
        hint=_UNKNOWN_FATE if call.changes else hint,
    )


def _again(call: Call) -> str:
    return _UNKNOWN_FATE if call.changes else "try again"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An exception and all it came from, the outermost first. urllib3 keeps causes in its arguments as well."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        current = waiting.pop(0)
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        inner = [item for item in current.args if isinstance(item, BaseException)]
        waiting += [*inner, getattr(current, "original_error", None), current.__cause__, current.__context__]
