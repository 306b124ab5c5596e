"""The order in which a deployment and its token are looked for, and that the two belong together."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from coder_nb.credentials.profiles import read_profiles
from coder_nb.credentials.secret import Hidden, Secret, check_session_token, token_kind
from coder_nb.credentials.sources import Environment, Pair, from_cli, from_environment, from_profile, pairs
from coder_nb.credentials.urls import is_loopback, normalise_url, same_deployment
from coder_nb.errors import ConfigurationError

__all__ = ["Credentials", "resolve"]


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
    environ: Mapping[str, str] | None = None,
    ask: Callable[[str], str] | None = None,
) -> Credentials:
    """Which deployment to talk to, and with which token.

    A deployment and its token are a pair, and a token is only given out for the deployment (scheme, host, port) it came
    with. The places, in this order, and the first that has the deployment wins:

    1. the arguments: `target` and `token`;
    2. CODER_URL and CODER_SESSION_TOKEN;
    3. the saved profiles, the one saved last first;
    4. the Coder CLI's session (CODER_CONFIG_DIR, or where `coder login` puts it).

    With a `target` that none of them has a token for, the token is asked for.

    Args:
        target: None, an address, or the name of a saved profile.
        token: the token for `target`.
        ca: a file or folder of CA certificates; goes before a profile's own.
        insecure: leave the server's certificate unchecked.
        environ: the environment; None for this process's own.
        ask: puts a question and gives the answer, without echo, such as getpass.getpass; None where nobody can be.
    Returns:
        The pair, and in `source` where it came from.
    Raises:
        ConfigurationError: half a pair, nothing at all and nobody to ask, a token of the wrong kind, an unknown
            profile, a wrong address, or a file that cannot be read.
    """
    variables = Environment(environ)
    profile = _named(target)
    if token is not None:
        pair = _given(target, profile, token)
    elif profile:
        pair = profile
    elif target:
        pair = _known(_address(target), variables)
    else:
        pair = _first(variables)
    found, source = _strip(pair.token()), pair.source
    if found is None and ask is not None:
        found = _strip(Secret(ask(f"Session token for {pair.url} (from {pair.url}/cli-auth): ")))
        source = "the token you typed"
    if found is None:
        raise _no_token(pair.url, variables)
    check_session_token(found, source)
    return Credentials(pair.url, found, source, ca or pair.ca, insecure or (pair.insecure and not ca))


def _named(target: str | None) -> Pair | None:
    if not target or "/" in target:
        return None
    return next((from_profile(profile) for profile in read_profiles() if profile.name == target), None)


def _given(target: str | None, profile: Pair | None, token: Secret | str) -> Pair:
    if not target:
        raise ConfigurationError(
            "a token was given without the deployment it is for",
            hint='give both: connect("https://coder.example.com", token=…)',
        )
    kept = token if isinstance(token, Secret) else Secret(token)
    if profile:
        return Pair(profile.url, lambda: kept, f"{profile.source} and the token given", profile.ca, profile.insecure)
    return Pair(_address(target), lambda: kept, "the address and token given")


def _address(target: str) -> str:
    if token_kind(Hidden(target.strip())) != "unknown":
        # Not repeated: what is printed here may be saved in a notebook.
        raise ConfigurationError(
            "a token where the address of a deployment belongs",
            hint="%coder connect https://coder.example.com asks for the token; keep it out of the notebook",
        )
    # One word is more likely a profile's name than a host's.
    if not any(mark in target for mark in ".:/") and not is_loopback(target.strip().lower()):
        names = [profile.name for profile in read_profiles()]
        near = get_close_matches(target, names, n=1) or names
        known = f"did you mean {near[0]}? " if near else "no profile is saved yet. "
        raise ConfigurationError(f"no saved profile: {target}", hint=f"{known}For an address, write https://{target}")
    return normalise_url(target)


def _known(url: str, environ: Environment) -> Pair:
    for pair in pairs(environ):
        if same_deployment(pair.url, url) and pair.token() is not None:
            return Pair(url, pair.token, pair.source, pair.ca, pair.insecure)
    return Pair(url, lambda: None, "the address given")


def _first(environ: Environment) -> Pair:
    if environ.get("CODER_SESSION_TOKEN") and not environ.get("CODER_URL"):
        raise ConfigurationError(
            "CODER_SESSION_TOKEN is set, and CODER_URL is not: a token goes only to the deployment it belongs to",
            hint="set CODER_URL to that deployment, or unset CODER_SESSION_TOKEN",
        )
    environment = from_environment(environ)
    if environment:
        return _known(environment.url, environ)
    for pair in pairs(environ):
        return pair
    here = environ.get("CODER_AGENT_URL").rstrip("/")
    hint = f"%coder connect {here or 'https://coder.example.com'} asks for a token; %coder connect demo needs none"
    raise ConfigurationError(
        "no deployment to connect to: none is set, saved, or signed in to with the Coder CLI", hint=hint
    )


def _strip(token: Secret | None) -> Secret | None:
    return Secret(token.reveal().strip()) if token and token.reveal().strip() else None


def _no_token(url: str, environ: Environment) -> ConfigurationError:
    hint = f"set CODER_URL and CODER_SESSION_TOKEN ({url}/cli-auth shows a token), or be asked: %coder connect {url}"
    cli = from_cli(environ)
    if cli and same_deployment(cli.url, url) and sys.platform in ("darwin", "win32"):
        hint = f"the Coder CLI keeps its token in the system's keyring, where only it can read it: {hint}"
    environment = from_environment(environ)
    if environment and environment.url == url:
        return ConfigurationError(
            f"CODER_URL is set to {url}, and no token for it: CODER_SESSION_TOKEN is not set", hint=hint
        )
    return ConfigurationError(
        f"no token for {url}: the ones that were found belong to other deployments, or there is none", hint=hint
    )
