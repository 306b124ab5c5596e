"""Over TLS with a private CA and through proxies, with and without a password, calls are the same."""

from __future__ import annotations

import ssl
from base64 import b64encode
from pathlib import Path

import pytest
import trustme

from coder_nb.credentials import Secret
from coder_nb.errors import ApiError, TransportError
from coder_nb.transport.http import Http, Limits
from tests.transport.conftest import Serve, ServeProxy
from tests.transport.hostile import json_answer

GOOD = json_answer('"good"')
ONCE = Limits(retries=0)


@pytest.fixture(scope="session")
def ca(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The private CA's certificate as a file."""
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


def test_a_private_ca_is_trusted_when_it_is_named(
    serve: Serve, token: Secret, private_tls: ssl.SSLContext, ca: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an argument or by SSL_CERT_FILE."""
    server = serve(GOOD, tls=private_tls)
    assert Http(server.url, token, ca=ca).request("GET", "/x").body == b'"good"'
    monkeypatch.setenv("SSL_CERT_FILE", ca)
    assert Http(server.url, token).request("GET", "/x").body == b'"good"'


def test_a_certificate_nobody_vouches_for_is_refused(serve: Serve, token: Secret, private_tls: ssl.SSLContext) -> None:
    """Nothing is sent, it is not tried again, and the hint has --ca in it."""
    server = serve(GOOD, tls=private_tls)
    waits: list[float] = []
    with pytest.raises(TransportError, match=f"the certificate of {server.url} is not trusted: ") as raised:
        Http(server.url, token, limits=Limits(wait=waits.append)).request("GET", "/x")
    assert f"%coder connect {server.url} --ca FILE" in raised.value.hint
    assert (server.requests, server.connections, waits) == ([], 1, [])


def test_a_certificate_for_another_host_is_refused(serve: Serve, token: Secret, authority: trustme.CA, ca: str) -> None:
    """Though its CA is trusted."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("other.example.com").configure_cert(context)
    server = serve(GOOD, tls=context)
    with pytest.raises(TransportError, match="is not trusted") as raised:
        Http(server.url, token, ca=ca, limits=ONCE).request("GET", "/x")
    assert "made for another one" in raised.value.hint
    assert server.requests == []


def test_an_expired_certificate_is_refused(serve: Serve, token: Secret, authority: trustme.CA, ca: str) -> None:
    """The hint leaves room for this machine's clock."""
    from datetime import UTC, datetime

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    authority.issue_cert("127.0.0.1", not_before=long_ago, not_after=long_ago.replace(year=2021)).configure_cert(
        context
    )
    server = serve(GOOD, tls=context)
    with pytest.raises(TransportError, match="certificate has expired") as raised:
        Http(server.url, token, ca=ca, limits=ONCE).request("GET", "/x")
    assert "clock" in raised.value.hint


@pytest.mark.filterwarnings("error")
def test_insecure_asks_no_questions(serve: Serve, token: Secret, private_tls: ssl.SSLContext) -> None:
    """And the library's own warning does not repeat ours."""
    server = serve(GOOD, tls=private_tls)
    assert Http(server.url, token, insecure=True).request("GET", "/x").body == b'"good"'


def test_https_where_there_is_no_tls_says_so(serve: Serve, token: Secret) -> None:
    """The hint has the address to try."""
    server = serve(lambda sock, request: sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"))
    with pytest.raises(
        TransportError, match=f"could not speak TLS with {server.url.replace('http:', 'https:')}"
    ) as raised:
        Http(server.url.replace("http:", "https:"), token, limits=ONCE).request("GET", "/x")
    assert server.url in raised.value.hint


def test_plain_calls_go_through_a_proxy_whole(
    serve: Serve, serve_proxy: ServeProxy, token: Secret, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proxy gets the absolute address, and the deployment the same request as without it."""
    server, proxy = serve(GOOD), serve_proxy()
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    http = Http(f"http://coder.test:{server.port}", token)
    assert http.request("GET", "/users/me", query={"a": 1}).body == b'"good"'
    assert proxy.requests[0].line == f"GET http://coder.test:{server.port}/api/v2/users/me?a=1 HTTP/1.1"
    assert server.requests[0].path == "/api/v2/users/me?a=1"
    assert server.requests[0].headers["host"] == f"coder.test:{server.port}"


@pytest.mark.parametrize("proxy_over_tls", [False, True])
def test_tls_goes_through_a_proxy_as_a_tunnel(
    serve: Serve,
    serve_proxy: ServeProxy,
    token: Secret,
    private_tls: ssl.SSLContext,
    ca: str,
    monkeypatch: pytest.MonkeyPatch,
    proxy_over_tls: bool,
) -> None:
    """The proxy, itself over TLS or not, sees where to, and no header of ours."""
    server, proxy = serve(GOOD, tls=private_tls), serve_proxy(tls=private_tls if proxy_over_tls else None)
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    http = Http(f"https://coder.test:{server.port}", token, ca=ca)
    assert http.request("GET", "/users/me").body == b'"good"'
    assert proxy.requests[0].line.startswith(f"CONNECT coder.test:{server.port} HTTP/1.")
    assert "coder-session-token" not in proxy.requests[0].headers
    assert server.requests[0].headers["coder-session-token"] == token.reveal()


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_gets_its_password_and_nobody_else_does(
    serve: Serve,
    serve_proxy: ServeProxy,
    token: Secret,
    private_tls: ssl.SSLContext,
    ca: str,
    monkeypatch: pytest.MonkeyPatch,
    scheme: str,
) -> None:
    """With characters that are quoted in the variable; over CONNECT the deployment never sees it."""
    server, proxy = serve(GOOD, tls=private_tls if scheme == "https" else None), serve_proxy("ada:p@ss:wörd")
    monkeypatch.setenv(f"{scheme.upper()}_PROXY", f"http://ada:p%40ss%3Aw%C3%B6rd@127.0.0.1:{proxy.port}")
    http = Http(f"{scheme}://coder.test:{server.port}", token, ca=ca)
    assert http.request("GET", "/users/me").body == b'"good"'
    assert proxy.requests[0].headers["proxy-authorization"] == f"Basic {b64encode('ada:p@ss:wörd'.encode()).decode()}"
    assert "proxy-authorization" not in server.requests[0].headers


@pytest.mark.parametrize(("scheme", "kind"), [("http", ApiError), ("https", TransportError)])
def test_a_wrong_proxy_password_is_explained_and_not_shown(
    serve_proxy: ServeProxy, token: Secret, monkeypatch: pytest.MonkeyPatch, scheme: str, kind: type[Exception]
) -> None:
    """407 has the variable to correct in its hint, and is not tried again."""
    proxy = serve_proxy("ada:right")
    monkeypatch.setenv(f"{scheme.upper()}_PROXY", f"http://ada:s3cret@127.0.0.1:{proxy.port}")
    with pytest.raises(kind, match="407") as raised:
        Http(f"{scheme}://coder.test", token).request("GET", "/users/me")
    assert f"{scheme.upper()}_PROXY" in str(raised.value)
    assert "s3cret" not in str(raised.value)
    assert len(proxy.requests) == 1


def test_a_proxy_that_is_not_there_is_named(token: Secret, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """And the way around it."""
    monkeypatch.setenv("HTTPS_PROXY", "http://ada:s3cret@127.0.0.1:9")
    with pytest.raises(
        TransportError, match=r"could not reach https://coder\.test through the proxy http://127\.0\.0\.1:9: "
    ) as raised:
        Http("https://coder.test", token, limits=ONCE).request("GET", "/users/me")
    assert "NO_PROXY=coder.test" in raised.value.hint
    assert "s3cret" not in str(raised.value)


def test_loopback_needs_no_proxy(serve: Serve, token: Secret, monkeypatch: pytest.MonkeyPatch) -> None:
    """A deployment on this machine is reached though a proxy is set for everything."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert Http(serve(GOOD).url, token).request("GET", "/x").body == b'"good"'
