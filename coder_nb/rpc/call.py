"""A call: one request and one answer, one request and many answers, or messages both ways. Nothing is sent again.

A server drops the text of what went wrong in calls with many answers: they then just end, which is told as an end.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Generic, Self, TypeVar

from coder_nb.closing import Closing
from coder_nb.errors import CoderError, ProtocolError, ServerError, TransportError
from coder_nb.rpc.codec import drpc
from coder_nb.rpc.codec.drpc import Kind, Packet, Packets, Speaker
from coder_nb.rpc.endpoints import Endpoint
from coder_nb.rpc.session import Session

if TYPE_CHECKING:
    from google.protobuf.message import Message

__all__ = ["Answers", "Calls", "Unimplemented"]

T = TypeVar("T")

UNARY_SECONDS = 30.0


class Unimplemented(ServerError):
    """The server does not know the call: it is older than the call."""


class Calls(Closing):
    """The calls of one endpoint, over one session, which it owns.

    Args:
        session: as opened.
        endpoint: what may be called on it.
    """

    def __init__(self, session: Session, endpoint: Endpoint) -> None:
        self.session = session
        self._endpoint = endpoint

    def close(self) -> None:
        """Ends the session, and its calls. May be called twice."""
        self.session.close()

    def unary(self, path: str, request: Message, read: Callable[[bytes], T], *, timeout: float = UNARY_SECONDS) -> T:
        """A request and its answer.

        Raises:
            ServerError: the server refused it; `Unimplemented` where it does not know the call.
            TransportError: no answer, or not in time.
            ProtocolError: an answer that is none.
        """
        with self.stream(path, request, read) as answers:
            try:
                answer = answers.receive(timeout)
            except TimeoutError:
                raise TransportError(f"{answers.name} was not answered in {timeout:g} s", hint="try again") from None
            if answer is None:
                raise TransportError(f"{answers.name} ended without an answer", hint="try again")
            return answer

    def stream(self, path: str, request: Message, read: Callable[[bytes], T]) -> Answers[T]:
        """A request and any number of answers; see `Answers`."""
        speaker = Speaker()
        said = speaker.invoke(path) + speaker.message(_written(request)) + speaker.close_send()
        return self._begin(path, speaker, said, read)

    def both_ways(self, path: str, read: Callable[[bytes], T]) -> Answers[T]:
        """Messages both ways: `Answers.send`."""
        speaker = Speaker()
        return self._begin(path, speaker, speaker.invoke(path), read)

    def _begin(self, path: str, speaker: Speaker, said: bytes, read: Callable[[bytes], T]) -> Answers[T]:
        if path not in self._endpoint.calls:
            raise ValueError(f"{path} must not be called at {self._endpoint.path}")
        answers = Answers(self.session, path, speaker, read)
        try:
            answers._channel.write(said)
        except BaseException:
            answers._channel.drop()
            raise
        return answers


class Answers(Closing, Generic[T]):
    """A call that is under way: to be iterated, or asked with `receive`, by one thread at a time.

    Attributes:
        name: of the call, for errors.
        ended: whether the server has said its last word.
    """

    def __init__(self, session: Session, path: str, speaker: Speaker, read: Callable[[bytes], T]) -> None:
        self.name = path.rpartition("/")[2]
        self.ended = False
        self._read = read
        self._speaker = speaker
        self._packets = Packets()
        self._ready: Iterator[Packet] = iter(())
        self._channel = session.open()
        self._closed = False

    def __repr__(self) -> str:
        return f"Answers({self.name}, {'ended' if self.ended else 'open'})"

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        answer = self.receive()
        if answer is None:
            raise StopIteration
        return answer

    def receive(self, timeout: float | None = None) -> T | None:
        """The next answer.

        Args:
            timeout: seconds to wait, None for as long as it takes. Ctrl-C and `close` end the wait.
        Returns:
            The answer; None at the end.
        Raises:
            TimeoutError: nothing whole in time; it can be asked for again.
            ServerError: the server ended the call with an error.
            TransportError: the connection broke.
            ProtocolError: what came is no answer. The call is over.
        """
        deadline, began = None if timeout is None else time.monotonic() + timeout, False
        try:
            while not self.ended:
                for packet in self._ready:
                    answer = self._take(packet)
                    if answer is not None:
                        return answer
                    if self.ended:
                        return None
                if began and deadline is not None and time.monotonic() >= deadline:
                    # What comes without end and is no answer does not keep anybody.
                    raise TimeoutError(f"{self.name}: nothing whole in time")
                data, began = self._channel.read(deadline), True
                if not data:
                    self._missing_end()
                    return None
                self._ready = self._packets.feed(data)
        except CoderError:
            self.close()
            raise
        return None

    def send(self, message: Message) -> None:
        """One more message of ours, in a call that has them both ways.

        Raises:
            TransportError: it is over.
        """
        self._channel.write(self._speaker.message(_written(message)))

    def close(self) -> None:
        """Ends the call; the session goes on. May be called twice, and from any thread."""
        if self._closed:
            return
        self._closed = True
        if not self.ended:
            with suppress(CoderError):
                self._channel.write(self._speaker.close(), timeout=1.0)
        self._channel.drop()

    def _missing_end(self) -> None:
        if not self._closed:
            raise TransportError(f"{self.name}: the server ended without a word", hint="try again")

    def _take(self, packet: Packet) -> T | None:
        match packet.kind:
            case Kind.MESSAGE:
                return self._decoded(packet.data)
            case Kind.ERROR:
                self.ended = True
                raise _refused(self.name, *drpc.error_of(packet.data))
            case Kind.CLOSE | Kind.CLOSE_SEND:
                self.ended = True
            case Kind.CANCEL:
                self.ended = True
                raise TransportError(f"{self.name}: the server cancelled it", hint="try again")
            case Kind.INVOKE | Kind.METADATA:
                raise ProtocolError(f"{self.name}: the server called in turn", hint="is something in front of Coder?")
        return None

    def _decoded(self, data: bytes) -> T:
        from google.protobuf.message import DecodeError

        try:
            return self._read(data)
        except (DecodeError, ValueError) as error:
            raise ProtocolError(
                f"{self.name} answered with something this version does not understand: {error}",
                hint="compare the versions: %coder whoami shows the server's; a newer coder-nb may know it",
            ) from None


def _written(message: Message) -> bytes:
    # What is not described here must not be sent, also where a message was read from bytes.
    message.DiscardUnknownFields()
    return message.SerializeToString()


def _refused(name: str, code: int, text: str) -> ServerError:
    text = "".join(char if char.isprintable() else " " for char in text)[:500]
    if code == 12 or "unknown rpc" in text:
        return Unimplemented(f"the server does not know {name}", status=501, hint="it needs a newer Coder")
    return ServerError(f"{name} was refused: {text or 'no reason given'}", status=500)
