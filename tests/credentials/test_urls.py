"""One spelling for each address, and which addresses are the same place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coder_nb.credentials import normalise_url, same_deployment
from coder_nb.credentials.urls import is_loopback, port_of
from coder_nb.errors import ConfigurationError


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://coder.example.com", "https://coder.example.com"),
        ("HTTPS://Coder.Example.COM/", "https://coder.example.com"),
        ("  https://coder.example.com\n", "https://coder.example.com"),
        ("https://coder.example.com:443", "https://coder.example.com"),
        ("http://coder.example.com:80/", "http://coder.example.com"),
        ("https://coder.example.com:8443/", "https://coder.example.com:8443"),
        ("https://example.com/coder/", "https://example.com/coder"),
        ("https://example.com/coder/api/v2/", "https://example.com/coder"),
        ("coder.example.com", "https://coder.example.com"),
        ("coder.example.com:3000", "https://coder.example.com:3000"),
        ("localhost", "http://localhost"),
        ("localhost:3000", "http://localhost:3000"),
        ("127.0.0.1:3000", "http://127.0.0.1:3000"),
        ("[::1]:3000", "http://[::1]:3000"),
        ("localhost.example.com", "https://localhost.example.com"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("https://[2001:DB8::1]:8443", "https://[2001:db8::1]:8443"),
    ],
)
def test_each_address_has_one_spelling(text: str, url: str) -> None:
    """Case, default ports, final slashes and /api/v2 make no difference; a bare host gets a scheme."""
    assert normalise_url(text) == url
    assert normalise_url(url) == url


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://",
        "ftp://coder.example.com",
        "file:///etc/passwd",
        "https://coder example.com",
        "https://coder.example.com\\@evil.example",
        "https://coder.example.com\x00",
        "https://coder.exa\tmple.com",
        "https://coder.example.com:0",
        "https://coder.example.com:99999",
        "https://coder.example.com:port",
        "https://[::1",
        "https://-/",
        "https://a_b!c/",
        "javascript:alert(1)",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    """Other schemes, no host, wrong ports and characters no host has are a ConfigurationError with a hint."""
    with pytest.raises(ConfigurationError, match="not the address of a deployment") as raised:
        normalise_url(text)
    assert raised.value.hint


@pytest.mark.parametrize(
    "text", ["https://ada:s3cret@coder.example.com", "ada:s3cret@coder.example.com", "https://ada@x.y"]
)
def test_a_user_name_or_password_is_refused_and_not_repeated(text: str) -> None:
    """An address with credentials in it would put them into outputs."""
    with pytest.raises(ConfigurationError) as raised:
        normalise_url(text)
    assert "s3cret" not in str(raised.value)
    assert "ada" not in str(raised.value)


def test_an_address_too_broken_to_split_does_not_repeat_its_password() -> None:
    """The text of the error begins behind the last @."""
    with pytest.raises(ConfigurationError) as raised:
        normalise_url("https://ada:s3cret@[::1")
    assert "s3cret" not in str(raised.value)


def test_a_page_of_the_dashboard_is_answered_with_the_address_to_use() -> None:
    """A query or fragment shows that a page's address was copied."""
    with pytest.raises(ConfigurationError) as raised:
        normalise_url("https://coder.example.com/workspaces?filter=x")
    assert raised.value.hint == "%coder connect https://coder.example.com"


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("https://coder.example.com", "coder.example.com:443/", True),
        ("https://coder.example.com/a", "https://CODER.example.com/b", True),
        ("https://coder.example.com", "http://coder.example.com", False),
        ("https://coder.example.com", "https://coder.example.com:8443", False),
        ("https://coder.example.com", "https://coder.example.com.evil.example", False),
        ("https://coder.example.com", "https://example.com", False),
    ],
)
def test_scheme_host_and_port_make_a_deployment(a: str, b: str, same: bool) -> None:
    """A token may go where all three are the same, and nowhere else."""
    assert same_deployment(a, b) is same
    assert same_deployment(b, a) is same


@given(st.text(max_size=60))
def test_any_text_is_refused_or_spelled_in_a_stable_way(text: str) -> None:
    """Whatever is typed, there is a ConfigurationError or an address that stays what it is."""
    try:
        url = normalise_url(text)
    except ConfigurationError:
        return
    assert normalise_url(url) == url
    assert url.startswith(("http://", "https://"))
    assert "@" not in url.partition("://")[2].partition("/")[0]
    assert not set(url) & set(" \t\r\n\\")


def test_this_machine_is_known_by_name() -> None:
    """Only names that can be nothing else count as loopback."""
    assert all(is_loopback(host) for host in ("localhost", "a.localhost", "127.0.0.1", "127.9.9.9", "::1"))
    assert not any(is_loopback(host) for host in ("localhost.example.com", "10.0.0.1", "example.com", "0.0.0.0"))


def test_the_port_is_the_schemes_own_unless_named() -> None:
    """port_of tells what a socket needs."""
    assert [port_of(url) for url in ("https://a", "http://a", "http://a:8080/x")] == [443, 80, 8080]
