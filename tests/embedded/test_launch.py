"""Joining or starting a deployment: one child, no token where others could read it, gone with its parent."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from coder_nb.embedded import launch, runtime
from coder_nb.errors import ConfigurationError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sessions, modes and /proc are POSIX")


@pytest.fixture(autouse=True)
def own_runtime_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No deployment of this machine's user is found or replaced."""
    tmp_path.chmod(0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))


@pytest.fixture
def demo() -> Iterator[launch.Demo]:
    """A deployment of the test's own, for ada and bob."""
    with launch.start(here=False, users=("ada", "bob")) as started:
        yield started


def python(code: str) -> subprocess.Popen[str]:
    """Runs code in a process of its own that prints one line and then waits for a line."""
    return subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


STARTS = """
import json, sys
from coder_nb.embedded import launch
first, second = launch.join_or_start(), launch.join_or_start()
print(json.dumps([first.url, second.url, first.source, launch._own.pid if launch._own else 0]), flush=True)
sys.stdin.readline()
"""


def test_a_child_is_ready_closed_and_shows_no_token(demo: launch.Demo) -> None:
    """It answers at once; its repr is an address; closing twice is fine."""
    assert runtime.answers(runtime.Notice(demo.url, demo.token, _id(demo.url), demo.pid))
    assert set(demo.tokens) == {"ada", "bob"}
    assert repr(demo) == f"Demo({demo.url!r})"
    assert demo.alive
    demo.close()
    demo.close()
    assert not demo.alive
    assert not psutil.pid_exists(demo.pid)


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")
def test_no_token_is_in_the_childs_arguments_or_environment(demo: launch.Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other users of the machine read arguments; nor does the child get this process's CODER_ variables."""
    monkeypatch.setenv("CODER_SESSION_TOKEN", "0123456789-0123456789012345678901")
    with launch.start(scenario=None, here=False) as other:
        for child in (demo, other):
            facts = Path(f"/proc/{child.pid}")
            shown = (facts / "cmdline").read_bytes() + (facts / "environ").read_bytes()
            assert b"coder_nb.embedded" in shown
            assert b"CODER_SESSION_TOKEN" not in shown
            for token in child.tokens.values():
                assert token.reveal().encode() not in shown


def test_the_child_is_out_of_reach_of_ctrl_c(demo: launch.Demo) -> None:
    """It has a session of its own, so a terminal's interrupt does not come to it."""
    assert os.getsid(demo.pid) == demo.pid != os.getsid(0)


def test_a_killed_parent_takes_its_deployment_along() -> None:
    """Whatever ends a kernel, even SIGKILL, ends what it started; and join_or_start starts only one."""
    parent = python(STARTS)
    assert parent.stdout
    first, second, source, pid = json.loads(parent.stdout.readline())
    assert (first, source) == (second, "a demo deployment of this process")
    child = psutil.Process(pid)
    parent.kill()
    parent.communicate()
    psutil.wait_procs([child], timeout=10)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_a_parent_that_ends_leaves_nothing() -> None:
    """At a normal end nothing is left, and nothing was said on standard error."""
    parent = python(STARTS)
    assert parent.stdout
    pid = json.loads(parent.stdout.readline())[3]
    _output, errors = parent.communicate("\n", timeout=20)
    assert (parent.returncode, errors) == (0, "")
    assert not psutil.pid_exists(pid)


def test_a_published_deployment_is_joined_until_it_ends() -> None:
    """Another process joins it instead of starting its own; afterwards it is not found, and its file is gone."""
    assert launch.running() is None
    with launch.serve() as served:
        found = launch.running()
        assert found is not None
        assert (found.url, found.token) == (served.url, served.token)
        joiner = python(STARTS)
        output, errors = joiner.communicate("\n", timeout=20)
        url, _second, _source, own = json.loads(output)
        assert (url, own, errors) == (served.url, 0, "")
    assert launch.running() is None
    assert not runtime.path().exists()


def test_a_deployment_that_was_killed_is_not_found() -> None:
    """Its file is left behind, and not believed."""
    with launch.serve() as served:
        psutil.Process(served.pid).kill()
        launch.wait(served)
        assert runtime.path().exists()
        assert launch.running() is None


def test_a_deployment_of_ones_own_is_not_published(demo: launch.Demo) -> None:
    """What ends with a kernel is nothing for others to join."""
    assert launch.running() is None


def test_a_child_that_cannot_start_says_why(demo: launch.Demo, tmp_path: Path) -> None:
    """A taken port and a bad scenario are configuration errors with a hint, and leave no process."""
    before = set(psutil.Process().children())
    with pytest.raises(ConfigurationError, match="cannot listen"):
        launch.start(port=int(demo.url.rpartition(":")[2]), here=False)
    bad = tmp_path / "bad.toml"
    bad.write_text("now = ", "utf-8")
    with pytest.raises(ConfigurationError, match=r"bad\.toml") as error:
        launch.start(scenario=bad)
    assert error.value.hint
    assert set(psutil.Process().children()) == before


def test_a_fork_leaves_the_deployment_alone(demo: launch.Demo) -> None:
    """A forked worker that closes everything it inherited does not end its parent's deployment."""
    code = os.fork()
    if code == 0:
        demo.close()
        os._exit(0 if not demo.alive else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(code, 0)[1]) == 0
    assert demo.alive


def test_importing_the_launcher_loads_no_server() -> None:
    """`connect()` pays for tornado, psutil and the server only in the child."""
    code = (
        "import sys, coder_nb.embedded.launch; "
        "print(sorted({'tornado', 'psutil', 'asyncio', 'tomllib'} & set(sys.modules)))"
    )
    output, errors = python(code).communicate(timeout=20)
    assert (output.strip(), errors) == ("[]", "")


def _id(url: str) -> str:
    from http.client import HTTPConnection
    from urllib.parse import urlsplit

    connection = HTTPConnection(urlsplit(url).netloc, timeout=10)
    connection.request("GET", "/api/v2/buildinfo")
    text: str = json.loads(connection.getresponse().read())["deployment_id"]
    connection.close()
    return text
