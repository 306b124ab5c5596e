"""Whatever a script writes, and however it ends: its output to the byte and its exit code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coder_nb.client import Agent, connect
from coder_nb.embedded.scenario.load import load_scenario
from coder_nb.embedded.server import Embedded
from coder_nb.remote.session import Session

EXAMPLES = 200


@dataclass(frozen=True)
class Part:
    """A piece of a script, and what it writes."""

    text: str
    out: bytes = b""
    err: bytes = b""


def printed(data: bytes, *, to: str) -> Part:
    """Bytes, written by the shell itself."""
    octal = "".join(f"\\{byte:03o}" for byte in data)
    text = f"printf '{octal}'" + (" >&2" if to == "err" else "")
    return Part(text, **{to: data})


def repeated(letter: str, count: int, *, to: str) -> Part:
    """Much of the same, in one line."""
    text = f"head -c {count} /dev/zero | tr '\\0' {letter}" + (" >&2" if to == "err" else "")
    return Part(text, **{to: letter.encode() * count})


def near_marks(letter: str, nonce: str) -> Part:
    """What looks like a mark of the line's own, but for its nonce."""
    return printed(f"\x1e{letter}{nonce}\x1e\x1eZ".encode(), to="out")


streams = st.sampled_from(["out", "err"])
parts = st.one_of(
    st.builds(printed, st.binary(max_size=300), to=streams),
    st.builds(lambda text, to: printed(text.encode(), to=to), st.text(max_size=80), to=streams),
    st.builds(repeated, st.sampled_from("ax0"), st.integers(0, 200_000), to=streams),
    st.builds(near_marks, st.sampled_from("RLIEXZ"), st.text("0123456789abcdef", min_size=32, max_size=32)),
    st.sampled_from(
        [
            Part("printf '%s' \"$_N\" | tr -d '0-9a-f'"),
            Part("(sleep 0.01; printf late)", out=b"late"),
            Part("printf 'no end'", out=b"no end"),
            Part("sh -c 'printf inner; exit 3' || printf =$?", out=b"inner=3"),
            Part("printf '%s\\n' 'it''s \"$HOME\" \\\\ `here`'", out=b'its "$HOME" \\\\ `here`\n'),
            Part("cat <<'X'\n\x1e{}$()\nX\n", out=b"\x1e{}$()\n"),
            Part("trap 'printf bye' EXIT; trap - EXIT"),
        ]
    ),
)


@pytest.fixture(scope="module")
def agent() -> Iterator[Agent]:
    """An agent with a real shell behind it."""
    with Embedded(load_scenario()) as server:
        server.site.api_limit.limit = 10**9
        with connect(server.url, token=server.token) as coder:
            yield coder.agent("web")


@pytest.fixture(scope="module")
def session(agent: Agent) -> Iterator[Session]:
    """One session for all examples."""
    with agent.session() as session:
        yield session


def script_of(pieces: list[Part], code: int) -> str:
    """The pieces one after another, then the exit."""
    return "\n".join(["set -f", *(piece.text for piece in pieces), f"exit {code}"])


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(pieces=st.lists(parts, max_size=6), code=st.integers(0, 255), input=st.none() | st.binary(max_size=5000))
def test_a_run_is_exact(agent: Agent, pieces: list[Part], code: int, input: bytes | None) -> None:
    """Standard output and error apart, the exit code, and the input as it arrives there."""
    if input is not None:
        pieces = [*pieces, Part("cat", out=input)]
    got = agent.run(script_of(pieces, code), input=input, stderr="separate", text=False, check=False)
    assert got.stdout == b"".join(piece.out for piece in pieces)
    assert got.stderr == b"".join(piece.err for piece in pieces)
    assert got.code == code
    assert not got.truncated


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(pieces=st.lists(parts, max_size=6), code=st.integers(0, 255), value=st.text(max_size=200))
def test_a_command_of_a_session_is_exact(session: Session, pieces: list[Part], code: int, value: str) -> None:
    """Merged, both come in the order in which they were written; a variable has its value to the character."""
    value = value.replace("\0", "").encode("utf-8", "ignore").decode()
    pieces = [*pieces, Part('printf %s "$VALUE"', out=value.encode())]
    got = session.run(script_of(pieces, code), env={"VALUE": value}, text=False, check=False)
    assert got.output == b"".join(piece.out + piece.err for piece in pieces)
    assert got.code == code
