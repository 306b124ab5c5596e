"""Records that come for as long as something is followed: `Stream`. It opens nothing again and keeps nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from coder_nb.closing import Closing
from coder_nb.errors import ProtocolError, TransportError

if TYPE_CHECKING:
    from coder_nb.transport.incoming import Ended, Incoming

__all__ = ["Stream"]

S = TypeVar("S")
T = TypeVar("T")


class Stream(Closing, Generic[T]):
    """An open stream of records, to be iterated or asked with `receive`, by one thread at a time.

    An error the server tells about is raised where it came; the stream goes on, if the server does.

    Args:
        source: where messages come from; closed with this.
        read: the records in one message, none to pass over it.
    """

    def __init__(self, source: Incoming[S], read: Callable[[S], Iterable[T]]) -> None:
        self._source: Incoming[Any] = source
        self._read = read
        self._records: Iterator[T] = iter(())

    def __repr__(self) -> str:
        return f"Stream({self._source.endpoint!r}, {'open' if self.ended is None else self.ended})"

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        record = self.receive()
        if record is None:
            raise StopIteration
        return record

    @property
    def ended(self) -> Ended | None:
        """How it came to its end: code, reason, whether it was said properly; None while it is open."""
        return self._source.ended

    def receive(self, timeout: float | None = None) -> T | None:
        """The next record.

        Args:
            timeout: seconds to wait for each message, None for as long as it takes. Ctrl-C and `close` end the wait.
        Returns:
            The record; None at the end, which `ended` explains.
        Raises:
            TimeoutError: nothing came in time; it can be asked for again.
            ApiError: the server told of an error.
            ProtocolError: the server sent something this version does not understand; the stream is closed.
        """
        while True:
            for record in self._records:
                return record
            message = self._source.receive(timeout)
            if message is None:
                return None
            try:
                self._records = iter(self._read(message))
            except ProtocolError:
                self.close()
                raise

    def first(self, *, timeout: float | None = None) -> T:
        """The first record; the stream is closed then.

        Args:
            timeout: seconds to wait for it, None for as long as it takes.
        Raises:
            TransportError: it ended without one, or said nothing in time.
            ApiError, ProtocolError: as with `receive`.
        """
        with self:
            try:
                record = self.receive(timeout)
            except TimeoutError:
                raise self._silent(f"said nothing within {timeout:g} s") from None
            if record is None:
                why = f": {self.ended.reason}" if self.ended and self.ended.reason else ""
                raise self._silent(f"ended before it said anything{why}")
        return record

    def close(self) -> None:
        """End it, and a wait for it in another thread, at once. May be called twice."""
        self._source.close()

    def _silent(self, how: str) -> TransportError:
        return TransportError(f"{self._source.endpoint} {how}", hint="try again")
