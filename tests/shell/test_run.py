"""`%coder run` and `%%coder run` in a real IPython, against real shells."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from coder_nb.errors import CommandFailed, Invalid, InvalidCommand, NotFound
from coder_nb.remote.result import RunResult

Run = Callable[[str], Any]
Shell = Any  # Most of IPython's shell has no types.
Captured = Any


@pytest.fixture(autouse=True)
def web(environment: None, shell: Shell) -> None:
    """The default target."""
    shell.run_cell("%coder use web").raise_error()


def test_a_line_runs_what_follows_the_dashes(run: Run, capsys: Captured) -> None:
    """As it is: pipes, quotes, $ and braces are the shell's there."""
    capsys.readouterr()
    result = run("%coder run -- x=5; echo \"{x} $x\" '$y' | tr 5 6; echo err >&2")
    assert isinstance(result, RunResult)
    assert capsys.readouterr().out == "{x} 6 $y\nerr\nOut[1]: web.main: exit code 0\n"
    assert (result.output, repr(result)) == ("{x} 6 $y\nerr\n", "web.main: exit code 0")


def test_a_cell_is_the_script(run: Run, shell: Shell, capsys: Captured) -> None:
    """To the last character; the result is kept, and it is the cell's value too."""
    result = run(
        "%%coder run web -o kept --cwd /\nset -eu\nfor i in {1..2}; do\n  echo \"$i {i} 'q' \\\\\"\ndone\npwd\n"
    )
    assert result.output == "{1..2} {i} 'q' \\\n/\n"
    assert shell.user_ns["kept"] is result


def test_a_failure_fails_the_cell_and_keeps_the_result(shell: Shell, run: Run, capsys: Captured) -> None:
    """`-o` is assigned before the error is raised; `--ok` takes any code."""
    with pytest.raises(CommandFailed, match=r"web\.main: exit code 3") as caught:
        run("%%coder run -o kept\necho said\nexit 3")
    assert shell.user_ns["kept"] is caught.value.result
    assert (caught.value.code, caught.value.output) == (3, "said\n")
    assert run("%coder run --ok -- exit 4").code == 4
    assert run("x = %coder run --ok -- exit 5;") is None
    assert shell.user_ns["x"].code == 5


def test_variables_travel_by_name(run: Run, shell: Shell, capsys: Captured) -> None:
    """Text, numbers and secrets, which are not shown; nothing else."""
    shell.run_cell("from coder_nb import Secret\nA, B, T, L = \"it's $HOME\", 1.5, Secret('geheim'), []")
    capsys.readouterr()
    result = run('%coder run -e A -e B --env T -- printf "%s|" "$A" "$B" "$T"')
    assert (result.output, capsys.readouterr().out) == (
        "it's $HOME|1.5|geheim|",
        "it's $HOME|1.5|****|\nOut[1]: web.main: exit code 0\n",
    )
    with pytest.raises(InvalidCommand, match="no variable 'AA'") as caught:
        run("%coder run -e AA -- true")
    assert "-e A" in caught.value.hint
    with pytest.raises(InvalidCommand, match="L is a list"):
        run("%coder run -e L -- true")


def test_it_says_where_and_how_long_and_by_what(run: Run, tmp_path: Path) -> None:
    """Each flag is the argument of the same name."""
    assert run(f"%coder run --cwd {tmp_path} -- pwd").output == f"{tmp_path}\n"
    assert run("%%coder run --shell python\nprint(6 * 7)").output == "42\n"
    assert run("%coder run --shell 'bash -u' -- echo ${BASH_VERSION:+bash}").output == "bash\n"
    with pytest.raises(CommandFailed, match="timed out"):
        run("%coder run --timeout 0.2s -- sleep 20")
    with pytest.raises(Invalid, match="no directory"):
        run("%coder run --cwd /no/such -- true")
    with pytest.raises(NotFound, match="no container"):
        run("%coder run --container nope --user root -- true")


@pytest.mark.parametrize("cell", ["%coder run", "%coder run --", "%%coder run\n \n", "%%coder run -- a\nb"])
def test_there_has_to_be_one_thing_to_run(cell: str, run: Run) -> None:
    """Not none, and not two."""
    with pytest.raises(InvalidCommand):
        run(cell)


def test_tokens_of_the_workspace_are_not_shown(run: Run, capsys: Captured) -> None:
    """`env` prints the agent's; the saved notebook has none of it."""
    capsys.readouterr()
    result = run("%coder run -- env; CODER_AGENT_TOKEN=0badc0de-0bad; export CODER_AGENT_TOKEN; env")
    shown = capsys.readouterr().out
    assert "0badc0de" in result.output and "0badc0de" not in shown
    assert "CODER_AGENT_TOKEN=****" in shown


def test_in_the_background_the_value_is_a_job(run: Run, tmp_path: Path) -> None:
    """Which goes on by itself, and is told in the same words each time."""
    job = run(f"%coder run --bg --cwd {tmp_path} -o job -- pwd; echo done; exit 3")
    assert repr(job) == "Job in web.main, started: pwd; echo done; exit 3"
    with pytest.raises(CommandFailed, match="exit code 3"):
        job.result(timeout=20)
    assert job.output_so_far() == f"{tmp_path}\ndone\n"
    job.remove()
    with pytest.raises(InvalidCommand, match="--timeout"):
        run("%coder run --bg --timeout 5s -- true")


def test_unloading_leaves_no_line_open(run: Run) -> None:
    """Nor a thread that would have closed it a moment later."""
    run("%coder run -- true")
    run("%unload_ext coder_nb")
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("coder-nb:")]
