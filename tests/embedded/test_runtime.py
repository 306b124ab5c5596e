"""The runtime file: written for one user, believed only when it is theirs and its deployment answers."""

from __future__ import annotations

import os
import socket
import stat
import sys
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from coder_nb.credentials import Secret
from coder_nb.embedded import runtime
from coder_nb.errors import ConfigurationError

if TYPE_CHECKING:
    from tests.embedded.conftest import Client

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="file modes are POSIX")

TOKEN = "0123456789-0123456789012345678901"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the file is, in a runtime directory of the test's own."""
    tmp_path.chmod(0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    return runtime.path()


def notice(url: str = "http://127.0.0.1:1", deployment_id: str = "one") -> runtime.Notice:
    """A notice about this process."""
    return runtime.Notice(url, Secret(TOKEN), deployment_id, os.getpid())


def test_it_is_readable_by_its_user_only_and_goes_at_the_end(place: Path) -> None:
    """Mode 0600 in a directory of mode 0700; what was written is read; nothing is left."""
    with runtime.published(notice()):
        assert stat.S_IMODE(place.stat().st_mode) == 0o600
        assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
        assert runtime.read() == notice()
        assert TOKEN not in repr(runtime.read())
    assert list(place.parent.iterdir()) == []
    assert runtime.read() is None


def test_a_newer_deployments_file_is_left_alone(place: Path) -> None:
    """The last one that was published is found, and stays when an older one ends."""
    with runtime.published(notice(deployment_id="new")):
        with runtime.published(notice(deployment_id="newest")):
            found = runtime.read()
            assert found is not None
            assert found.deployment_id == "newest"
        with runtime.published(notice(deployment_id="old")):
            runtime._write(place, notice(deployment_id="newer"))
        assert place.exists()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_file_that_others_could_touch_is_not_believed(place: Path, mode: int) -> None:
    """A token that others may know, or may have put there, is none."""
    with runtime.published(notice()):
        place.chmod(mode)
        assert runtime.read() is None


def test_a_directory_that_others_could_touch_is_not_used(place: Path) -> None:
    """Neither for reading nor for writing, and the error says what to do."""
    with runtime.published(notice()):
        place.parent.chmod(0o755)
        assert runtime.read() is None
        with pytest.raises(ConfigurationError, match="open to others") as error, runtime.published(notice()):
            pass
        assert error.value.hint.startswith("chmod 700")
        place.parent.chmod(0o700)


def test_a_link_is_not_followed(place: Path, tmp_path: Path) -> None:
    """A symbolic link in the file's place is not believed, and is replaced, not written through."""
    other = tmp_path / "other"
    with runtime.published(notice()):
        place.rename(other)
        place.symlink_to(other)
        assert runtime.read() is None
        before = other.read_text("utf-8")
        with runtime.published(notice(deployment_id="two")):
            assert not place.is_symlink()
        assert other.read_text("utf-8") == before


@pytest.mark.parametrize("text", ["", "{", "[]", '{"url": "x"}', "null"])
def test_nonsense_in_the_file_is_no_deployment(place: Path, text: str) -> None:
    """Half a file is none."""
    with runtime.published(notice()):
        place.write_text(text, "utf-8")
        assert runtime.read() is None


def test_a_deployment_answers_with_its_own_id(client: Client) -> None:
    """Another id at that address, a silent address and a dead process are all no."""
    url, own = client.server.url, client.server.deployment.id
    assert runtime.answers(notice(url, own))
    assert not runtime.answers(notice(url, "another"))
    assert not runtime.answers(notice(deployment_id=own))
    assert not runtime.answers(runtime.Notice(url, Secret(TOKEN), own, pid=2**22 + 1))


def test_the_probe_sends_no_token() -> None:
    """Whoever has the port now learns nothing: the question carries no credential."""
    heard = bytearray()
    with socket.create_server(("127.0.0.1", 0)) as stranger:

        def listen() -> None:
            connection, _ = stranger.accept()
            with connection:
                heard.extend(connection.recv(65536))

        listener = Thread(target=listen)
        listener.start()
        assert not runtime.answers(notice(f"http://127.0.0.1:{stranger.getsockname()[1]}"))
        listener.join(5)
    assert heard.startswith(b"GET /api/v2/buildinfo HTTP/1.1")
    assert TOKEN.encode() not in heard
