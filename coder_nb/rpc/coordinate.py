"""Asking the coordinator where agents can be reached: a diagnosis, and the quickest sign that an agent is gone.

Nothing is said of ourselves, so no agent ever learns that somebody asked, and no connection to one is made.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING

from coder_nb.closing import Closing
from coder_nb.errors import CoderError, NotFound, TransportError
from coder_nb.rpc import records
from coder_nb.rpc.codec import methods
from coder_nb.rpc.records import PeerNode, PeerUpdate, uuid16, uuid_text

if TYPE_CHECKING:
    from coder_nb.rpc.call import Calls

__all__ = ["Coordination"]

GOODBYE_SECONDS = 2.0
NODE_SECONDS = 5.0


class Coordination(Closing):
    """One stream of the coordinator's, to be used by one thread at a time; any may close it.

    An agent that may not be asked about ends it for all: use one for each that is not known to be visible.

    Args:
        calls: the session.
        own: whether to end the session with this.
    """

    def __init__(self, calls: Calls, *, own: bool = False) -> None:
        self._calls = calls
        self._own = own
        self._ready: deque[PeerUpdate] = deque()
        self._receiving = threading.Lock()
        self._answers = calls.both_ways(methods.COORDINATE, _response)
        self._closed = False

    def __repr__(self) -> str:
        return f"Coordination({self._answers!r})"

    def add(self, agent_id: str) -> None:
        """Asks about an agent: what is known comes at once, and what changes later. Silence means it has said nothing.

        Raises:
            Invalid: not a uuid; nothing was sent.
        """
        from coder_nb.rpc.codec import tailnet_pb2 as wire

        tunnel = wire.CoordinateRequest.Tunnel(id=uuid16(agent_id))
        self._answers.send(wire.CoordinateRequest(add_tunnel=tunnel))

    def remove(self, agent_id: str) -> None:
        """Asks no more about an agent; where anything had been told, a last update says `disconnected`."""
        from coder_nb.rpc.codec import tailnet_pb2 as wire

        tunnel = wire.CoordinateRequest.Tunnel(id=uuid16(agent_id))
        self._answers.send(wire.CoordinateRequest(remove_tunnel=tunnel))

    def receive(self, timeout: float | None = None) -> PeerUpdate | None:
        """The next update.

        Args:
            timeout: seconds to wait, None for as long as it takes. Ctrl-C and `close` end the wait.
        Returns:
            It; None when the coordinator has ended.
        Raises:
            TimeoutError: nothing came in time; it can be asked for again.
            NotFound: an agent that was asked about is not there, or not for this user.
            TransportError: the coordinator gave up, or the connection broke.
            ProtocolError: what came is no update.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while not self._ready:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            with self._receiving:
                response = self._answers.receive(left)
            if response is None:
                return None
            error, updates = response
            if error and not updates and not error.startswith("ready for handshake"):
                raise self._refused(error)
            self._ready += updates
            if not updates and deadline is not None and time.monotonic() >= deadline:
                raise TimeoutError("the coordinator has said nothing in time")
        return self._ready.popleft()

    def node(self, agent_id: str, *, timeout: float = NODE_SECONDS) -> PeerNode | None:
        """Where an agent can be reached now.

        Args:
            timeout: seconds to wait at most.
        Returns:
            It; None where the agent is not connected, or has not said anything yet.
        """
        wanted, end = uuid_text(uuid16(agent_id)), time.monotonic() + timeout
        self.add(agent_id)
        with suppress(TimeoutError):
            while (left := end - time.monotonic()) > 0 and (update := self.receive(left)) is not None:
                if update.agent_id == wanted and update.node is not None:
                    return update.node
        return None

    def close(self) -> None:
        """Says goodbye and ends it; may be called twice. Without a goodbye it would count as lost."""
        if self._closed:
            return
        self._closed = True
        from coder_nb.rpc.codec import tailnet_pb2 as wire

        try:
            with suppress(CoderError, TimeoutError):
                if not self._answers.ended:
                    self._answers.send(wire.CoordinateRequest(disconnect=wire.CoordinateRequest.Disconnect()))
                self._until_the_end()
        finally:
            self._answers.close()
            if self._own:
                self._calls.close()

    def _until_the_end(self) -> None:
        """Reads on until the coordinator has ended too, unless another thread reads: that one then sees the end."""
        end = time.monotonic() + GOODBYE_SECONDS
        if self._receiving.acquire(blocking=False):
            try:
                while (left := end - time.monotonic()) > 0 and self._answers.receive(left) is not None:
                    pass
            finally:
                self._receiving.release()

    def _refused(self, text: str) -> CoderError:
        said = "".join(char if char.isprintable() else " " for char in text)[:300]
        if text.startswith("authorization: "):
            return NotFound(
                f"the coordinator tells nothing about this agent: {said}",
                status=404,
                hint="is it a workspace whose terminal you may open?",
            )
        return TransportError(f"the coordinator gave up: {said}", hint="try again")


def _response(data: bytes) -> tuple[str, list[PeerUpdate]]:
    from coder_nb.rpc.codec import tailnet_pb2 as wire

    response = wire.CoordinateResponse.FromString(data)
    return response.error, records.peer_updates(response)
