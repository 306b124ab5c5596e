"""The numbers of a view's batches: what may be sent now, what to send again, and when to begin anew. No I/O.

Every page that shows the view is a client by an id of its own. All of them receive everything, so all are at the same
batch; one that comes later makes the numbers begin anew, in a new epoch, and the others with it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

__all__ = ["Batch", "Outgoing"]

WINDOW = 64
"""Batches that may be under way at full pace: about three seconds' worth."""
PACE, SLOW_PACE = 0.05, 1.0
"""Seconds between batches, and between those beyond the window: a busy kernel reads no acknowledgement, and a page that
is there all the same shall not starve."""
SILENT = 20.0
"""Seconds after which a client that says nothing counts as gone; the page says something every five."""


@dataclass(frozen=True, slots=True)
class Batch:
    """One message to the pages.

    Attributes:
        content: JSON.
        buffers: bytes that go with it.
    """

    content: dict[str, object]
    buffers: Sequence[bytes] = ()


@dataclass(slots=True)
class _Client:
    acked: int = 0
    seen: float = 0.0


@dataclass(slots=True)
class Outgoing:
    """The state of one view's numbers. Times are monotonic seconds."""

    epoch: int = 0
    seq: int = 0
    _sent: deque[Batch] = field(default_factory=lambda: deque(maxlen=WINDOW))
    _clients: dict[str, _Client] = field(default_factory=dict)
    _last: float = 0.0

    @property
    def watched(self) -> bool:
        """Whether any page shows the view."""
        return bool(self._clients)

    def hello(self, client: str, epoch: int, seq: int, now: float) -> Sequence[Batch] | None:
        """A page begins to show it; returns what it lacks, or None: everything begins anew."""
        lacking = self._after(seq) if epoch == self.epoch else None
        if lacking is None:
            self.epoch += 1
            self.seq = 0
            self._sent.clear()
            for other in self._clients.values():
                other.acked = 0
        self._clients[client] = _Client(acked=0 if lacking is None else seq, seen=now)
        return lacking

    def bye(self, client: str) -> None:
        """A page shows it no longer."""
        self._clients.pop(client, None)

    def heard(self, client: str, now: float) -> bool:
        """A page is still there; False if it was thought gone, and has to say hello."""
        known = self._clients.get(client)
        if known is not None:
            known.seen = now
        return known is not None

    def acknowledged(self, client: str, epoch: int, seq: int, now: float) -> None:
        """A page has everything up to there."""
        if epoch == self.epoch and self.heard(client, now):
            self._clients[client].acked = min(seq, self.seq)

    def missing(self, client: str, epoch: int, seq: int, now: float) -> Sequence[Batch] | None:
        """What a page lacks after `seq`; None: too long ago, everything begins anew."""
        if epoch != self.epoch:
            return ()
        return self.hello(client, epoch, seq, now)

    def due(self, now: float) -> float:
        """When the next batch may be sent."""
        for client in [name for name, known in self._clients.items() if now - known.seen > SILENT]:
            # A busy kernel hears nobody: then all are silent, and none of them is given up.
            if any(now - known.seen <= SILENT for known in self._clients.values()):
                del self._clients[client]
        slowest = min((known.acked for known in self._clients.values()), default=self.seq)
        return self._last + (PACE if self.seq - slowest < WINDOW else SLOW_PACE)

    def batch(self, body: dict[str, object], buffers: Sequence[bytes], now: float) -> Batch:
        """The next batch, numbered."""
        self.seq += 1
        self._last = now
        batch = Batch({"kind": "batch", "epoch": self.epoch, "seq": self.seq, "body": body}, buffers)
        self._sent.append(batch)
        return batch

    def count(self, now: float) -> Batch:
        """Says how many there are, so that a loss at the end is noticed."""
        self._last = now
        return Batch({"kind": "count", "epoch": self.epoch, "seq": self.seq})

    def _after(self, seq: int) -> list[Batch] | None:
        lacking = self.seq - seq
        if seq < 0 or lacking < 0 or lacking > len(self._sent):
            return None
        return list(self._sent)[len(self._sent) - lacking :] if lacking else []
