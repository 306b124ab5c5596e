"""A home of its own for each test, and no keyring unless the test brings one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import keyring
import keyring.backend
import keyring.backends.fail
import pytest

SESSION = "AbCdEfGhIj-0123456789abcdefghij01"
OTHER_SESSION = "KlMnOpQrSt-0123456789abcdefghij02"
AGENT = "0b1c2d3e-4f50-4617-8293-a4b5c6d7e8f9"
PROXY = f"{AGENT}:{'0f' * 32}"


class MemoryKeyring(keyring.backend.KeyringBackend):
    """A keyring that works, for as long as the test runs."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty home folder, and no keyring."""
    for name in ("CODER_URL", "CODER_SESSION_TOKEN", "CODER_CONFIG_DIR", "CODER_AGENT_URL", "CODER_AGENT_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    before = keyring.get_keyring()
    keyring.set_keyring(keyring.backends.fail.Keyring())  # type: ignore[no-untyped-call]
    yield tmp_path
    keyring.set_keyring(before)


@pytest.fixture
def memory_keyring(home: Path) -> MemoryKeyring:
    """A keyring that works."""
    backend = MemoryKeyring()
    keyring.set_keyring(backend)
    return backend
