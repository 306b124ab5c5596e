"""Git's key: real files, a real ssh-agent, and nothing of the private half anywhere else."""

from __future__ import annotations

import os
import re
import shutil
import signal
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from coder_nb.errors import ConfigurationError
from coder_nb.within import Inside, SSHKey

OPENSSH = pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="there is no OpenSSH")


@pytest.fixture
def key(me: Inside) -> SSHKey:
    """The owner's key."""
    return me.git_ssh_key()


@pytest.fixture
def ssh_agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An ssh-agent of this test's own."""
    if not shutil.which("ssh-agent"):
        pytest.skip("there is no ssh-agent")
    socket = str(tmp_path / "agent")
    said = subprocess.run(["ssh-agent", "-s", "-a", socket], capture_output=True, text=True, check=True).stdout
    pid = re.search(r"SSH_AGENT_PID=(\d+)", said)
    assert pid
    monkeypatch.setenv("SSH_AUTH_SOCK", socket)
    yield
    os.kill(int(pid[1]), signal.SIGTERM)


def test_only_the_public_half_shows(key: SSHKey) -> None:
    """As the line a git service takes."""
    assert key.public_key.startswith("ssh-ed25519 ") and "\n" not in key.public_key
    for shown in (repr(key), key._repr_html_(), str(vars(key))):
        assert key.public_key in shown
        assert "PRIVATE" not in shown


@OPENSSH
def test_a_written_key_is_good_and_for_this_user_only(key: SSHKey, tmp_path: Path) -> None:
    """OpenSSH finds the public half in it; nothing else is left in the folder."""
    path = key.write(tmp_path / "id")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    done = subprocess.run(["ssh-keygen", "-y", "-f", str(path)], capture_output=True, text=True, check=True)
    assert done.stdout.split()[:2] == key.public_key.split()
    assert list(tmp_path.iterdir()) == [path]


def test_another_key_is_not_written_over(key: SSHKey, tmp_path: Path) -> None:
    """Unless that is asked for; the same one may be written again."""
    path = tmp_path / "id_ed25519"
    path.write_text("somebody's own key")
    with pytest.raises(ConfigurationError, match=r"another file is there[\s\S]*overwrite"):
        key.write(path)
    assert path.read_text() == "somebody's own key"
    assert list(tmp_path.iterdir()) == [path]
    assert key.write(path, overwrite=True) == key.write(path) == path


def test_a_place_that_is_none_is_explained(key: SSHKey, tmp_path: Path) -> None:
    """A folder, or one that is not there."""
    for place, why in ((tmp_path, "folder"), (tmp_path / "missing" / "id", "No such file")):
        with pytest.raises(ConfigurationError, match=why) as caught:
            key.write(place)
        assert "PRIVATE" not in str(caught.value)


def test_an_agent_takes_it_through_a_pipe(key: SSHKey, ssh_agent: None) -> None:
    """And signs with it from then on."""
    key.add_to_agent()
    key.add_to_agent(lifetime=60)
    listed = subprocess.run(["ssh-add", "-L"], capture_output=True, text=True, check=True).stdout
    assert key.public_key in listed


@OPENSSH
def test_without_an_agent_it_says_how_to_get_one(key: SSHKey, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the key is in the error."""
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    with pytest.raises(ConfigurationError, match=r"ssh-agent did not take the key[\s\S]*eval") as caught:
        key.add_to_agent()
    assert "PRIVATE" not in str(caught.value)
    monkeypatch.setenv("PATH", os.devnull)
    with pytest.raises(ConfigurationError, match="no ssh-add"):
        key.add_to_agent()
