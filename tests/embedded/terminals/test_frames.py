"""The bytes of a terminal's WebSocket."""

from __future__ import annotations

from coder_nb.embedded.http.websocket import Ending
from coder_nb.embedded.terminals.frames import Frames


def frame(opcode: int, data: bytes = b"", *, last: bool = True) -> bytes:
    """A client's frame, with a mask that changes nothing."""
    return bytes([(0x80 if last else 0) | opcode, 0x80 | len(data)]) + bytes(4) + data


def test_output_is_one_final_binary_frame() -> None:
    """However little it is."""
    assert Frames().message(b"hi") == b"\x82\x02hi"


def test_binary_data_counts_as_it_comes() -> None:
    """Before its message is whole, and across messages."""
    frames = Frames()
    assert frames.receive(frame(2, b"{", last=False)).typed == b"{"
    assert frames.receive(frame(0, b"}") + frame(2) + frame(2, b"{}")).typed == b"}{}"


def test_text_ends_it_after_what_came_before() -> None:
    """With the words of a real server."""
    heard = Frames().receive(frame(2, b"{}") + frame(1, b"{}"))
    assert heard.typed == b"{}"
    assert heard.ending == Ending(1003, "unexpected frame type read (expected MessageBinary): MessageText")
    assert not heard.theirs


def test_pings_are_numbered_answered_and_told_apart() -> None:
    """Ours by their number, the client's by their payload."""
    frames = Frames()
    assert [frames.ping(), frames.ping()] == [b"\x89\x011", b"\x89\x012"]
    assert not frames.receive(frame(10, b"1")).pong
    assert frames.receive(frame(10, b"2")).pong
    assert frames.receive(frame(9, b"hello")).answer == b"\x8a\x05hello"


def test_a_close_is_echoed_and_sent_once() -> None:
    """Whatever code it has."""
    frames = Frames()
    heard = frames.receive(frame(8, b"\x0f\xa0bye"))
    assert (heard.ending, heard.theirs) == (Ending(4000, "bye"), True)
    assert heard.ending
    assert frames.close(heard.ending) == b"\x88\x05\x0f\xa0bye"
    assert frames.close(heard.ending) == b""


def test_the_end_of_the_connection_is_the_clients_last_word() -> None:
    """Without a code of its own."""
    heard = Frames().receive(b"")
    assert (heard.ending, heard.theirs) == (Ending(1006), True)
