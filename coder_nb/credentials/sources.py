"""Where a deployment and its token are found together: the environment, saved profiles, the Coder CLI's session files.

Each source gives a pair or nothing. None is ever completed from another.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from coder_nb.credentials.profiles import Profile, read_profiles
from coder_nb.credentials.secret import Secret
from coder_nb.credentials.urls import normalise_url
from coder_nb.errors import ConfigurationError

__all__ = ["Environment", "Pair", "cli_folder", "from_cli", "from_environment", "from_profile", "pairs"]


class Environment:
    """Environment variables by name, without a repr that would list their values.

    Args:
        variables: the variables; None for this process's own.
    """

    __slots__ = ("__variables",)

    def __init__(self, variables: Mapping[str, str] | None = None) -> None:
        self.__variables = os.environ if variables is None else variables

    def get(self, *names: str) -> str:
        """The first of these that is set, without blanks around it; "" where none is."""
        return next((text for text in (self.__variables.get(name, "").strip() for name in names) if text), "")


@dataclass(frozen=True)
class Pair:
    """A deployment and how to get the token it came with.

    Attributes:
        url: the deployment.
        token: gives the token, or None where the source knows the deployment only.
        source: where they are, for people.
        ca: CA certificates to trust, as in `Credentials`.
        insecure: whether the server's certificate is left unchecked.
    """

    url: str
    token: Callable[[], Secret | None]
    source: str
    ca: str | None = None
    insecure: bool = False


def pairs(environ: Environment) -> Iterator[Pair]:
    """All of them, the one to prefer first."""
    environment = from_environment(environ)
    if environment:
        yield environment
    yield from map(from_profile, read_profiles())
    cli = from_cli(environ)
    if cli:
        yield cli


def from_environment(environ: Environment) -> Pair | None:
    """CODER_URL with CODER_SESSION_TOKEN, or CODER_URL alone."""
    if not environ.get("CODER_URL"):
        return None
    try:
        url = normalise_url(environ.get("CODER_URL"))
    except ConfigurationError as error:
        raise ConfigurationError(f"CODER_URL is wrong: {error.message}", hint=error.hint) from None
    return Pair(url, lambda: _secret(environ.get("CODER_SESSION_TOKEN")), "CODER_URL and CODER_SESSION_TOKEN")


def from_profile(profile: Profile) -> Pair:
    """A saved profile."""
    return Pair(profile.url, profile.token, f"the saved profile {profile.name}", profile.ca, profile.insecure)


def from_cli(environ: Environment, platform: str = sys.platform) -> Pair | None:
    """The files `url` and `session` that `coder login` writes; newer CLIs on macOS and Windows write only the first.

    Raises:
        ConfigurationError: a file that is there cannot be read, or holds something else.
    """
    folder = cli_folder(environ, platform)
    text = _read(folder / "url")
    if not text:
        return None
    try:
        url = normalise_url(text)
    except ConfigurationError as error:
        raise ConfigurationError(f"{folder / 'url'} is wrong: {error.message}", hint=error.hint) from None
    return Pair(url, lambda: _secret(_read(folder / "session")), f"the Coder CLI's session in {folder}")


def cli_folder(environ: Environment, platform: str = sys.platform) -> Path:
    """Where the Coder CLI keeps its session."""
    if environ.get("CODER_CONFIG_DIR"):
        return Path(environ.get("CODER_CONFIG_DIR")).expanduser()
    home = Path(environ.get("HOME") or Path.home())
    if platform == "darwin":
        return home / "Library" / "Application Support" / "coderv2"
    if platform == "win32":
        return Path(environ.get("APPDATA") or home / "AppData" / "Roaming") / "coderv2"
    return Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / "coderv2"


def _secret(text: str) -> Secret | None:
    return Secret(text) if text else None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "not text"
        raise ConfigurationError(
            f"the Coder CLI's session cannot be read: {path}: {why}",
            hint="run `coder login` again, or set CODER_CONFIG_DIR",
        ) from None
