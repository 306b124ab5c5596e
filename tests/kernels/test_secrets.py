"""A kernel's key and one's token are seen by nobody: on no command line, in no environment, file for others, or log."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from coder_nb.embedded.server import Embedded
from tests.kernels.conftest import Begin


def everywhere_in_proc() -> bytes:
    """The command lines and environments of all processes that can be looked at, but this one's environment."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        for name in ("cmdline",) if process.name == str(os.getpid()) else ("cmdline", "environ"):
            try:
                found.append((process / name).read_bytes())
            except OSError:
                continue
    return b"\n".join(found)


def test_the_key_is_nowhere(server: Embedded, begin: Begin, caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    """But in the two connection files, which only their owner can read."""
    caplog.set_level(logging.DEBUG)
    running = begin()
    key = running.manager.session.key
    connection = running.run("import ipykernel.connect as c; print(open(c.get_connection_file()).read())")[1]
    assert key.decode() in connection
    seen = everywhere_in_proc()
    assert b"ipykernel_launcher" in seen
    assert key not in seen
    assert key.decode() not in caplog.text
    assert server.token.reveal() not in caplog.text
    here = Path(running.manager.connection_file)
    assert (key in here.read_bytes(), here.stat().st_mode & 0o77) == (True, 0)
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and key in path.read_bytes()]
    assert running.run("import os; print([n for n, v in os.environ.items() if 'SESSION_TOKEN' in n])")[1] == "[]\n"
    assert server.token.reveal().encode() not in seen
