"""Which proxy and which certificates: derived from arguments and the environment, and nothing else."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
import trustme

from coder_nb.credentials import Secret
from coder_nb.errors import ConfigurationError
from coder_nb.transport.route import Proxy, route_to

PROXY = "http://proxy.example.com:3128"
ANY = {"HTTP_PROXY": "http://plain.example.com:1", "HTTPS_PROXY": PROXY}


def proxy_of(url: str, environ: dict[str, str]) -> str | None:
    """The address of the proxy for a deployment."""
    proxy = route_to(url, environ=environ).proxy
    return proxy.url if proxy else None


def test_the_scheme_of_the_deployment_chooses_the_proxy() -> None:
    """HTTPS_PROXY for https, HTTP_PROXY for http, none where none is set."""
    assert proxy_of("https://coder.example.org", ANY) == PROXY
    assert proxy_of("http://coder.example.org", ANY) == "http://plain.example.com:1"
    assert proxy_of("http://coder.example.org", {"HTTPS_PROXY": PROXY}) is None
    assert proxy_of("https://coder.example.org", {"HTTPS_PROXY": "  ", "ALL_PROXY": PROXY}) is None


def test_names_are_read_in_either_case() -> None:
    """Upper case goes before lower case, as with the Coder CLI."""
    assert proxy_of("https://coder.example.org", {"https_proxy": PROXY}) == PROXY
    assert proxy_of("https://coder.example.org", {"https_proxy": "http://other:1", "HTTPS_PROXY": PROXY}) == PROXY
    assert proxy_of("https://coder.example.org", {"HTTPS_PROXY": PROXY, "no_proxy": "example.org"}) is None


def test_a_cgi_programs_client_cannot_choose_the_proxy() -> None:
    """There, HTTP_PROXY may be the Proxy header of a request."""
    assert proxy_of("http://coder.example.org", {**ANY, "REQUEST_METHOD": "GET"}) is None
    assert proxy_of("https://coder.example.org", {**ANY, "REQUEST_METHOD": "GET"}) == PROXY


@pytest.mark.parametrize("host", ["localhost", "coder.localhost", "127.0.0.1:3000", "127.1.2.3", "[::1]:3000"])
def test_this_machine_is_never_proxied(host: str) -> None:
    """A token for it would be sent to another one."""
    assert proxy_of(f"http://{host}", ANY) is None
    assert proxy_of(f"https://{host}", ANY) is None


@pytest.mark.parametrize(
    ("no_proxy", "exempt"),
    [
        ("*", True),
        ("coder.example.org", True),
        ("CODER.Example.ORG", True),
        ("example.org", True),
        (".example.org", True),
        ("*.example.org", True),
        (" a.b , example.org ", True),
        ("example.org:8443", True),
        ("example.org:443", False),
        ("ample.org", False),
        (".coder.example.org", False),
        ("org.example", False),
        ("", False),
        (",,", False),
        ("10.0.0.0/8", False),
    ],
)
def test_no_proxy_names_who_goes_without(no_proxy: str, exempt: bool) -> None:
    """Names mean all below them, a leading dot only what is below, a port only that port."""
    found = proxy_of("https://coder.example.org:8443", {"HTTPS_PROXY": PROXY, "NO_PROXY": no_proxy})
    assert (found is None) is exempt


@pytest.mark.parametrize(
    ("host", "no_proxy", "exempt"),
    [
        ("10.1.2.3", "10.0.0.0/8", True),
        ("11.1.2.3", "10.0.0.0/8", False),
        ("10.1.2.3", "10.1.2.3", True),
        ("10.1.2.3:8443", "10.1.2.3:8443", True),
        ("10.1.2.3:8443", "10.1.2.3:8444", False),
        ("[2001:db8::1]", "2001:db8::/32", True),
        ("[2001:db8::1]", "2001:db8::1", True),
        ("[2001:db8::1]:8443", "[2001:db8::1]:8443", True),
        ("[2001:db9::1]", "2001:db8::/32", False),
    ],
)
def test_no_proxy_knows_addresses_and_networks(host: str, no_proxy: str, exempt: bool) -> None:
    """IPv4 and IPv6, single or as a network."""
    found = proxy_of(f"https://{host}", {"HTTPS_PROXY": PROXY, "NO_PROXY": no_proxy})
    assert (found is None) is exempt


def test_a_proxys_password_is_kept_apart_and_never_shown() -> None:
    """It is unquoted, and neither in the address nor in any repr."""
    route = route_to(
        "https://coder.example.org", environ={"HTTPS_PROXY": "http://ada:p%40ss%3Aw@proxy.example.com:3128"}
    )
    assert route.proxy == Proxy(PROXY, "ada", Secret("p@ss:w"), "HTTPS_PROXY")
    assert "p@ss" not in repr(route)
    assert "p%40ss" not in repr(route)


def test_a_proxy_may_be_named_without_a_scheme() -> None:
    """As curl and Go take it."""
    assert proxy_of("https://coder.example.org", {"HTTPS_PROXY": "proxy.example.com:3128"}) == PROXY
    route = route_to("https://coder.example.org", environ={"HTTPS_PROXY": "ada:s3cret@proxy.example.com:3128"})
    assert route.proxy == Proxy(PROXY, "ada", Secret("s3cret"), "HTTPS_PROXY")


@pytest.mark.parametrize(
    "text", ["socks5://ada:s3cret@proxy:1080", "http://ada:s3cret@", "http://ada:s3cret@proxy:port", "http://[::1"]
)
def test_a_proxy_that_cannot_be_used_is_named_by_its_variable(text: str) -> None:
    """SOCKS and nonsense are refused, without repeating the password."""
    with pytest.raises(ConfigurationError, match="the proxy that HTTPS_PROXY names cannot be used") as raised:
        route_to("https://coder.example.org", environ={"HTTPS_PROXY": text})
    assert "s3cret" not in str(raised.value)


@pytest.fixture(scope="session")
def bundle(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The private CA's certificate as a file."""
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


def test_a_ca_given_is_the_only_one_trusted(bundle: Path) -> None:
    """It goes before the environment's, and SSL_CERT_FILE before REQUESTS_CA_BUNDLE."""
    for arguments in (
        {"ca": str(bundle), "environ": {"SSL_CERT_FILE": "/missing.pem"}},
        {"environ": {"SSL_CERT_FILE": str(bundle), "REQUESTS_CA_BUNDLE": "/missing.pem"}},
        {"environ": {"REQUESTS_CA_BUNDLE": str(bundle)}},
    ):
        tls = route_to("https://coder.example.org", **arguments).tls
        assert tls is not None
        assert tls.cert_store_stats()["x509_ca"] == 1
        assert tls.verify_mode is ssl.CERT_REQUIRED
        assert tls.check_hostname


def test_without_one_the_usual_ones_are_trusted() -> None:
    """The system's and certifi's."""
    tls = route_to("https://coder.example.org", environ={}).tls
    assert tls is not None
    assert tls.cert_store_stats()["x509_ca"] > 50
    assert tls.verify_mode is ssl.CERT_REQUIRED


def test_insecure_checks_nothing_and_says_so() -> None:
    """And means nothing where there is no TLS."""
    route = route_to("https://coder.example.org", insecure=True, environ={})
    assert route.tls is not None
    assert route.tls.verify_mode is ssl.CERT_NONE
    assert route.insecure
    plain = route_to("http://coder.example.org", insecure=True, environ={})
    assert (plain.tls, plain.insecure) == (None, False)


@pytest.mark.parametrize(("ca", "why"), [("missing.pem", "No such file"), ("empty.pem", "no certificate in PEM form")])
def test_a_ca_file_that_cannot_be_used_is_named(tmp_path: Path, ca: str, why: str) -> None:
    """With who named it, and why not."""
    (tmp_path / "empty.pem").write_text("")
    with pytest.raises(ConfigurationError, match=f"the CA file cannot be used: .*{ca}: .*{why}"):
        route_to("https://coder.example.org", ca=str(tmp_path / ca), environ={})
    with pytest.raises(ConfigurationError, match="the CA file that SSL_CERT_FILE names"):
        route_to("https://coder.example.org", environ={"SSL_CERT_FILE": str(tmp_path / ca)})
