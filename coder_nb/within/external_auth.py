"""A login at a service outside Coder, as its owner's: for subprocesses, for git, and never shown.

While nobody has logged in it is a link to do so.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlsplit

from coder_nb import look
from coder_nb.api import me
from coder_nb.credentials import Secret
from coder_nb.credentials.variables import Variables
from coder_nb.errors import CoderError, ConfigurationError, TransportError
from coder_nb.within.askpass import askpass
from coder_nb.within.patience import Patience, passing

__all__ = ["ExternalAuth", "until_logged_in"]

VARIABLES: dict[str, tuple[str, ...]] = {
    "github": ("GH_TOKEN", "GITHUB_TOKEN"),
    "gitlab": ("GITLAB_TOKEN",),
    "gitea": ("GITEA_TOKEN",),
    "bitbucket-cloud": ("BITBUCKET_TOKEN",),
    "bitbucket-server": ("BITBUCKET_TOKEN",),
    "azure-devops": ("AZURE_DEVOPS_EXT_PAT",),
    "azure-devops-entra": ("AZURE_DEVOPS_EXT_PAT",),
    "slack": ("SLACK_TOKEN",),
    "jfrog": ("JFROG_ACCESS_TOKEN",),
}
"""By type of service: the variables in which its usual programs look for a token."""


class ExternalAuth:
    """A login at a service outside Coder, or where to log in.

    Attributes:
        service: what was asked for: a URL or text, or the service's id.
        type: github, gitlab, …, or free text; "" while nobody has logged in.
        url: where to log in; "" once somebody has.
    """

    def __init__(self, record: me.ExternalAuth, *, match: str | None = None, id: str | None = None) -> None:
        self.service = match or id or ""
        self.type = record.type
        self.url = record.url
        self._record = record
        self._host = _host(match or "")

    @property
    def logged_in(self) -> bool:
        """Whether there is a token."""
        return not self.url

    @property
    def token(self) -> Secret:
        """The token.

        Raises:
            ConfigurationError: nobody has logged in; the hint is the link.
        """
        if not self.logged_in:
            raise ConfigurationError(f"nobody has logged in to {self.service} yet", hint=f"open {self.url}")
        return self._record.access_token

    def env(self, *names: str, environ: Mapping[str, str] | None = None) -> Variables:
        """An environment with the token in it, for `subprocess`; its repr has no values.

        Args:
            names: the variables that get the token; by default those the service's usual programs read, such as
                GH_TOKEN and GITHUB_TOKEN.
            environ: what it is added to; None for this process's environment.
        Raises:
            ConfigurationError: nobody has logged in, or no usual variable is known for this type of service.
        """
        chosen = names or VARIABLES.get(self.type, ())
        token = self.token
        if not chosen:
            raise ConfigurationError(
                f"no usual variable for a token of {self.type or 'this service'}", hint="name one: .env('MY_TOKEN')"
            )
        return Variables({**_environ(environ), **dict.fromkeys(chosen, token.reveal())})

    @contextmanager
    def askpass(self, *, host: str | None = None, environ: Mapping[str, str] | None = None) -> Iterator[Variables]:
        """An environment in which git logs in by itself, for as long as the block runs.

        >>> with me.external_auth(match="github.com").askpass() as env:  # doctest: +SKIP
        ...     subprocess.run(["git", "clone", "https://github.com/ada/private"], env=env, check=True)

        Args:
            host: the only host git gets the token for; None for that of `match`, and for any where only an id is known.
            environ: what it is added to; None for this process's environment.
        Raises:
            ConfigurationError: nobody has logged in.
        """
        username, password = self._basic()
        with askpass(username, password, host=self._host if host is None else host) as program:
            yield Variables({**_environ(environ), "GIT_ASKPASS": str(program), "GIT_TERMINAL_PROMPT": "0"})

    def _basic(self) -> tuple[str, Secret]:
        token, username, password = self.token, self._record.username, self._record.password
        if password:
            return username.reveal(), password
        # Some services take the token as user name, but git puts that on a command line, where every process sees it.
        # All of them take it as password too, whoever says so.
        return "x-access-token", username or token

    def __repr__(self) -> str:
        if self.logged_in:
            return f"ExternalAuth {_plain(self.service)}: logged in ({_plain(self.type)}), token ****"
        return f"ExternalAuth {_plain(self.service)}: not logged in, open {_plain(self.url)}"

    def _repr_html_(self) -> str:
        name = look.safe(self.service)
        if self.logged_in:
            return f"<div><b>{name}</b>&ensp;{look.state('ok')}&ensp;{look.dim(f'{self.type}, token ****')}</div>"
        return f"<div><b>{name}</b>&ensp;not logged in:&ensp;{look.link(self.url, self.url)}</div>"


def until_logged_in(
    ask: Callable[[float], me.ExternalAuth], *, url: str, timeout: float | None = None
) -> me.ExternalAuth:
    """Asks until there is a token, again whenever something on the way cuts the silent connection.

    Args:
        ask: asks once and waits for the answer, at most so many seconds.
        url: where to log in, for the error.
        timeout: seconds in all; None for as long as it takes.
    Raises:
        TransportError: nobody has logged in within `timeout`.
    """
    patience = Patience()
    end = None if timeout is None else time.monotonic() + timeout
    while True:
        left = None if end is None else end - time.monotonic()
        if left is not None and left <= 0:
            raise TransportError(f"nobody has logged in within {timeout:g} s", hint=f"open {url}, then try again")
        began = time.monotonic()
        try:
            record = ask(LONGEST if left is None else min(LONGEST, left))
            if not record.url:
                return record
        except CoderError as error:
            if not passing(error):
                raise
            if time.monotonic() - began > SETTLED:
                patience.reset()
            patience.pause(error, most=None if end is None else end - time.monotonic())


LONGEST = 600.0
"""Seconds one attempt lasts: also a connection that has died without a word is noticed then."""
SETTLED = 10.0
"""Seconds after which an attempt had got through, so that the next may follow soon."""


def _environ(environ: Mapping[str, str] | None) -> Mapping[str, str]:
    return os.environ if environ is None else environ


def _host(match: str) -> str:
    """The host in what a service was looked up by; "" where there is none for sure."""
    try:
        host = urlsplit(match if "://" in match else f"https://{match}").hostname or ""
    except ValueError:
        return ""
    return host if re.fullmatch(r"localhost|[a-z0-9-]+(\.[a-z0-9-]+)+", host) else f"[{host}]" if ":" in host else ""


def _plain(text: str) -> str:
    return look.visible(text)
