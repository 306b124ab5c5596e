"""requests' adapter, and no more of requests: a Session would keep cookies, read ~/.netrc and follow redirects.

Its pools are ours: their way, certificates and deadlines are those of a Route.
"""

from __future__ import annotations

from collections.abc import Mapping

from requests import PreparedRequest
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, PoolManager, ProxyManager, Retry

from coder_nb.transport.connections import POOLS
from coder_nb.transport.headers import proxy_headers
from coder_nb.transport.limits import Limits
from coder_nb.transport.route import Route

__all__ = ["Adapter"]


class Adapter(HTTPAdapter):
    """Sends prepared requests along a route.

    Args:
        route: the way there.
        limits: how long to wait for a connection, and how many to keep.
    """

    def __init__(self, route: Route, limits: Limits) -> None:
        self._route = route
        self._limits = limits
        super().__init__()
        # Which calls are sent again is decided in one place, `Retries`.
        self.max_retries = Retry(False)

    def ask(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None, read: float
    ) -> BaseHTTPResponse:
        """Send one request; its answer, of which only the head is read.

        Args:
            method, url, headers, body: as they go out.
            read: seconds to wait without a byte.
        """
        request = PreparedRequest()
        request.method, request.url, request.body = method, url, body
        request.headers = CaseInsensitiveDict(headers)
        if body is not None:
            request.headers["Content-Length"] = str(len(body))
        response: BaseHTTPResponse = self.send(request, stream=True, timeout=(self._limits.connect, read)).raw
        return response

    def init_poolmanager(self, *_: object, **__: object) -> None:
        self.poolmanager = _manager(self._route, self._limits)

    def get_connection_with_tls_context(self, request: PreparedRequest, *_: object, **__: object) -> HTTPConnectionPool:
        pool: HTTPConnectionPool = self.poolmanager.connection_from_url(self._route.url)
        return pool

    def request_url(self, request: PreparedRequest, proxies: object) -> str:
        # A proxy without a tunnel wants the whole address.
        whole = self._route.proxy is not None and self._route.url.startswith("http:")
        return str(request.url) if whole else request.path_url

    def cert_verify(self, *_: object, **__: object) -> None:
        """Leaves the pools' own TLS context as it is."""


def _manager(route: Route, limits: Limits) -> PoolManager:
    manager: PoolManager
    if route.proxy is None:
        manager = PoolManager(num_pools=1, maxsize=limits.connections, ssl_context=route.tls)
    else:
        manager = ProxyManager(
            route.proxy.url,
            num_pools=1,
            maxsize=limits.connections,
            ssl_context=route.tls,
            proxy_ssl_context=route.tls,
            proxy_headers=proxy_headers(route.proxy),
        )
    manager.pool_classes_by_scheme = POOLS
    return manager
