"""What carries connections into a workspace, however it does that: `Shared` over one terminal, `Singles` over many.

Nothing is opened again by itself, and no byte is sent twice.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable

from coder_nb.closing import Closing
from coder_nb.remote.tunnel.channel import Channel, Receiver
from coder_nb.remote.tunnel.connection import Connection
from coder_nb.remote.tunnel.protocol import Target

__all__ = ["Relay"]


class Relay(Closing):
    """Carries any number of connections. Any thread may connect and close; `opening.begin` makes one.

    Attributes:
        kind: what relays in the workspace: "python3", "perl", "socat" or "busybox nc".
    """

    kind: str

    def __repr__(self) -> str:
        return f"Relay({self.kind}, {'open' if self.over is None else self.over or 'closed'}, {self.open} open)"

    @property
    @abstractmethod
    def open(self) -> int:
        """How many connections there are."""

    @property
    @abstractmethod
    def over(self) -> str | None:
        """Why no connection can be made any more; "" where it was closed here, None while one can."""

    @abstractmethod
    def channel(self, target: Target, receiver: Callable[[Channel], Receiver]) -> Channel:
        """Begins a connection. Data may be sent at once; the receiver is told how it goes.

        Args:
            target: host and port, or the path of a unix socket, as the workspace sees them.
            receiver: makes what is told of it.
        Raises:
            ConnectionLost: the relay is gone.
        """

    def connect(self, target: Target, *, timeout: float | None = 30.0) -> Connection:
        """Connects to a port or a socket of the workspace.

        Args:
            target: host and port, or the path of a unix socket, as the workspace sees them.
            timeout: seconds until it must have been taken; None for as long as it takes.
        Raises:
            AgentUnavailable: it was refused, or time is up.
            ConnectionLost: the relay is gone.
        """
        made = Connection(target if isinstance(target, str) else f"{target[0]}:{target[1]}")
        self.channel(target, made.through)
        try:
            made.wait_open(timeout)
        except BaseException:
            made.close()
            raise
        return made
