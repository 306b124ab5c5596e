"""Calls: how each ends, and what may not be called."""

from __future__ import annotations

from contextlib import suppress
from threading import Thread

import pytest
from google.protobuf.empty_pb2 import Empty
from google.protobuf.wrappers_pb2 import StringValue

from coder_nb.errors import ProtocolError, ServerError, TransportError
from coder_nb.rpc import endpoints
from coder_nb.rpc.call import Answers, Calls, Unimplemented
from coder_nb.rpc.codec import methods, tailnet_pb2
from coder_nb.rpc.codec.drpc import Kind, Packet, Speaker
from coder_nb.rpc.endpoints import Endpoint
from tests.rpc.standin import SECONDS, Standin

TEST = Endpoint("/test", "2.0", frozenset({"/t.T/Call"}))


@pytest.fixture
def answers(server: Standin) -> Answers[bytes]:
    """A call with many answers, which the server has taken."""
    under_way = Calls(server.session, TEST).stream("/t.T/Call", Empty(), bytes)
    assert server.asked() == 1
    return under_way


def test_an_error_is_raised_with_its_text(server: Standin, answers: Answers[bytes]) -> None:
    """What is not printable in it is not printed."""
    server.say(1, Speaker().error("insert: \x1b[31mpq: no"))
    with pytest.raises(ServerError, match=r"Call was refused: insert:  \[31mpq: no"):
        answers.receive(SECONDS)
    assert answers.receive(SECONDS) is None


@pytest.mark.parametrize(("code", "text"), [(12, "Unimplemented"), (0, 'protocol error: unknown rpc: "/t.T/Call"')])
def test_a_call_the_server_does_not_know_is_told_as_that(
    server: Standin, answers: Answers[bytes], code: int, text: str
) -> None:
    """It has two ways to say so."""
    server.say(1, Speaker().error(text, code=code))
    with pytest.raises(Unimplemented, match="the server does not know Call"):
        answers.receive(SECONDS)


@pytest.mark.parametrize("last", ["close", "close_send"])
def test_both_ends_are_ends(server: Standin, answers: Answers[bytes], last: str) -> None:
    """Of messages, or of the call."""
    speaker = server.answer(1, b"a")
    server.say(1, getattr(speaker, last)())
    assert list(answers) == [b"a"]


def test_a_stream_that_just_ends_is_an_error(server: Standin, answers: Answers[bytes]) -> None:
    """Without the word that ends a call it may not have been all."""
    server.yamux.finish(1)
    server.flush()
    with pytest.raises(TransportError, match="without a word"):
        answers.receive(SECONDS)


def test_a_stream_that_is_dropped_is_an_error(server: Standin, answers: Answers[bytes]) -> None:
    """The session goes on."""
    server.yamux.reset(1)
    server.flush()
    with pytest.raises(TransportError, match="dropped the call"):
        answers.receive(SECONDS)
    assert server.session.ended is None


def test_a_cancelled_call_is_an_error(server: Standin, answers: Answers[bytes]) -> None:
    """By the server."""
    server.say(1, bytes.fromhex("89010100"))
    with pytest.raises(TransportError, match="cancelled"):
        answers.receive(SECONDS)


def test_what_is_no_packet_ends_the_call_alone(server: Standin, answers: Answers[bytes]) -> None:
    """Not the session."""
    server.say(1, bytes.fromhex("21010100"))
    with pytest.raises(ProtocolError, match="unknown kind"):
        answers.receive(SECONDS)
    assert server.session.ended is None


def test_a_call_in_turn_is_refused(server: Standin, answers: Answers[bytes]) -> None:
    """Servers do not call."""
    server.say(1, Speaker().invoke("/x"))
    with pytest.raises(ProtocolError, match="called in turn"):
        answers.receive(SECONDS)


def test_nothing_in_time_can_be_asked_for_again(server: Standin, answers: Answers[bytes]) -> None:
    """A timeout ends nothing."""
    with pytest.raises(TimeoutError):
        answers.receive(0.01)
    server.answer(1, b"late")
    assert answers.receive(SECONDS) == b"late"


def test_what_is_no_answer_keeps_nobody(server: Standin, answers: Answers[bytes]) -> None:
    """A server that sends nothing but what is to be ignored, without end."""

    def chatter() -> None:
        with suppress(AssertionError):  # The client has left.
            while True:
                server.say(1, bytes.fromhex("a1010100") * 1000)

    thread = Thread(target=chatter, daemon=True)
    thread.start()
    with pytest.raises(TimeoutError):
        answers.receive(0.2)
    server.session.close()
    thread.join(SECONDS)


def test_leaving_says_so_to_the_server(server: Standin, answers: Answers[bytes]) -> None:
    """A close, and the stream's end."""
    answers.close()
    answers.close()
    assert server.packet(1) == Packet(Kind.CLOSE)
    server.finished(1)
    assert answers.receive(SECONDS) is None


def test_one_answer_is_its_answer(server: Standin) -> None:
    """Asked in another thread; an answer that is no message is an error."""
    calls = Calls(server.session, TEST)

    def serve() -> None:
        number = server.asked()
        server.say(number, server.answer(number, StringValue(value="hi").SerializeToString()).close_send())
        server.events.clear()
        number = server.asked()
        server.answer(number, b"\xff")
        server.events.clear()
        server.say(server.asked(), Speaker().close())

    thread = Thread(target=serve, daemon=True)
    thread.start()
    assert calls.unary("/t.T/Call", Empty(), StringValue.FromString, timeout=SECONDS).value == "hi"
    with pytest.raises(ProtocolError, match="does not understand"):
        calls.unary("/t.T/Call", Empty(), StringValue.FromString, timeout=SECONDS)
    with pytest.raises(TransportError, match="ended without an answer"):
        calls.unary("/t.T/Call", Empty(), StringValue.FromString, timeout=SECONDS)
    with pytest.raises(TransportError, match=r"not answered in 0\.01 s"):
        calls.unary("/t.T/Call", Empty(), StringValue.FromString, timeout=0.01)
    thread.join(SECONDS)


@pytest.mark.parametrize(
    ("endpoint", "path"),
    [
        (endpoints.ME, methods.WORKSPACE_UPDATES),
        (endpoints.ME, methods.COORDINATE),
        (endpoints.ME, "/coder.tailnet.v2.Tailnet/RefreshResumeToken"),
        (endpoints.ME, "/coder.agent.v2.Agent/UpdateLifecycle"),
        (endpoints.ME, "/coder.agent.v2.Agent/UpdateStartup"),
        (endpoints.ME, "/coder.agent.v2.Agent/BatchUpdateMetadata"),
        (endpoints.TAILNET, "/coder.tailnet.v2.Tailnet/PostTelemetry"),
        (endpoints.COORDINATE, methods.MANIFEST),
    ],
)
def test_what_is_not_listed_is_not_called(server: Standin, endpoint: Endpoint, path: str) -> None:
    """Nothing of it is sent: not even a stream is opened."""
    calls = Calls(server.session, endpoint)
    with pytest.raises(ValueError, match="must not be called"):
        calls.stream(path, Empty(), bytes)
    with pytest.raises(ValueError, match="must not be called"):
        calls.both_ways(path, bytes)
    server.yamux.ping(1)
    server.flush()
    while not server.events:
        server.more()
    assert [type(event).__name__ for event in server.events] == ["Ponged"]


def test_what_is_not_described_is_not_sent(server: Standin) -> None:
    """A request read from bytes loses what would bring a server down."""
    calls = Calls(server.session, endpoints.TAILNET)
    answers = calls.both_ways(methods.COORDINATE, bytes)
    answers.send(tailnet_pb2.CoordinateRequest.FromString(b"\x0a\x00\x12\x00"))
    assert [server.packet(1).kind, server.packet(1)] == [Kind.INVOKE, Packet(Kind.MESSAGE, b"\x12\x00")]
