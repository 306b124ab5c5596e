"""The bytes of a WebSocket: frames as an endpoint has them, and the ends that clients bring about."""

from __future__ import annotations

import pytest

from coder_nb.embedded.http.websocket import MAX_MESSAGE, Ending, Heard, Manners, WebSocket

ONE_WAY = Manners(unwanted=Ending(1002, "no"), reads=True)


def frame(opcode: int, data: bytes = b"", *, last: bool = True) -> bytes:
    """A client's frame, with a mask that changes nothing."""
    size = len(data)
    length = bytes([0x80 | size]) if size < 126 else b"\xfe" + size.to_bytes(2, "big")
    return bytes([(0x80 if last else 0) | opcode]) + length + bytes(4) + data


@pytest.mark.parametrize(
    ("manners", "sent"),
    [
        (Manners(), b"\x81\x03hi\n"),
        (Manners(binary=True), b"\x82\x03hi\n"),
        (Manners(split=True), b"\x01\x03hi\n\x80\x00"),
        (Manners(binary=True, split=True), b"\x02\x03hi\n\x80\x00"),
    ],
)
def test_a_message_has_the_frames_of_its_endpoint(manners: Manners, sent: bytes) -> None:
    """Whole, or one frame that is not the last and an empty one that is."""
    socket = WebSocket(manners)
    assert [socket.message(b"hi\n") for _ in range(2)] == [sent, sent]


def test_pings_are_numbered_and_only_the_last_one_is_answered() -> None:
    """A pong with another number is none."""
    socket = WebSocket(Manners())
    assert [socket.ping(), socket.ping()] == [b"\x89\x011", b"\x89\x012"]
    assert not socket.receive(frame(10, b"1")).pong
    assert socket.receive(frame(10, b"2")).pong


def test_a_clients_ping_is_answered_byte_by_byte() -> None:
    """However it is cut on the way."""
    socket = WebSocket(Manners())
    heard = [socket.receive(bytes([byte])) for byte in frame(9, b"hello")]
    assert b"".join(one.answer for one in heard) == b"\x8a\x05hello"
    assert all(one.ending is None for one in heard)


def test_data_ends_a_socket_that_reads_none_at_once() -> None:
    """With the first byte, before the message is whole."""
    heard = WebSocket(Manners()).receive(frame(1, b"h", last=False))
    assert heard.ending == Ending(1008, "unexpected data message")
    assert not heard.theirs


def test_data_ends_a_one_way_socket_when_it_is_whole() -> None:
    """Up to 32 KiB, in as many frames as it likes."""
    socket = WebSocket(ONE_WAY)
    assert socket.receive(frame(1, b"x" * (MAX_MESSAGE - 1), last=False)) == Heard()
    assert socket.receive(frame(0, b"y")).ending == Ending(1002, "no")


def test_a_message_that_is_too_big_is_not_waited_for() -> None:
    """One byte more than 32 KiB ends the socket with 1009."""
    heard = WebSocket(ONE_WAY).receive(frame(2, b"x" * (MAX_MESSAGE + 1), last=False))
    assert heard.ending == Ending(1009, "read limited at 32769 bytes")


def test_a_close_frame_is_sent_once_and_a_clients_is_echoed() -> None:
    """With the code and the reason of whoever began."""
    ours = WebSocket(Manners())
    assert ours.close(Ending(1000, "done")) == b"\x88\x06\x03\xe8done"
    assert ours.close(Ending(1000, "done")) == b""
    theirs = WebSocket(Manners())
    heard = theirs.receive(frame(8, b"\x03\xe9bye"))
    assert (heard.ending, heard.theirs) == (Ending(1001, "bye"), True)
    assert heard.ending
    assert theirs.close(heard.ending) == b"\x88\x05\x03\xe9bye"


def test_what_is_no_frame_ends_a_socket_with_a_protocol_error() -> None:
    """A reserved opcode, here; nothing more is read."""
    heard = WebSocket(Manners()).receive(frame(3, b"x"))
    assert heard.ending
    assert (heard.ending.code, heard.theirs) == (1002, True)


def test_the_end_of_the_connection_is_the_end() -> None:
    """Without a code of its own."""
    assert WebSocket(Manners()).receive(b"") == Heard(ending=Ending(1006), theirs=True)
