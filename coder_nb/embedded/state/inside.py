"""What agents ask about with their own token: services their owner has logged in to, claims, the identity of clouds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock
from typing import NamedTuple

from coder_nb.credentials.secret import Secret

__all__ = ["Claims", "Clouds", "Link", "Provider"]


class Link(NamedTuple):
    """What a login at a provider has given: its token, and what came along with it."""

    token: Secret
    extra: Mapping[str, str] | None = None


@dataclass(eq=False)
class Provider:
    """A service outside of the deployment.

    Args:
        id: its name in the configuration and in the address people log in at.
        type: what decides how git is told the token: `github`, `gitlab`, `bitbucket-cloud` …, or free text.
        regex: what it matches; "" for nothing.
        links: who has logged in, by the id of the user. Setting one is a login, deleting one a logout.
    """

    id: str
    type: str
    regex: str = ""
    links: dict[str, Link] = field(default_factory=dict, repr=False)


class Claims:
    """Tells who listens that a user has claimed a prebuilt workspace. Nothing is kept for those who come later."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._listeners: list[Callable[[str], None]] = []

    def announce(self, reason: str = "prebuild_claimed") -> int:
        """Tells all who listen now; returns how many they were. May be called from any thread."""
        with self._lock:
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener(reason)
        return len(listeners)

    def listen(self, listener: Callable[[str], None]) -> Callable[[], None]:
        """Calls `listener` with the reason of each later claim, on the announcing thread; returns what ends that."""
        with self._lock:
            self._listeners.append(listener)

        def stop() -> None:
            with self._lock, suppress(ValueError):
                self._listeners.remove(listener)

        return stop


@dataclass(frozen=True)
class Clouds:
    """Whose signature is believed. All in PEM form; none by default, so no instance is.

    Args:
        aws: certificates that identity documents are signed with.
        azure: certificates of the authorities that certify the signers of attested documents.
        google: public keys of tokens, by key id.
    """

    aws: Sequence[str] = ()
    azure: Sequence[str] = ()
    google: Mapping[str, str] = field(default_factory=dict)
