"""Commands over a workspace's terminal: exact in output and exit code on any deployment.

The workspace needs /bin/sh and the usual tools. What is left there is removed by what made it.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from coder_nb.client import Agent
from coder_nb.credentials import Secret
from coder_nb.errors import CommandFailed, ConnectionLost, Invalid, NotFound
from coder_nb.remote.session import Session

from .conftest import Target

MIB = 1024 * 1024


@pytest.fixture
def session(agent: Agent) -> Iterator[Session]:
    """A session in the workspace."""
    with agent.session() as session:
        yield session


@pytest.mark.parametrize("code", [0, 1, 2, 7, 126, 127, 128, 255])
def test_an_exit_code_is_the_scripts_own(agent: Agent, code: int) -> None:
    """Each of them."""
    assert agent.run(f"exit {code}", check=False).code == code


@pytest.mark.parametrize(("signal", "code"), [("KILL", 137), ("TERM", 143)])
def test_a_signal_is_128_and_its_number(agent: Agent, signal: str, code: int) -> None:
    """As a shell says it."""
    assert agent.run(f"kill -{signal} $$", check=False).code == code


@pytest.mark.parametrize("size", [0, 1, 4095, 4096, 4097, 65_536, 65_537, 3 * MIB])
def test_output_of_any_size_is_whole(agent: Agent, size: int) -> None:
    """One line, with and without an end."""
    assert agent.run(f"head -c {size} /dev/zero | tr '\\0' x", text=False).output == b"x" * size
    assert agent.run(f"head -c {size} /dev/zero | tr '\\0' x; echo", text=False).output == b"x" * size + b"\n"


def test_fifty_megabytes_arrive_as_they_were_sent(agent: Agent, target: Target) -> None:
    """By their digest, in all bytes there are."""
    size = 50 * MIB if target.destructive else 5 * MIB
    script = f"head -c {size} /dev/urandom | tee /dev/fd/3 | sha256sum >&2"
    got = agent.run(f"exec 3>&1; {script}", text=False, stderr="separate")
    assert len(got.stdout) == size
    assert hashlib.sha256(got.stdout).hexdigest().encode() == got.stderr.split()[0]


def test_every_byte_arrives(agent: Agent) -> None:
    """Control characters and what is no UTF-8 too, many times over."""
    every = "".join(f"\\{byte:03o}" for byte in range(256))
    got = agent.run(f"n=0; while [ $n -lt 40 ]; do printf '{every}'; n=$((n + 1)); done", text=False)
    assert got.output == bytes(range(256)) * 40


def test_characters_are_whole_in_text(agent: Agent) -> None:
    """Wherever the pieces were cut."""
    seen: list[str] = []
    got = agent.run("n=0; while [ $n -lt 3000 ]; do printf 'äß€𝄞漢'; n=$((n + 1)); done", on_output=seen.append)
    assert got.output == "äß€𝄞漢" * 3000 == "".join(seen)


def test_what_looks_like_a_mark_is_output(agent: Agent) -> None:
    """Only the line's own nonce makes one, and no script is told it."""
    fake = "".join(f"\x1e{letter}{'0123456789abcdef' * 2}{tail}\x1e" for letter in "RLXEZ" for tail in ("", ":0:0"))
    octal = "".join(f"\\{byte:03o}" for byte in fake.encode())
    assert agent.run(f"printf '{octal}'; exit 5", text=False, check=False).output == fake.encode()


def test_both_streams_are_one_in_order_or_two(agent: Agent) -> None:
    """As it is asked for."""
    script = "echo one; echo two >&2; echo three"
    assert agent.run(script).output == "one\ntwo\nthree\n"
    got = agent.run(script, stderr="separate")
    assert (got.stdout, got.stderr) == ("one\nthree\n", "two\n")


def test_input_and_variables_arrive_as_they_are(agent: Agent) -> None:
    """Binary input, and values that no command line could carry."""
    data, value = secrets.token_bytes(200_000), "a 'b' \"c\" $d `e`\n\\f\té"
    got = agent.run('cat; printf %s "$VALUE"', input=data, env={"VALUE": value}, text=False)
    assert got.output == data + value.encode()


def test_a_secret_is_used_and_not_shown(agent: Agent) -> None:
    """The script has it; the result's looks do not."""
    secret = f"not-to-be-seen-{secrets.token_hex(8)}"
    got = agent.run('printf %s "$TOKEN"', env={"TOKEN": Secret(secret)})
    assert got.output == secret
    assert secret not in repr(got) and secret not in got._repr_html_()


def test_it_begins_where_it_is_told(agent: Agent) -> None:
    """And a directory that is not there runs nothing."""
    assert agent.run("pwd", cwd="/tmp").output.strip().endswith("/tmp")
    with pytest.raises(Invalid, match="no directory"):
        agent.run("pwd", cwd="/no/such/place")


def test_a_long_script_runs_whole(agent: Agent) -> None:
    """Far beyond what a terminal's command could be, on lines beyond what a terminal's line could be."""
    script = f": '{'x' * 300_000}'\n" + "\n".join(f"n{n}=1" for n in range(2000)) + "\necho $n0$n1999"
    assert agent.run(script).output == "11\n"


def test_python_runs_as_itself(agent: Agent) -> None:
    """Where there is one."""
    if agent.run("command -v python3", check=False).code:
        pytest.skip("no python3 in this workspace")
    assert agent.run("import sys\nprint(sum(range(10)), file=sys.stderr)", shell="python").output == "45\n"


def test_a_failure_is_an_error_that_has_the_result(agent: Agent) -> None:
    """Unless it is not to be checked."""
    with pytest.raises(CommandFailed) as caught:
        agent.run("echo so far; exit 3")
    assert (caught.value.code, caught.value.output) == (3, "so far\n")


def test_time_that_is_up_interrupts(agent: Agent) -> None:
    """What it wrote until then is there."""
    began = time.monotonic()
    with pytest.raises(CommandFailed) as caught:
        agent.run("echo begun; trap 'echo told; exit 9' INT; while :; do sleep 0.1; done", timeout=2)
    assert caught.value.result.timed_out and caught.value.output == "begun\ntold\n"
    assert time.monotonic() - began < 30


def test_what_is_left_running_is_not_waited_for(agent: Agent) -> None:
    """When it has another place for its output."""
    began = time.monotonic()
    assert agent.run("(sleep 60 >/dev/null 2>&1 &) ; echo done").output == "done\n"
    assert time.monotonic() - began < 30


def test_a_killed_wrapper_leaves_no_exit_code(agent: Agent) -> None:
    """Rather than a wrong one."""
    try:
        got = agent.run("kill -9 $PPID; sleep 1", check=False, timeout=20)
    except ConnectionLost:
        return
    assert got.code is None


def test_a_session_keeps_commands_apart(session: Session) -> None:
    """Each has its own variables, directory and exit code, over one connection."""
    assert session.run("cd /; x=1; exit 4", check=False).code == 4
    assert session.run('echo "[$x]"; pwd').output.splitlines()[0] == "[]"
    assert [session.run(f"echo {n}; exit {n}", check=False).code for n in range(30)] == list(range(30))


def test_a_container_that_is_not_there_runs_nothing(agent: Agent) -> None:
    """Neither there nor beside it."""
    with pytest.raises(NotFound, match="no container"):
        agent.run("true", container="no-such-container")


def test_twenty_at_once_are_each_their_own(agent: Agent) -> None:
    """Each gets its own output and code."""
    check_at_once(agent, 20)


def test_a_hundred_at_once_are_each_their_own(agent: Agent, target: Target) -> None:
    """A hundred terminals of one agent."""
    if not target.destructive:
        pytest.skip("a hundred terminals at once may disturb others: CODER_NB_TEST_DESTRUCTIVE=1 runs it")
    check_at_once(agent, 100)


def check_at_once(agent: Agent, count: int) -> None:
    """So many commands begun together."""
    start = threading.Barrier(count)

    def one(number: int) -> tuple[str, int | None]:
        start.wait(60)
        got = agent.run(f"sleep 0.2; echo {number}; exit {number % 7}", check=False)
        return got.output, got.code

    with ThreadPoolExecutor(count) as pool:
        assert list(pool.map(one, range(count))) == [(f"{n}\n", n % 7) for n in range(count)]
