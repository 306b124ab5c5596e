"""What outlives a command: files and background jobs, on any deployment; and commands that are interrupted.

Everything is under one folder of the workspace's /tmp, or is a job, and removed afterwards.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from coder_nb.client import Agent, connect
from coder_nb.errors import CommandFailed, NotFound

from .conftest import Target

MIB = 1024 * 1024


@pytest.fixture
def folder(agent: Agent) -> Iterator[str]:
    """A folder in the workspace."""
    path = f"/tmp/coder-nb-{secrets.token_hex(8)}"
    agent.run(f"mkdir {path}")
    yield path
    agent.run(f"rm -rf {path}")


@pytest.mark.parametrize("size", [0, 1, 4096, 65_537, 5 * MIB])
def test_a_file_comes_back_as_it_went(agent: Agent, folder: str, tmp_path: Path, size: int) -> None:
    """Every byte of it, and what is in the workspace meanwhile is the same."""
    data = secrets.token_bytes(size)
    (tmp_path / "here").write_bytes(data)
    assert agent.put(tmp_path / "here", f"{folder}/there").size == size
    said = agent.run(f"sha256sum <{folder}/there").output
    assert said.split()[0] == hashlib.sha256(data).hexdigest()
    agent.get(f"{folder}/there", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == data


def test_a_folder_comes_back_as_it_went(agent: Agent, folder: str, tmp_path: Path) -> None:
    """With hostile names, and what may be executed."""
    source = tmp_path / "source"
    (source / "in ner").mkdir(parents=True)
    (source / "in ner" / "a'b\"$c `d`\n").write_bytes(bytes(range(256)))
    (source / "run").write_text("#!/bin/sh\necho well\n")
    (source / "run").chmod(0o755)
    agent.put(source, f"{folder}/copy")
    assert agent.run(f"{folder}/copy/run").output == "well\n"
    agent.get(f"{folder}/copy", tmp_path / "back")
    assert (tmp_path / "back" / "in ner" / "a'b\"$c `d`\n").read_bytes() == bytes(range(256))
    assert os.access(tmp_path / "back" / "run", os.X_OK)


def test_text_is_written_read_and_listed(agent: Agent, folder: str) -> None:
    """And what is not there is said."""
    agent.write_text(f"{folder}/note", "äß€𝄞\n")
    assert agent.read_text(f"{folder}/note") == "äß€𝄞\n"
    listed = agent.ls(folder)
    assert list(listed["name"]) == ["note"] and list(listed["size"]) == [12]
    with pytest.raises(NotFound):
        agent.read_text(f"{folder}/none")


def test_a_job_outlives_the_client_and_is_found_again(agent: Agent, folder: str, target: Target) -> None:
    """From another connection, with its output from the first byte, and its code."""
    script = f"echo begun; while [ ! -e {folder}/go ]; do sleep 0.1; done; echo ended >&2; exit 6"
    with connect(target.url, token=target.token) as first:
        job = first.agent(target.workspace).run(script, background=True)
        assert job.poll() is None
        job.close()
    assert job.id in set(agent.jobs()["id"])
    again = agent.job(job.id)
    assert again.status().running
    agent.run(f"touch {folder}/go")
    got = again.result(timeout=60, check=False)
    assert (got.code, got.output) == (6, "begun\nended\n")
    again.remove()
    assert job.id not in set(agent.jobs()["id"])


def test_a_job_is_ended_with_all_it_has_started(agent: Agent) -> None:
    """Which leaves no code of its own choosing."""
    job = agent.run("sleep 300 & sleep 300; exit 0", background=True)
    job.kill()
    assert job.wait(timeout=30) != 0
    job.remove()


def test_a_child_that_keeps_the_output_is_waited_for(agent: Agent) -> None:
    """All it writes is part of it, and the code is the script's."""
    got = agent.run("(sleep 0.5; echo late) & echo early; exit 3", check=False)
    assert (got.output, got.code) == ("early\nlate\n", 3)


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is no signal to one process there")
def test_ctrl_c_is_passed_on(agent: Agent) -> None:
    """The script may answer; its output and code are kept."""
    pressed = threading.Event()

    def press(_: str) -> None:
        if not pressed.is_set():
            pressed.set()
            os.kill(os.getpid(), signal.SIGINT)

    began = time.monotonic()
    script = "trap 'echo told; exit 9' INT; echo begun; while :; do sleep 0.1; done"
    with pytest.raises(CommandFailed) as caught:
        agent.run(script, on_output=press)
    assert (caught.value.code, caught.value.output) == (9, "begun\ntold\n")
    assert caught.value.result.interrupted
    assert time.monotonic() - began < 30
