"""Sessions: what ends them, what does not, and that nobody waits for nothing."""

from __future__ import annotations

import contextlib
import signal
import threading
import time

import pytest
from google.protobuf.empty_pb2 import Empty
from hypothesis import given, settings
from hypothesis import strategies as st

from coder_nb.errors import CoderError, ProtocolError, TransportError
from coder_nb.rpc.call import Answers, Calls
from coder_nb.rpc.codec.yamux import WINDOW, Ponged
from coder_nb.rpc.endpoints import Endpoint
from tests.rpc.standin import SECONDS, Standin

TEST = Endpoint("/test", "2.0", frozenset({"/t.T/Call"}))


def stream(server: Standin) -> Answers[bytes]:
    """A call with many answers, the raw messages."""
    return Calls(server.session, TEST).stream("/t.T/Call", Empty(), bytes)


def test_a_ping_is_answered_while_nobody_asks_anything(server: Standin) -> None:
    """By the thread that always reads."""
    server.yamux.ping(41)
    server.flush()
    server.seen(Ponged(41))


@pytest.mark.parametrize("cut", [1, 5, 12, 1000])
def test_messages_may_be_cut_anywhere(server: Standin, cut: int) -> None:
    """A byte in a message of its own, too."""
    server.cut = cut
    with stream(server) as answers:
        number = server.asked()
        server.say(number, server.answer(number, b"one", b"", b"three").close())
        assert list(answers) == [b"one", b"", b"three"]


def test_more_than_a_window_comes_as_it_is_used(server: Standin) -> None:
    """Three megabytes of answers."""
    with stream(server) as answers:
        number = server.asked()
        sender = threading.Thread(target=server.answer, args=(number, *[bytes(1_000_000)] * 3), daemon=True)
        sender.start()
        assert [len(answers.receive(SECONDS) or b"") for _ in range(3)] == [1_000_000] * 3
        sender.join(SECONDS)


def test_a_slow_reader_holds_up_nobody_else(server: Standin) -> None:
    """A full window waits on one stream while another is answered."""
    with stream(server) as slow, stream(server) as quick:
        first, second = 1, 3
        while len([1 for event in server.events if type(event).__name__ == "Opened"]) < 2:
            server.more()
        head = server.answer(first, bytes(WINDOW - 100))
        server.answer(second, b"here")
        assert quick.receive(SECONDS) == b"here"
        server.say(first, head.close())
        assert len(slow.receive(SECONDS) or b"") == WINDOW - 100


def test_a_request_waits_for_room(server: Standin) -> None:
    """More than a window of it is sent as the server makes room, never beyond."""
    answers = Calls(server.session, TEST).both_ways("/t.T/Call", bytes)
    from google.protobuf.wrappers_pb2 import BytesValue

    sender = threading.Thread(target=answers.send, args=(BytesValue(value=bytes(900_000)),), daemon=True)
    sender.start()
    server.packet(1)
    assert len(server.packet(1).data) > 900_000
    sender.join(SECONDS)
    assert not sender.is_alive()


def test_text_ends_it(server: Standin) -> None:
    """It is not what was agreed on."""
    with stream(server) as answers:
        server.text("hello")
        with pytest.raises(ProtocolError, match="sent text"):
            answers.receive(SECONDS)


@pytest.mark.parametrize("bad", [b"\x09" + bytes(11), b"\0\0\0\0\0\0\0\1\0\4\0\1", b"\0\3\0\0\0\0\0\0\0\0\0\1"])
def test_what_breaks_the_rules_ends_it(server: Standin, bad: bytes) -> None:
    """A wrong version, more than a window, a session that is given up."""
    with stream(server) as answers:
        server.asked()
        server.raw(bad)
        with pytest.raises(ProtocolError, match="GET /api/v2/test"):
            answers.receive(SECONDS)
    with pytest.raises(ProtocolError):
        server.session.open()


def test_a_server_that_goes_away_finishes_what_is_under_way(server: Standin) -> None:
    """And takes no more."""
    with stream(server) as answers:
        number = server.asked()
        server.yamux.go_away()
        server.say(number, server.answer(number, b"last").close())
        assert list(answers) == [b"last"]
    with pytest.raises(TransportError, match="takes no more calls"):
        server.session.open()


def test_a_lost_connection_is_told_to_every_call(server: Standin) -> None:
    """With the reason, where there is one."""
    with stream(server) as one, stream(server) as two:
        server.bye(1011, "out of breath")
        for answers in (one, two):
            with pytest.raises(TransportError, match="1011 out of breath"):
                answers.receive(SECONDS)


def test_what_came_before_the_end_is_still_given(server: Standin) -> None:
    """The answer, and then the loss."""
    with stream(server) as answers:
        server.answer(server.asked(), b"whole")
        server.sock.close()
        assert answers.receive(SECONDS) == b"whole"
        with pytest.raises(TransportError):
            answers.receive(SECONDS)


def test_closing_ends_a_wait_in_another_thread(server: Standin) -> None:
    """At once, and leaves no thread."""
    answers, raised = stream(server), []

    def wait() -> None:
        try:
            answers.receive()
        except CoderError as error:
            raised.append(error.message)

    waiting = threading.Thread(target=wait, daemon=True)
    waiting.start()
    server.asked()
    server.session.close()
    waiting.join(SECONDS)
    assert raised == ["GET /api/v2/test was closed here"]
    assert not [thread for thread in threading.enumerate() if thread.name == "coder-nb:rpc"]
    server.session.close()


def test_ctrl_c_ends_a_wait(server: Standin) -> None:
    """Within a tenth of a second; the session goes on."""
    main = threading.main_thread().ident
    assert main is not None
    with stream(server) as answers:
        number = server.asked()
        struck: list[float] = []

        def strike() -> None:
            struck.append(time.monotonic())
            signal.pthread_kill(main, signal.SIGINT)

        timer = threading.Timer(0.2, strike)
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            answers.receive(SECONDS)
        assert time.monotonic() - struck[0] < 1.0
        server.answer(number, b"still there")
        assert answers.receive(SECONDS) == b"still there"


def test_frames_of_a_call_that_was_left_are_passed_over(server: Standin) -> None:
    """A window full of them, and the next call is answered."""
    answers = stream(server)
    number = server.asked()
    answers.close()
    server.finished(number)
    server.raw(b"\0\0\0\0" + number.to_bytes(4, "big") + (500_000).to_bytes(4, "big") + bytes(500_000))
    with stream(server) as again:
        server.events.clear()
        number = server.asked()
        server.answer(number, b"fine")
        assert again.receive(SECONDS) == b"fine"


@given(st.binary(min_size=1, max_size=200))
@settings(max_examples=40, deadline=None)
def test_any_bytes_of_a_server_end_in_an_error_in_time(data: bytes) -> None:
    """As a flow of bytes, and as a stream's within a proper session."""
    with Standin() as server, stream(server) as answers:
        server.asked()
        server.raw(b"\0\0\0\0\0\0\0\1" + len(data).to_bytes(4, "big") + data)
        server.raw(data)
        server.sock.close()
        with contextlib.suppress(CoderError):
            while answers.receive(SECONDS) is not None:
                pass
