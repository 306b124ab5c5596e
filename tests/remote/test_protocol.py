"""What is said on a line: marks are found wherever pieces are cut, and half a program never runs."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from coder_nb.api.pty_protocol import LONGEST_COMMAND, command_line, encoded_length
from coder_nb.remote import identity
from coder_nb.remote.line import Line
from coder_nb.remote.protocol import Marks, bootstrap, mark, typed_program
from tests.remote.local import SHELLS, local_line

NONCE = "0123456789abcdef" * 2
CUTS = st.lists(st.integers(0, 999))
BYTES = st.one_of(
    st.binary(max_size=60),
    st.sampled_from(
        [b"\x1e", b"\x1eE", mark("E", NONCE)[:-1], mark("E", NONCE[::-1]), b"\x1eE" + NONCE.encode() + b":"]
    ),
)


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    """The data, cut at these places."""
    places = sorted({cut % (len(data) + 1) for cut in cuts})
    return [data[start:end] for start, end in zip([0, *places], [*places, len(data)], strict=True)]


@given(parts=st.lists(BYTES, max_size=6), codes=st.lists(st.integers(0, 255), max_size=3), cuts=CUTS)
def test_marks_are_found_wherever_it_is_cut(parts: list[bytes], codes: list[int], cuts: list[int]) -> None:
    """And what is no mark of this line is output, to the byte."""
    text = b"".join(parts)
    assume(NONCE.encode() not in text)
    marked = b"".join(b"\x1eE%s:%d\x1e" % (NONCE.encode(), code) for code in codes)
    marks, output, found = Marks(NONCE), b"", []
    for piece in pieces(text + marked + text, cuts):
        for it in marks.feed(piece):
            if isinstance(it, tuple):
                found.append(it)
            else:
                output += it
    assert found == [("E", str(code)) for code in codes]
    assert output + marks.rest() == text + text


@given(data=st.binary(max_size=200))
def test_only_what_may_become_a_mark_is_held_back(data: bytes) -> None:
    """So that output is live: text goes on at once."""
    marks = Marks(NONCE)
    given_out = b"".join(it for it in marks.feed(data) if not isinstance(it, tuple))
    held = marks.rest()
    assert given_out + held == data
    assert not held or mark("E", NONCE).replace(b"E", held[1:2], 1).startswith(held)


@pytest.mark.parametrize("signals", [True, False])
def test_the_command_is_short_enough_to_arrive(signals: bool) -> None:
    """Beyond 900 encoded bytes agents sometimes run nothing and say nothing."""
    text = command_line(bootstrap(identity.nonce(), signals=signals), "/bin/sh")
    assert encoded_length(text) < LONGEST_COMMAND / 2


def answer(line: Line, end: bytes) -> bytes:
    """What is said up to this."""
    said = b""
    while end not in said:
        data = line.read(10)
        assert data, said
        said += data
    return said.partition(end)[0]


@pytest.mark.parametrize("signals", [True, False])
@pytest.mark.parametrize("shell", SHELLS)
def test_programs_arrive_whole(shell: str, signals: bool) -> None:
    """Short and long ones, with quotes, control characters, and every character that UTF-8 has in two bytes."""
    text = 'it\'s \\ $x `y` "z" % \x01\x03\x1a\x1c\x1d\x7f\t\r' + "".join(map(chr, range(0x80, 0x800))) + "€😀"
    with local_line(shell, signals=signals) as (line, _):
        for size in (1, 3, 40):
            line.send(f"cat <<'END'\n{text * size}\nEND\nprintf '\\036Z%s\\036' $_N")
            assert answer(line, mark("Z", line.nonce)).decode() == text * size + "\n"


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("size", [10, 20_000])
@pytest.mark.parametrize("missing", [1, 3, 40])
def test_half_a_program_never_runs(
    shell: str, size: int, missing: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A terminal that hangs up in the middle takes it along, however short the rest is."""
    done = tmp_path_factory.mktemp("half") / "done"
    with local_line(shell) as (line, terminal):
        program = f": {'x' * size}\n: >'{done}'"
        # The end of a short one is a line of its own; that of a long one is the end of a group.
        *before, last = filter(None, typed_program(program, line.nonce, signals=True))
        for text in before:
            line.write(text)
            answer(line, mark("L", line.nonce))
        line.write(last[:-missing])
        terminal.close()
        terminal.program.send_signal(1)
        terminal.program.wait(10)
    assert not done.exists()
