"""dRPC: its bytes, its numbers, its limits, and what it does with what is none."""

from __future__ import annotations

import contextlib
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coder_nb.errors import ProtocolError
from coder_nb.rpc.codec.drpc import FRAME, LARGEST, Kind, Packet, Packets, Speaker, error_of, varint


def raw(text: str) -> bytes:
    """Bytes as they are written down."""
    return bytes.fromhex(text.replace(" ", ""))


def read(data: bytes, **more: int) -> list[Packet]:
    """All packets of some bytes."""
    return list(Packets(**more).feed(data))


def test_a_call_with_one_answer_is_these_bytes() -> None:
    """Invoke, message, close-send, and a close."""
    speaker = Speaker()
    assert speaker.invoke("/t.T/Unary") == raw("03 01 01 0a 2f742e542f556e617279")
    assert speaker.message(b"hi") == raw("05 01 02 02 6869")
    assert speaker.close_send() == raw("0d 01 03 00")
    assert speaker.close() == raw("0b 01 04 00")


def test_its_answer_is_understood() -> None:
    """Message and close-send."""
    assert read(raw("05 01 01 05 72653a6869 0d 01 02 00")) == [Packet(Kind.MESSAGE, b"re:hi"), Packet(Kind.CLOSE_SEND)]


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("07 01 01 0c 000000000000000c 626f6f6d", 12, "boom"),
        (
            "07 01 01 30 0000000000000000 70726f746f636f6c206572726f723a20756e6b6e6f776e207270633a2022"
            "2f742e542f4e6f706522",
            0,
            'protocol error: unknown rpc: "/t.T/Nope"',
        ),
    ],
)
def test_an_error_is_a_code_and_a_text(text: str, code: int, said: str) -> None:
    """The code counts eight bytes, the highest first."""
    [packet] = read(raw(text))
    assert packet.kind is Kind.ERROR and error_of(packet.data) == (code, said)
    assert Speaker().error(said, code=code) == raw(text)


def test_an_error_without_a_code_is_a_text() -> None:
    """A server that says less than it must is still understood."""
    assert error_of(b"oh") == (0, "oh")


def test_metadata_of_a_call_is_read_past() -> None:
    """It comes before the call, with a number of its own."""
    got = read(
        raw(
            "0f 01 01 16 0a140a0b7472616365706172656e74120530302d6161 03 01 02 0a 2f742e542f556e617279"
            "05 01 03 00 0d 01 04 00"
        )
    )
    assert [packet.kind for packet in got] == [Kind.METADATA, Kind.INVOKE, Kind.MESSAGE, Kind.CLOSE_SEND]


def test_answers_that_go_on_and_end() -> None:
    """Three messages and a close."""
    got = read(raw("05 01 01 02 7530 05 01 02 02 7531 05 01 03 02 7532 0b 01 04 00"))
    assert [packet.data for packet in got] == [b"u0", b"u1", b"u2", b""]
    assert got[-1].kind is Kind.CLOSE


def test_a_cancel_has_the_control_bit() -> None:
    """As it comes."""
    assert read(raw("89 01 04 00")) == [Packet(Kind.CANCEL)]


def test_a_second_call_on_the_same_stream_is_understood() -> None:
    """Higher stream, numbers from 1 again or not."""
    assert len(read(raw("0d 01 03 00 03 02 02 01 2f 05 02 03 00"))) == 3


def test_a_large_message_is_cut_as_a_go_client_cuts_it() -> None:
    """200,000 bytes: three frames of 65,536, and 3,392."""
    said = Speaker().message(bytes(200_000))
    assert said.startswith(raw("04 01 01 80 80 04")) and said[-3397:][:6] == raw("05 01 01 c0 1a 00")
    assert read(said) == [Packet(Kind.MESSAGE, bytes(200_000))]


def test_a_message_of_no_bytes_is_a_message() -> None:
    """An owner without workspaces."""
    assert read(raw("05 01 01 00")) == [Packet(Kind.MESSAGE, b"")]


def test_frames_of_no_known_kind_with_the_control_bit_are_ignored() -> None:
    """Without it they are refused."""
    assert read(raw("a1 01 01 02 ffff 05 01 01 00")) == [Packet(Kind.MESSAGE, b"")]
    with pytest.raises(ProtocolError, match="unknown kind"):
        read(raw("21 01 01 00"))


def test_a_new_number_gives_up_an_unfinished_packet() -> None:
    """What it had is dropped."""
    assert read(raw("04 01 01 02 6161 05 01 02 01 62")) == [Packet(Kind.MESSAGE, b"b")]


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ("05 01 00 00", "out of turn"),
        ("05 00 01 00", "out of turn"),
        ("05 01 02 00 05 01 02 00", "out of turn"),
        ("05 01 02 00 05 01 01 00", "out of turn"),
        ("04 01 01 00 07 01 01 00", "changes its kind"),
        ("05 01 01 81 80 80 02", "4,194,304 is the most"),
        ("05 ff ff ff ff ff ff ff ff ff ff", "ten bytes"),
        ("05 ff ff ff ff ff ff ff ff ff 7f", "64 bits"),
    ],
)
def test_what_is_no_drpc_is_refused(bad: str, why: str) -> None:
    """With what is wrong about it."""
    with pytest.raises(ProtocolError, match=why):
        read(raw(bad))


def test_a_packet_is_no_larger_than_the_limit_however_it_is_cut() -> None:
    """Each frame is small, all together are not."""
    packets = Packets(largest=100)
    piece = raw("04 01 01 28") + bytes(40)
    assert list(packets.feed(piece + piece)) == []
    with pytest.raises(ProtocolError, match="more than 100 bytes"):
        list(packets.feed(piece))


def test_a_message_that_nobody_would_take_is_not_made() -> None:
    """The other side would end the stream without a word."""
    with pytest.raises(ValueError):
        Speaker().message(bytes(LARGEST + 1))


@given(st.integers(0, 2**64 - 1))
def test_numbers_come_back(number: int) -> None:
    """All of 64 bits, though no message is that large."""
    packets = Packets()
    list(packets.feed(b"\x05" + varint(1)))
    if number > 0:
        list(packets.feed(varint(number) + varint(0)))
        assert packets._last == (1, number)


@given(st.binary(max_size=300))
def test_any_bytes_end_in_packets_or_an_error(data: bytes) -> None:
    """Never in anything else."""
    with contextlib.suppress(ProtocolError):
        read(data, largest=64)


@given(st.lists(st.one_of(st.binary(max_size=200), st.just(bytes(FRAME + 1))), max_size=5), st.data())
@settings(max_examples=60, deadline=None)
def test_how_bytes_are_cut_makes_no_difference(messages: list[bytes], data: st.DataObject) -> None:
    """Messages come back whole and in order."""
    speaker, packets = Speaker(), Packets()
    wire = b"".join(speaker.message(message) for message in messages) + speaker.close()
    got: list[Packet] = []
    while wire:
        cut = data.draw(st.integers(1, len(wire)))
        got += packets.feed(wire[:cut])
        wire = wire[cut:]
    assert [packet.data for packet in got[:-1]] == messages and got[-1].kind is Kind.CLOSE


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 4), st.integers(1, 7)), min_size=2, max_size=6))
def test_what_is_out_of_order_is_refused(numbers: list[tuple[int, int, int]]) -> None:
    """Numbers increase, or it is an error."""
    heads = [bytes([kind << 1 | 1]) + varint(stream) + varint(message) for stream, message, kind in numbers]
    wire = b"".join(head + b"\0" for head in heads)
    ids = [(stream, message) for stream, message, _ in numbers]
    if all(before < after for before, after in pairwise(ids)):
        assert len(read(wire)) == len(numbers)
    else:
        with pytest.raises(ProtocolError):
            read(wire)
