"""An sshd of this user on loopback, to measure others beside it. Only the key it is made with can log in."""

from __future__ import annotations

import getpass
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["free_port", "installed", "sshd", "wait_for"]


def installed() -> bool:
    """Whether this machine has what it takes."""
    return _daemon() is not None and shutil.which("ssh-keygen") is not None


def _daemon() -> str | None:
    return shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/usr/bin")


@contextmanager
def sshd() -> Iterator[tuple[int, Path]]:
    """Its port, and the key that it lets in.

    Raises:
        FileNotFoundError: it is not installed.
    """
    daemon = _daemon()
    if daemon is None:
        raise FileNotFoundError("sshd")
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        for key in ("host", "user"):
            keygen = ("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / key))
            subprocess.run(keygen, check=True, capture_output=True)
        options = {
            "ListenAddress": f"127.0.0.1:{port}",
            "HostKey": folder / "host",
            "AuthorizedKeysFile": folder / "user.pub",
            "PidFile": "none",
            "StrictModes": "no",
            "UsePAM": "no",
            "PermitRootLogin": "prohibit-password",
        }
        (folder / "config").write_text("".join(f"{name} {value}\n" for name, value in options.items()))
        if Path("/run").is_dir() and getpass.getuser() == "root":
            Path("/run/sshd").mkdir(exist_ok=True)
        with subprocess.Popen([daemon, "-D", "-f", str(folder / "config")]) as process:
            try:
                wait_for(port)
                yield port, folder / "user"
            finally:
                process.terminate()


def free_port() -> int:
    """A port nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def wait_for(port: int) -> None:
    """Returns once something listens there.

    Raises:
        RuntimeError: nothing does, for five seconds.
    """
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"nothing began to listen on {port}")
