"""Saved profiles: a name, a deployment and its token. The token is kept in the system's keyring where that works.

The file is readable by this user only and replaced in one step. One that cannot be understood is never written over.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coder_nb.credentials.secret import Secret
from coder_nb.credentials.urls import normalise_url
from coder_nb.errors import ConfigurationError

if TYPE_CHECKING:
    from coder_nb.credentials.resolve import Credentials

__all__ = ["Profile", "profiles", "read_profiles", "save_profile"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,99}")
_SERVICE = "coder-nb"


@dataclass(frozen=True)
class Profile:
    """A saved profile. The token is fetched when it is asked for, since a keyring may want to be unlocked.

    Attributes:
        name: what the user called it.
        url: its deployment.
        token: gives the token; ConfigurationError where the keyring does not.
        ca: CA certificates to trust, as in `Credentials`.
        insecure: whether the server's certificate is left unchecked.
    """

    name: str
    url: str
    token: Callable[[], Secret]
    ca: str | None = None
    insecure: bool = False


def profiles() -> list[str]:
    """The names of the saved profiles; the one that is used without a name comes first.

    Raises:
        ConfigurationError: the file cannot be read or understood.
    """
    return [profile.name for profile in read_profiles()]


def save_profile(name: str, credentials: Credentials) -> str:
    """Keep a deployment and its token under a name, which is also what `connect()` uses from now on.

    Args:
        name: letters, digits and `._:-`; not `demo`. A profile of that name is replaced.
        credentials: what to keep.
    Returns:
        Where it went, for people.
    Raises:
        ConfigurationError: a name that cannot be used, no token, or a file that cannot be read or written.
    """
    if not _NAME.fullmatch(name) or name == "demo":
        raise ConfigurationError(f"not a name for a profile: {name!r}", hint="use letters, digits and dashes; not demo")
    if credentials.token is None:
        raise ConfigurationError(f"nothing to save: {credentials.url} was connected to without a token")
    path = _path()
    saved = _load(path)
    entry: dict[str, Any] = {"url": credentials.url, "ca": credentials.ca, "insecure": credentials.insecure}
    in_keyring = _to_keyring(_account(name, credentials.url), credentials.token)
    if not in_keyring:
        entry["token"] = credentials.token.reveal()
    saved["default"] = name
    saved["profiles"] = {**saved.get("profiles", {}), name: entry}
    _store(path, saved)
    if in_keyring:
        return f"profile {name} in {path}, its token in the system's keyring"
    return f"profile {name} with its token in {path}, which only you can read"


def read_profiles() -> list[Profile]:
    """The saved profiles; the one that is used without a name comes first.

    Raises:
        ConfigurationError: the file cannot be read or understood.
    """
    path = _path()
    saved = _load(path)
    default = saved.get("default")
    entries = saved.get("profiles", {}).items()
    return [
        _profile(path, name, entry) for name, entry in sorted(entries, key=lambda item: (item[0] != default, item[0]))
    ]


def _profile(path: Path, name: str, entry: dict[str, Any]) -> Profile:
    try:
        url = normalise_url(entry["url"])
    except ConfigurationError as error:
        raise ConfigurationError(f"the profile {name} in {path} is wrong: {error.message}", hint=error.hint) from None
    if "token" in entry:
        # Wrapped at once and bound as a default: no variable of this frame holds the text.
        kept = Secret(entry["token"])
        return Profile(name, url, lambda: kept, entry.get("ca"), entry.get("insecure", False))
    return Profile(name, url, lambda: _from_keyring(name, url), entry.get("ca"), entry.get("insecure", False))


def _path() -> Path:
    from platformdirs import user_config_path

    # Resolved, so that a link to a file kept elsewhere stays a link.
    return (user_config_path("coder-nb", appauthor=False, roaming=False) / "profiles.json").resolve()


def _load(path: Path) -> dict[str, Any]:
    try:
        _keep_private(path)
        saved = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ConfigurationError(
            f"the saved profiles cannot be read: {path}: {error.strerror}", hint=f"make {path} a file you can read"
        ) from None
    except ValueError:
        saved = None
    if not _is_sound(saved):
        # Said without the parser's own words, which may quote the file and so a token.
        raise ConfigurationError(
            f"the saved profiles cannot be understood: {path}",
            hint=f"repair {path}, or move it away and save your profiles again; nothing has been changed",
        )
    return dict(saved)


def _is_sound(saved: Any) -> bool:
    entries = saved.get("profiles", {}) if isinstance(saved, dict) else None
    return isinstance(entries, dict) and all(
        isinstance(entry, dict)
        and isinstance(entry.get("url"), str)
        and isinstance(entry.get("token", ""), str)
        and isinstance(entry.get("ca") or "", str)
        and isinstance(entry.get("insecure", False), bool)
        for entry in entries.values()
    )


def _keep_private(path: Path) -> None:
    if os.name == "posix" and path.stat().st_mode & 0o077:
        path.chmod(0o600)


def _store(path: Path, saved: dict[str, Any]) -> None:
    from coder_nb.replacing import replace

    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace(path, json.dumps(saved, indent=2).encode())
    except OSError as error:
        raise ConfigurationError(
            f"the profile was not saved: {path}: {error.strerror}", hint=f"make {path.parent} a folder you can write to"
        ) from None


def _account(name: str, url: str) -> str:
    # The deployment is part of the key: a token can never come back for another one, whatever happens to the file.
    return f"{name} {url}"


def _to_keyring(account: str, token: Secret) -> bool:
    # A keyring may be absent, locked, without a desktop to ask at, or keep nothing: reading back tells all of these.
    with contextlib.suppress(Exception):
        import keyring

        keyring.set_password(_SERVICE, account, token.reveal())
        return Secret(keyring.get_password(_SERVICE, account) or "") == token
    return False


def _from_keyring(name: str, url: str) -> Secret:
    kept = None
    with contextlib.suppress(Exception):
        import keyring

        kept = Secret(keyring.get_password(_SERVICE, _account(name, url)) or "")
    if not kept:
        raise ConfigurationError(
            f"the token of the profile {name} is in the system's keyring, which does not give it",
            hint=f"unlock the keyring, or sign in again: %coder connect {url} --save",
        )
    return kept
