"""Addresses of deployments: one spelling for each, and whether two of them are the same place."""

from __future__ import annotations

from urllib.parse import urlsplit

from coder_nb.errors import ConfigurationError

__all__ = ["normalise_url", "same_deployment"]

_PORTS = {"http": 80, "https": 443}


def normalise_url(text: str) -> str:
    """The one spelling of a deployment's address: scheme and host in lower case, no final slash, no default port."""
    text = text.strip()
    if "://" not in text:
        text = ("http://" if text.startswith("localhost") else "https://") + text
    parts = urlsplit(text)
    if not parts.hostname or parts.scheme.lower() not in _PORTS or parts.username is not None or parts.password is not None:
        raise ConfigurationError("not the address of a deployment", hint="%coder connect https://coder.example.com")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = "" if parts.port in (None, _PORTS[parts.scheme.lower()]) else f":{parts.port}"
    return f"{parts.scheme.lower()}://{host}{port}{parts.path.rstrip('/')}"


def same_deployment(a: str, b: str) -> bool:
    """Whether two addresses have the same scheme, host and port: where one's token may go, so may the other's."""
    left, right = urlsplit(normalise_url(a)), urlsplit(normalise_url(b))
    return (left.scheme, left.netloc) == (right.scheme, right.netloc)
