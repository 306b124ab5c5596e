"""The deployment's SSH keys, held against RFC 8032 and OpenSSH."""

from __future__ import annotations

import os
import shutil
import subprocess
from base64 import b64decode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_ssh_private_key
from hypothesis import given, settings
from hypothesis import strategies as st

from coder_nb.embedded.sshkey import new_key, public_half


def test_the_rfcs_own_examples() -> None:
    """The first two of section 7.1."""
    seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
    public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert public_half(bytes.fromhex(seed)).hex() == public
    seed = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"
    public = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    assert public_half(bytes.fromhex(seed)).hex() == public


@settings(max_examples=50, deadline=None)
@given(st.binary(min_size=32, max_size=32))
def test_every_seed_has_the_public_half_others_find(seed: bytes) -> None:
    """As OpenSSL works it out."""
    assert public_half(seed) == Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def test_the_halves_belong_together() -> None:
    """And are others each time."""
    (public, private), (other, _) = new_key(), new_key()
    assert public != other
    loaded = load_ssh_private_key(private.reveal().encode(), None)
    assert isinstance(loaded, Ed25519PrivateKey)
    kind, blob = public.split()
    assert kind == "ssh-ed25519" and public.endswith("\n")
    assert b64decode(blob).endswith(loaded.public_key().public_bytes_raw())


@pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="there is no OpenSSH")
def test_openssh_takes_it(tmp_path: Path) -> None:
    """From a file, as ssh would."""
    public, private = new_key()
    path = tmp_path / "id"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
        file.write(private.reveal())
    done = subprocess.run(["ssh-keygen", "-y", "-f", str(path)], capture_output=True, text=True, check=True)
    assert done.stdout.split()[:2] == public.split()
