"""What the transport's tests share: servers that misbehave on purpose, a private CA, and no way to a real network."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator

import pytest
import trustme

from coder_nb.credentials import Secret
from tests.transport.hostile import HostileServer, Proxy, Script

Serve = Callable[..., HostileServer]
ServeProxy = Callable[..., Proxy]


@pytest.fixture
def token() -> Secret:
    """A session token of the right form."""
    return Secret("AbCdEfGhIj-0123456789abcdefghij01")


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy or CA of the machine that runs the tests."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "REQUEST_METHOD"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts a HostileServer with the scripts given, and closes it after the test."""
    started: list[HostileServer] = []

    def start(*scripts: Script, tls: ssl.SSLContext | None = None) -> HostileServer:
        started.append(HostileServer(list(scripts), tls))
        return started[-1]

    yield start
    for server in started:
        server.close()


@pytest.fixture
def serve_proxy() -> Iterator[ServeProxy]:
    """Starts a Proxy, and closes it after the test."""
    started: list[Proxy] = []

    def start(user: str | None = None, tls: ssl.SSLContext | None = None) -> Proxy:
        started.append(Proxy(user, tls))
        return started[-1]

    yield start
    for proxy in started:
        proxy.close()


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """A CA nobody else trusts."""
    return trustme.CA()


@pytest.fixture(scope="session")
def private_tls(authority: trustme.CA) -> ssl.SSLContext:
    """A server's side of TLS for 127.0.0.1 and coder.test, certified by the private CA."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "coder.test", "localhost").configure_cert(context)
    return context
