"""Which deployment a process inside a workspace belongs to, and with which token it may ask.

Only from the variables an agent sets, or for an identity that the machine's cloud vouches for. It never takes a user's
session token, and never asks a person.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, get_args

from coder_nb.credentials import Credentials, Secret, normalise_url
from coder_nb.credentials.secret import check_agent_token
from coder_nb.credentials.sources import Environment
from coder_nb.errors import AuthenticationError, ConfigurationError, Invalid, NotFound

__all__ = ["Cloud", "resolve"]

Cloud = Literal["aws", "azure", "google"]


def resolve(
    identity: Cloud | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    metadata: str | None = None,
    ca: str | None = None,
    insecure: bool = False,
) -> Credentials:
    """The deployment and the agent's token.

    The deployment is CODER_AGENT_URL's. The token is, in this order, that of the `identity` asked for,
    CODER_AGENT_TOKEN, what CODER_AGENT_TOKEN_FILE names, or that of the identity CODER_AGENT_AUTH names.

    Args:
        identity: the cloud whose word to use instead of a token.
        environ: the environment; None for this process's own.
        metadata: the address of the cloud's metadata service, for tests; None for the cloud's own.
        ca: path of a PEM file with the certificates to trust.
        insecure: accept any certificate.
    Raises:
        ConfigurationError: not inside a workspace, no token, or no such identity.
        AuthenticationError: the deployment does not believe the identity.
        NotFound: no agent has this instance.
    """
    variables = Environment(environ)
    url = _url(variables)
    known = "" if identity else variables.get("CODER_AGENT_TOKEN")
    if known:
        return _pair(url, known, "CODER_AGENT_TOKEN", ca, insecure)
    file = "" if identity else variables.get("CODER_AGENT_TOKEN_FILE")
    if file:
        return _pair(url, _read(Path(file)), f"CODER_AGENT_TOKEN_FILE, {file}", ca, insecure)
    cloud = identity or _named(variables.get("CODER_AGENT_AUTH"))
    if cloud is None:
        raise ConfigurationError(
            f"no agent token for {url}: neither CODER_AGENT_TOKEN nor CODER_AGENT_TOKEN_FILE is set",
            hint="run this where the agent's variables are, or: inside(identity='aws'), 'azure' or 'google'",
        )
    if cloud not in get_args(Cloud):
        raise ConfigurationError(f"no such identity: {cloud!r}", hint=f"one of {', '.join(get_args(Cloud))}")
    token = _vouched(url, cloud, variables, metadata, ca, insecure)
    return Credentials(url, token, f"this machine's identity with {cloud}", ca, insecure)


def _url(variables: Environment) -> str:
    if not variables.get("CODER_AGENT_URL"):
        raise ConfigurationError(
            "not inside a workspace: CODER_AGENT_URL is not set",
            hint="run this in a workspace's terminal or notebook; from elsewhere: coder_nb.connect(), %coder connect",
        )
    try:
        return normalise_url(variables.get("CODER_AGENT_URL"))
    except ConfigurationError as error:
        raise ConfigurationError(f"CODER_AGENT_URL is wrong: {error.message}", hint=error.hint) from None


def _pair(url: str, token: str, source: str, ca: str | None, insecure: bool) -> Credentials:
    secret = Secret(token)
    check_agent_token(secret, source)
    return Credentials(url, secret, source, ca, insecure)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "not text"
        raise ConfigurationError(
            f"the agent token's file cannot be read: {path}: {why}", hint="check CODER_AGENT_TOKEN_FILE"
        ) from None


def _named(auth: str) -> Cloud | None:
    """The cloud in CODER_AGENT_AUTH, such as `aws-instance-identity`."""
    found = re.fullmatch(r"(aws|azure|google)-instance-identity", auth)
    clouds: dict[str, Cloud] = {"aws": "aws", "azure": "azure", "google": "google"}
    return clouds[found[1]] if found else None


def _vouched(
    url: str, cloud: Cloud, variables: Environment, metadata: str | None, ca: str | None, insecure: bool
) -> Secret:
    from coder_nb.api import Api
    from coder_nb.transport.http import Http
    from coder_nb.within import clouds

    document = clouds.document(cloud, variables, metadata)
    http = Http(url, None, ca=ca, insecure=insecure)
    try:
        identity = Api(http).identity
        match cloud:
            case "aws":
                return identity.aws(**document)
            case "azure":
                return identity.azure(**document)
            case "google":
                return identity.google(**document)
    except AuthenticationError as error:
        error.hint = "ask the deployment's administrator whether it trusts what signs this machine's identity"
        raise
    except (NotFound, Invalid) as error:
        error.hint = f"is this machine a workspace's, and its agent's auth in the template {cloud}-instance-identity?"
        raise
    finally:
        http.close()
