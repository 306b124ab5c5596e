"""GET /workspaceagents/me/gitsshkey"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from coder_nb.within import Inside

from .conftest import Target
from .me_routes import refuses_other_tokens, with_agent_token

PATH = "/workspaceagents/me/gitsshkey"


def test_the_two_halves_are_what_ssh_takes(me: Inside) -> None:
    """A line for authorized_keys with its line break and no comment, and a private key in PEM form."""
    key = me.api.me.git_ssh_key()
    assert key.public_key.endswith("\n") and len(key.public_key.split()) == 2
    assert key.private_key.reveal().startswith("-----BEGIN ")


def test_it_is_the_same_each_time(me: Inside) -> None:
    """Until its owner makes a new one."""
    assert me.api.me.git_ssh_key() == me.api.me.git_ssh_key()


@pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="there is no OpenSSH")
def test_the_halves_belong_together(me: Inside, tmp_path: Path) -> None:
    """As OpenSSH finds."""
    key = me.git_ssh_key()
    path = key.write(tmp_path / "id")
    done = subprocess.run(["ssh-keygen", "-y", "-f", str(path)], capture_output=True, text=True, check=True)
    assert done.stdout.split()[:2] == key.public_key.split()


def test_other_tokens_are_refused(me: Inside, target: Target) -> None:
    """It is for agents only."""
    refuses_other_tokens(target, "GET", PATH)


def test_another_method_is_none(me: Inside, target: Target) -> None:
    """405 without a body."""
    assert with_agent_token(target, "POST", PATH, {}) == (405, None)
