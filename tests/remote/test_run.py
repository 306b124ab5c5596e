"""A script runs as it would alone: its output to the byte, its exit code, whatever the shell there is."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coder_nb.credentials import Secret
from coder_nb.errors import AgentUnavailable, ConnectionLost, Invalid
from coder_nb.remote.line import Line
from coder_nb.remote.result import RunResult
from coder_nb.remote.run import Run, Want
from coder_nb.remote.script import Script
from tests.remote.local import SHELLS, Terminal, local_line


class Place:
    """A line, the terminal it is on, and how scripts are run on it."""

    def __init__(self, line: Line, terminal: Terminal) -> None:
        self.line, self.terminal = line, terminal
        self.last: Run | None = None

    def run(self, text: str, *, want: Want | None = None, **script: Any) -> RunResult[Any]:
        """Runs a script; the line must be good for another."""
        self.last = Run(self.line, Script(text, **script), want or Want(as_text=False))
        return self.last.wait()

    def output(self, text: str, **script: Any) -> bytes:
        """The output of a script that ends well."""
        result = self.run(text, **script)
        assert result.code == 0, result
        assert self.last is not None and self.last.reusable
        return bytes(result.stdout)


@pytest.fixture(params=SHELLS)
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    """A line to each of the shells that are here."""
    with local_line(request.param) as (line, terminal):
        yield Place(line, terminal)


@pytest.fixture
def dash() -> Iterator[Place]:
    """A line to one shell, where the shell makes no difference."""
    with local_line("dash") as (line, terminal):
        yield Place(line, terminal)


ASCII = st.text(st.characters(max_codepoint=127, exclude_characters="\0"), max_size=40)
TEXT = st.one_of(ASCII, st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40))
QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@QUICK
@given(data=st.binary(max_size=300), code=st.integers(0, 255), size=st.sampled_from([1, 1, 50, 3000]))
def test_output_and_exit_code_are_exact(place: Place, data: bytes, code: int, size: int) -> None:
    """Every byte, none at the end, and every code."""
    octal = "".join(f"\\{byte:03o}" for byte in data)
    result = place.run(f"i=0; while [ $i -lt {size} ]; do printf '{octal}'; i=$((i+1)); done; exit {code}")
    assert (result.stdout, result.code) == (data * size, code)


@QUICK
@given(text=TEXT, value=TEXT, data=st.binary(max_size=300), size=st.sampled_from([1, 1, 400]))
def test_what_goes_in_arrives_as_it_is(place: Place, text: str, value: str, data: bytes, size: int) -> None:
    """The script's own text, a variable, and the input."""
    script = f"cat <<'…END…'\n{text * size}\n…END…\nprintf %s \"$V\"; cat"
    output = place.output(script, env={"V": Secret(value)}, input=data * size)
    assert output == f"{text * size}\n{value}".encode() + data * size


def test_megabytes_go_in_and_out(dash: Place) -> None:
    """As fast as they come, in order."""
    data = os.urandom(3_000_000)
    assert dash.output("cat", input=data) == data
    assert dash.output(f": {'é' * 500_000}\necho ok") == b"ok\n"


def test_there_is_no_terminal_and_nothing_to_read(place: Place) -> None:
    """So nothing asks, and nothing waits for an answer."""
    script = "[ -t 0 ] || [ -t 1 ] || [ -t 2 ] || echo none; cat"
    assert place.output(script) == b"none\n"
    assert place.output(script, input=b"") == b"none\n"


def test_standard_error_is_within_the_output_or_apart(place: Place) -> None:
    """In order where it is within; at the end, and whole, where it is apart."""
    script = "echo a; echo b >&2; echo c; printf d >&2"
    assert place.output(script) == b"a\nb\nc\nd"
    result = place.run(script, separate=True)
    assert (result.stdout, result.stderr, result.output) == (b"a\nc\n", b"b\nd", b"a\nc\nb\nd")
    assert place.run("head -c 100000 /dev/zero >&2", separate=True).stderr == bytes(100_000)


def test_one_leaves_nothing_behind_for_the_next(place: Place) -> None:
    """Neither variables nor directories, traps, options or functions."""
    place.output("cd /; X=1; export X; set -eu; trap 'echo trapped' EXIT; f() { :; }", env={"Y": "2"}, cwd="/tmp")
    assert place.output('echo "$X$Y"; command -v f; pwd; false; echo on') == f"\n{Path.cwd()}\non\n".encode()


def test_no_file_of_it_is_left(place: Place, tmp_path: Path) -> None:
    """While it runs there is none either, under any name."""
    script = f"ls -A '{tmp_path}'; cat; echo err >&2"
    with local_line("dash") as (line, terminal):
        other = Place(line, terminal)
        other.line.send(f"export TMPDIR='{tmp_path}'")
        result = other.run(script, input=b"in\n", separate=True)
    assert (result.stdout, result.stderr, list(tmp_path.iterdir())) == (b"in\n", b"err\n", [])


def test_nothing_of_it_is_on_a_command_line(dash: Place) -> None:
    """Who lists the processes there sees neither script, variables nor input."""
    script = ": words-of-the-script\nfor p in /proc/[0-9]*; do tr '\\0' ' ' <$p/cmdline 2>/dev/null; done"
    listed = dash.output(script, env={"A": "words-of-a-variable"}, input=b"words-of-the-input")
    assert b"/dev/fd/9" in listed
    assert b"words-of" not in listed


def test_it_begins_where_it_is_told(place: Place, tmp_path: Path) -> None:
    """Whatever the directory is called; `~` is the home, and CDPATH leads nowhere else."""
    odd = tmp_path / "-a 'b' $c\nd"
    odd.mkdir()
    assert place.output("pwd", cwd=str(odd)) == f"{odd}\n".encode()
    assert place.output("pwd", cwd="~").decode().strip() == str(Path.home().resolve())
    place.line.send("CDPATH=/; export CDPATH")
    with pytest.raises(Invalid, match=r"nothing was run.*no directory 'tmp'"):
        place.run("echo ran", cwd="tmp")
    assert place.output("echo on") == b"on\n"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may enter every directory")
def test_a_directory_that_is_closed_is_told_from_one_that_is_not_there(dash: Place, tmp_path: Path) -> None:
    """The message says which it is."""
    (tmp_path / "closed").mkdir(mode=0)
    with pytest.raises(Invalid, match="not allowed to enter"):
        dash.run("echo ran", cwd=str(tmp_path / "closed"))


@pytest.mark.parametrize(
    ("script", "shell", "output", "code"),
    [
        ('echo $0 | head -c 4; [ -n "$BASH_VERSION" ]', "bash", b"/dev", 0),
        ("false; echo on", "bash -e", b"", 1),
        ("import sys, os\nprint(sys.path[0] == '', __name__, input())", "python", b"True __main__ in\n", 0),
        ("import sys\nsys.exit(7)", "python", b"", 7),
        ("puts 1", "no-such-interpreter", None, 127),
    ],
)
def test_it_is_run_by_what_is_asked_for(place: Place, script: str, shell: str, output: bytes | None, code: int) -> None:
    """With its arguments; one that is not there gives what it gives in a shell."""
    result = place.run(script, shell=shell, input=b"in\n")
    assert result.code == code
    assert output is None or result.stdout == output


def test_a_python_script_shows_its_lines_when_it_fails(dash: Place) -> None:
    """As a file would, and nothing of how it was run."""
    said = dash.run("def f():\n    return 1/0\n\nf()\n", shell="python").stdout.decode()
    assert said.startswith('Traceback (most recent call last):\n  File "<script>", line 4, in <module>\n    f()\n')
    assert "return 1/0" in said and "<string>" not in said
    assert "print(1" in dash.run("print(1", shell="python").stdout.decode()


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("kill -9 $$", 137),
        ("kill -TERM $$", 143),
        ("kill 0; sleep 10", 143),
        ("trap 'kill 0' EXIT; exit 0", 143),
        ("kill -9 $PPID; sleep 0.2; echo on", None),
        ("exec 1>&- 2>&-; exit 3", 3),
    ],
)
def test_what_ends_it_tells_its_code(place: Place, script: str, code: int | None) -> None:
    """128 and the signal's number after a signal; none where what watches it was killed."""
    assert place.run(script).code == code
    assert place.output("echo on") == b"on\n"


def test_it_lasts_as_long_as_its_output_is_open(dash: Place) -> None:
    """So that all of it is there; who redirects is not waited for."""
    assert dash.output("(sleep 0.3; echo late) & echo now") == b"now\nlate\n"
    began = time.monotonic()
    assert dash.output("sleep 30 >/dev/null 2>&1 & echo now") == b"now\n"
    assert time.monotonic() - began < 20


@pytest.mark.parametrize(
    "bad",
    [
        {"text": "a\0b"},
        {"text": "\ud800"},
        {"text": "", "env": {"A=B": "1"}},
        {"text": "", "env": {"A": "\0"}},
        {"text": "", "cwd": "\0"},
        {"text": "", "shell": " "},
        {"text": "", "shell": "'"},
    ],
)
def test_what_no_shell_can_take_is_refused_first(bad: dict[str, Any]) -> None:
    """Before anything is sent."""
    with pytest.raises(Invalid):
        Script(**bad)


def test_what_is_missing_there_is_told(dash: Place) -> None:
    """In its own words, and that nothing was run."""
    dash.line.send("export TMPDIR=/no/such/place")
    with pytest.raises(AgentUnavailable, match=r"nothing was run.*/no/such/place"):
        dash.run("echo ran", input=b"x")


def test_a_line_that_breaks_leaves_the_fate_open(dash: Place) -> None:
    """The error has what came until then."""
    seen: list[str] = []

    def output(text: str) -> None:
        seen.append(text)
        dash.terminal.hang_up()

    with pytest.raises(ConnectionLost, match="unknown") as caught:
        dash.run("echo before; sleep 30", want=Want(on_output=output))
    assert (caught.value.output, seen) == ("before\n", ["before\n"])


def test_time_that_is_up_interrupts(dash: Place) -> None:
    """Which the script can answer; its output is there, and the line is good for more."""
    want = Want(timeout=0.3)
    result = dash.run("trap 'echo bye; exit 4' INT; echo hi; while :; do sleep 0.05; done", want=want)
    assert (result.code, result.timed_out, result.ok, result.output) == (4, True, False, "hi\nbye\n")
    assert dash.run("sleep 30", want=want).code == 130
    assert dash.output("echo on") == b"on\n"


def test_who_does_not_listen_is_ended(dash: Place) -> None:
    """Then there is no exit code, and the group that may be left is told."""
    result = dash.run("trap '' INT QUIT; echo hi; sleep 30", want=Want(timeout=0.2, grace=0.2))
    assert (result.code, result.timed_out, result.output) == (None, True, "hi\n")
    assert dash.last is not None and dash.last.left is not None and not dash.last.reusable
    os.killpg(dash.last.left, signal.SIGKILL)


def interrupting(*pauses: float) -> Callable[[str], None]:
    """Presses Ctrl-C when output has come, and again after each pause."""

    def press(_: str) -> None:
        def later() -> None:
            for pause in pauses:
                time.sleep(pause)
                os.kill(os.getpid(), signal.SIGINT)

        threading.Thread(target=later).start()

    return press


def test_ctrl_c_is_passed_on_and_waited_for(dash: Place) -> None:
    """The script says how it ends, and nothing of its output is lost."""
    script = "trap 'head -c 200000 /dev/zero; exit 5' INT; echo hi; while :; do sleep 0.05; done"
    press = interrupting(0)
    pressed: list[bytes] = []

    def output(data: bytes) -> None:
        if not pressed:
            pressed.append(data)
            press("")

    result = dash.run(script, want=Want(as_text=False, on_output=output))
    assert (result.code, result.interrupted, len(result.stdout)) == (5, True, 200_003)


def test_a_second_ctrl_c_ends_it(dash: Place) -> None:
    """Whatever the script thinks of it, and at once."""
    with pytest.raises(KeyboardInterrupt):
        dash.run("trap '' INT; echo hi; sleep 30", want=Want(on_output=interrupting(0, 0.3)))
    assert dash.terminal.program.wait(10) != 0
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_error_of_who_listens_ends_it(dash: Place) -> None:
    """And is what comes out."""

    def output(text: str) -> None:
        raise ValueError(text)

    with pytest.raises(ValueError, match="hi"):
        dash.run("echo hi; sleep 30", want=Want(on_output=output))
    assert dash.terminal.program.wait(10) != 0


def test_output_is_told_as_it_comes(dash: Place) -> None:
    """In whole characters, and whoever waits is told that too."""
    told: list[str] = []
    waited: list[float] = []
    script = "printf 'a\\303'; sleep 0.4; printf '\\251b\\377\\303'"
    result = dash.run(script, want=Want(on_output=told.append, on_wait=waited.append))
    assert (result.output, "".join(told), told[0]) == ("aéb\ufffd\ufffd",) * 2 + ("a",)
    assert waited and max(waited) > 0.1


def test_too_much_is_counted_and_can_be_had_as_a_file(dash: Place, tmp_path: Path) -> None:
    """Standard error counts too."""
    want = Want(as_text=False, kept=1000, spool=tmp_path / "all")
    result = dash.run("head -c 900 /dev/zero; head -c 500 /dev/zero >&2", separate=True, want=want)
    assert (len(result.stdout), len(result.stderr), result.truncated) == (900, 100, 400)
    result = dash.run("head -c 5000 /dev/zero", want=want)
    assert (len(result.stdout), result.truncated, (tmp_path / "all").stat().st_size) == (1000, 4000, 5000)


def test_input_that_is_interrupted_runs_nothing(dash: Place, tmp_path: Path) -> None:
    """Neither Ctrl-C nor the time that is up waits for the rest of it; the script is given all of it or not begun."""
    script, data = f": >'{tmp_path}/ran'; cat >/dev/null", bytes(200_000_000)
    with pytest.raises(KeyboardInterrupt):
        interrupting(0.2)("")
        dash.run(script, input=data)
    with local_line("dash") as (line, terminal):
        result = Place(line, terminal).run(script, input=data, want=Want(timeout=0.2))
    assert (result.code, result.timed_out) == (None, True)
    assert not list(tmp_path.iterdir())


def test_a_second_ctrl_c_gets_through_to_who_is_stuck(dash: Place) -> None:
    """Such as a callback that does not end."""

    def stuck(text: str) -> None:
        interrupting(0.05, 0.05)("")
        threading.Event().wait(30)

    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        dash.run("echo hi; sleep 30", want=Want(on_output=stuck))
    assert time.monotonic() - began < 20
    assert dash.terminal.program.wait(10) != 0
