"""The order in which a deployment and its token are looked for."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from coder_nb.credentials.secret import Secret
from coder_nb.credentials.urls import normalise_url, same_deployment
from coder_nb.errors import ConfigurationError


@dataclass(frozen=True)
class Credentials:
    """A deployment and the token for it.

    Attributes:
        url: the deployment's address, as `normalise_url` spells it.
        token: its token; None only for what needs none.
        source: where the two came from, for people: "CODER_URL and CODER_SESSION_TOKEN".
        ca: a file or folder of CA certificates to trust instead of the usual ones.
        insecure: whether the server's certificate is left unchecked.
    """

    url: str
    token: Secret | None
    source: str
    ca: str | None = None
    insecure: bool = False


def resolve(
    target: str | None = None,
    *,
    token: Secret | str | None = None,
    ca: str | None = None,
    insecure: bool = False,
    environ: Mapping[str, str] = os.environ,
    ask: Callable[[str], str] | None = None,
) -> Credentials:
    """Which deployment to talk to, and with which token."""
    if target and token is not None:
        token = token if isinstance(token, Secret) else Secret(token)
        return Credentials(normalise_url(target), token, "the arguments", ca, insecure)
    url, session = environ.get("CODER_URL"), environ.get("CODER_SESSION_TOKEN")
    if url and session and (target is None or same_deployment(url, target)):
        return Credentials(normalise_url(url), Secret(session), "CODER_URL and CODER_SESSION_TOKEN", ca, insecure)
    if target and ask:
        return Credentials(normalise_url(target), Secret(ask(f"Token for {target}: ")), "what you typed", ca, insecure)
    raise ConfigurationError("no deployment and token to connect with", hint="%coder connect https://coder.example.com")
