"""The way to a deployment: through which proxy, and which certificates to trust. Derived once, for HTTP and WebSockets.

Reads the environment only: never ~/.netrc, a registry or a browser's settings. Loopback is never proxied.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import unquote, urlsplit

from coder_nb.credentials.secret import Hidden, Secret
from coder_nb.credentials.sources import Environment
from coder_nb.credentials.urls import is_loopback, normalise_url, port_of
from coder_nb.errors import ConfigurationError

__all__ = ["Proxy", "Route", "route_to"]


@dataclass(frozen=True)
class Proxy:
    """An HTTP proxy.

    Attributes:
        url: scheme, host and port, never a user name or password.
        user: the user name it wants, "" for none.
        password: the password for it, None for none.
        variable: the environment variable that named it.
    """

    url: str
    user: str = ""
    password: Secret | None = None
    variable: str = ""


@dataclass(frozen=True)
class Route:
    """How to reach one deployment.

    Attributes:
        url: the deployment's address, as `normalise_url` spells it.
        proxy: the proxy to go through, None for none.
        tls: what to trust; None where neither the deployment nor the proxy speaks TLS.
        insecure: whether the certificate of an https deployment is left unchecked.
    """

    url: str
    proxy: Proxy | None = None
    tls: ssl.SSLContext | None = field(default=None, repr=False)
    insecure: bool = False


def route_to(
    url: str, *, ca: str | None = None, insecure: bool = False, environ: Mapping[str, str] | None = None
) -> Route:
    """The way to a deployment.

    The proxy is HTTPS_PROXY's or HTTP_PROXY's, by the scheme of the address, unless NO_PROXY has its host. As with the
    Coder CLI, upper case goes before lower case, and HTTP_PROXY does not count in a CGI program: its client can set it.
    Trusted are the certificates of `ca`, else of SSL_CERT_FILE or REQUESTS_CA_BUNDLE, else the system's and certifi's.

    Args:
        url: the deployment's address.
        ca: a PEM file, or a folder of them in OpenSSL's layout.
        insecure: leave the server's certificate unchecked.
        environ: the environment; None for this process's own.
    Raises:
        ConfigurationError: a wrong address, a proxy or CA file that cannot be used.
    """
    variables = Environment(environ)
    url = normalise_url(url)
    proxy = _proxy(url, variables)
    speaks_tls = url.startswith("https:") or (proxy is not None and proxy.url.startswith("https:"))
    tls = _context(ca, insecure, variables) if speaks_tls else None
    return Route(url, proxy, tls, insecure and url.startswith("https:"))


def _proxy(url: str, environ: Environment) -> Proxy | None:
    host = urlsplit(url).hostname or ""
    variable = "HTTPS_PROXY" if url.startswith("https:") else "HTTP_PROXY"
    if variable == "HTTP_PROXY" and environ.get("REQUEST_METHOD"):
        return None
    named = Hidden(environ.get(variable, variable.lower()))
    if not named or is_loopback(host) or _is_exempt(host, port_of(url), environ.get("NO_PROXY", "no_proxy")):
        return None
    return _parse_proxy(named, variable)


def _parse_proxy(named: Hidden, variable: str) -> Proxy:
    try:
        parts = urlsplit(named.reveal() if "://" in named.reveal() else f"http://{named.reveal()}")
        url = normalise_url(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}")
    except (ValueError, ConfigurationError):
        raise ConfigurationError(
            f"the proxy that {variable} names cannot be used: it is not an http:// or https:// address",
            hint=f"set {variable} to http://host:port, or NO_PROXY to the deployment's host to go without",
        ) from None
    return Proxy(
        url, unquote(parts.username or ""), Secret(unquote(parts.password)) if parts.password else None, variable
    )


def _is_exempt(host: str, port: int, no_proxy: str) -> bool:
    return any(_matches(host, port, entry.strip().lower()) for entry in no_proxy.split(",") if entry.strip())


def _matches(host: str, port: int, entry: str) -> bool:
    """Whether one entry of NO_PROXY means this host, by the rules of Go and so of the Coder CLI.

    `*`; an address or a network; a name, which has all below it; `.name`, only what is below it. Names and addresses
    may have a port.
    """
    if entry == "*":
        return True
    try:
        return ip_address(host) in ip_network(entry, strict=False)
    except (ValueError, TypeError):
        pass
    name, colon, wanted = entry.rpartition(":")
    if colon and wanted.isdigit() and (":" not in name or name.startswith("[")):
        return int(wanted) == port and _matches(host, port, name.strip("[]"))
    name = entry.removeprefix("*").strip("[]")
    if name.startswith("."):
        return host.endswith(name)
    return host == name or host.endswith(f".{name}")


def _context(ca: str | None, insecure: bool, environ: Environment) -> ssl.SSLContext:
    bundle, named_by = ca, "the CA file"
    for variable in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        if not bundle and environ.get(variable):
            bundle, named_by = environ.get(variable), f"the CA file that {variable} names"
    if insecure:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    elif bundle:
        context = _trusting(Path(bundle).expanduser(), named_by)
    else:
        context = ssl.create_default_context()
        import certifi

        context.load_verify_locations(certifi.where())
    # WebSockets need HTTP/1.1, and one TLS session should not be negotiated in two ways.
    context.set_alpn_protocols(["http/1.1"])
    return context


def _trusting(bundle: Path, named_by: str) -> ssl.SSLContext:
    try:
        if bundle.is_dir():
            return ssl.create_default_context(capath=str(bundle))
        return ssl.create_default_context(cafile=str(bundle))
    except ssl.SSLError:
        why = "it holds no certificate in PEM form"
    except OSError as error:
        why = error.strerror or "it cannot be read"
    raise ConfigurationError(
        f"{named_by} cannot be used: {bundle}: {why}", hint="name a PEM file: %coder connect URL --ca FILE"
    )
