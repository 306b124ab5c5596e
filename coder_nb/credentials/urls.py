"""Addresses of deployments: one spelling for each, and whether two of them are the same place.

Refuses an address with a user name or password in it, and never repeats one.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import NoReturn
from urllib.parse import SplitResult, urlsplit

from coder_nb.errors import ConfigurationError

__all__ = ["is_loopback", "normalise_url", "port_of", "same_deployment"]

_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[0-9a-z_]([0-9a-z_.-]*[0-9a-z_.])?|[0-9a-f:.]+")


def normalise_url(text: str) -> str:
    """The one spelling of a deployment's address.

    Scheme and host in lower case, no default port, no final slash and no `/api/v2`. A bare host gets https://, or http://
    where it is this machine.

    >>> normalise_url("Coder.Example.com:443/"), normalise_url("localhost:3000/api/v2")
    ('https://coder.example.com', 'http://localhost:3000')

    Raises:
        ConfigurationError: not an http or https address, or one with a user name, password, query or fragment.
    """
    text = text.strip()
    parts = _split(text)
    host, port = _host(parts, text), _port(parts, text)
    if "://" not in text:
        parts = parts._replace(scheme="http" if is_loopback(host) else "https")
    authority = f"[{host}]" if ":" in host else host
    if port is not None and port != _PORTS[parts.scheme]:
        authority += f":{port}"
    return f"{parts.scheme}://{authority}{parts.path.rstrip('/').removesuffix('/api/v2').rstrip('/')}"


def same_deployment(a: str, b: str) -> bool:
    """Whether two addresses have the same scheme, host and port: where one's token may go, so may the other's.

    >>> same_deployment("https://coder.example.com/", "coder.example.com:443")
    True
    >>> same_deployment("https://coder.example.com", "http://coder.example.com")
    False
    """
    left, right = urlsplit(normalise_url(a)), urlsplit(normalise_url(b))
    return (left.scheme, left.netloc) == (right.scheme, right.netloc)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine by its very name: localhost, 127.0.0.0/8 or ::1."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def port_of(url: str) -> int:
    """The port an http or https address stands for."""
    parts = urlsplit(url)
    return parts.port or _PORTS[parts.scheme]


def _split(text: str) -> SplitResult:
    # urlsplit drops tabs and line breaks without a word, and browsers read a backslash as a slash: none may pass here.
    if not text or re.search(r"[\x00-\x20\x7f\\]", text):
        _refuse(text)
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
    except ValueError:
        _refuse(text)
    if "@" in parts.netloc:
        raise ConfigurationError(
            "the address of a deployment holds a user name or password, which it must not",
            hint="leave out everything up to the @, and sign in with a token: %coder connect URL asks for one",
        )
    if parts.scheme not in _PORTS:
        _refuse(text)
    if parts.query or parts.fragment:
        raise ConfigurationError(
            f"more than the address of a deployment: {parts.scheme}://{parts.netloc}{parts.path} and what follows it",
            hint=f"%coder connect {parts.scheme}://{parts.netloc}",
        )
    return parts


def _host(parts: SplitResult, text: str) -> str:
    host = parts.hostname or ""
    try:
        host = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        _refuse(text)
    if not _HOST.fullmatch(host):
        _refuse(text)
    return host


def _port(parts: SplitResult, text: str) -> int | None:
    try:
        port = parts.port
    except ValueError:
        _refuse(text)
    if port == 0:
        _refuse(text)
    return port


def _refuse(text: str) -> NoReturn:
    # Cut at an @, so that a password in an address too broken to be split is not repeated either.
    shown = text.rpartition("@")[2][:100]
    raise ConfigurationError(
        f"not the address of a deployment: {shown!r}",
        hint="an address looks like https://coder.example.com",
    )
