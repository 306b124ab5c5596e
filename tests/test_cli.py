"""The console script: mistakes in two lines, a demo that serves the notebooks, and nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psutil
import pytest

from coder_nb import __version__, demo

SCRIPT = str(Path(sys.executable).with_name("coder-nb"))


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the console script to its end."""
    return subprocess.run([SCRIPT, *arguments], capture_output=True, text=True, timeout=60, check=False)


@contextmanager
def started(*arguments: str, folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The console script while it runs, and the address it printed; `folder` is its place for temporary files."""
    environment = os.environ | {"TMPDIR": str(folder)}
    with subprocess.Popen([SCRIPT, *arguments], env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().split()[-1]
        finally:
            if process.poll() is None:
                process.kill()


def test_version() -> None:
    """`--version` says the package's own."""
    assert run("--version").stdout == f"coder-nb {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["dmo"], "invalid choice: 'dmo'"),
        (["demo", "--port", "x"], "a port is a number from 0 to 65535, not 'x'"),
        (["serve", "--port", "65536"], "a port is a number from 0 to 65535, not '65536'"),
        (["demo", "--prot", "1"], "unrecognized arguments: --prot 1"),
    ],
)
def test_a_wrong_command_line_is_two_lines(arguments: list[str], said: str) -> None:
    """Exit code 2, what is wrong, and what to type."""
    ran = run(*arguments)
    assert ran.returncode == 2
    what, hint = ran.stderr.splitlines()
    assert said in what
    assert hint.startswith("hint: coder-nb")


def test_no_command_explains_the_commands() -> None:
    """Without a command, the help goes to standard error with exit code 2; asked for, to standard output with 0."""
    silent, asked = run(), run("help")
    assert (silent.returncode, silent.stdout) == (2, "")
    assert (asked.returncode, asked.stderr) == (0, "")
    assert silent.stderr == asked.stdout
    assert "serve" in asked.stdout


def test_a_taken_port_is_two_lines() -> None:
    """A port somebody listens on is a failure with exit code 1 that names it."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = run("demo", "--no-browser", "--port", str(port))
    assert ran.returncode == 1
    what, hint = ran.stderr.splitlines()
    assert str(port) in what
    assert hint == "hint: coder-nb demo --port 0"


def test_a_missing_scenario_is_two_lines(tmp_path: Path) -> None:
    """A scenario file that is not there is named."""
    ran = run("serve", "--scenario", str(tmp_path / "none.toml"))
    assert ran.returncode == 1
    assert "none.toml" in ran.stderr.splitlines()[0]
    assert len(ran.stderr.splitlines()) == 2


def test_starting_loads_nothing_heavy() -> None:
    """The command line is parsed without Jupyter, pandas or a server."""
    code = "import sys, coder_nb.cli as c; c.parser(); print(*sys.modules)"
    loaded = set(subprocess.check_output([sys.executable, "-c", code], text=True).split())
    assert "coder_nb.cli" in loaded
    assert not loaded & {"pandas", "IPython", "jupyterlab", "jupyter_server", "tornado", "requests", "psutil"}


def test_notebooks_of_ones_own_are_not_overwritten(tmp_path: Path) -> None:
    """A notebook that is in the folder already stays as it is; the others are copied."""
    (tmp_path / demo.FIRST).write_text("mine")
    demo.copy_notebooks(tmp_path)
    assert (tmp_path / demo.FIRST).read_text() == "mine"
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in demo.example_notebooks()}


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_the_demo_serves_the_notebooks_and_ends_cleanly(end: signal.Signals, tmp_path: Path) -> None:
    """JupyterLab answers with the example notebooks; a signal ends it, its deployment and its files."""
    with started("demo", "--no-browser", "--port", "0", folder=tmp_path) as (process, address):
        token = parse_qs(urlsplit(address).query)["token"][0]
        listing = urllib.request.Request(
            f"http://{urlsplit(address).netloc}/api/contents", headers={"Authorization": f"token {token}"}
        )
        with urllib.request.urlopen(listing, timeout=30) as answer:
            names = {entry["name"] for entry in json.load(answer)["content"]}
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(end)
        assert process.wait(30) == 0
        _, alive = psutil.wait_procs(children, timeout=10)
    assert names == {path.name for path in demo.example_notebooks()}
    assert children, "the deployment runs as a process of its own"
    assert alive == []
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("coder-nb-demo-")] == []


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_kernels_join_the_deployment_that_serves(tmp_path: Path) -> None:
    """`coder-nb serve` is what `connect("demo")` of another process finds, until it ends."""
    code = "import coder_nb; print(coder_nb.connect('demo').credentials.url)"
    with started("serve", folder=tmp_path) as (process, address):
        joined = subprocess.check_output([sys.executable, "-c", code], text=True).strip()
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        afterwards = subprocess.check_output([sys.executable, "-c", code], text=True).strip()
    assert joined == address
    assert afterwards != address
