"""The numbers of a view's batches: what may be sent now, what to send again, and when to begin anew. No I/O.

Every page that shows the view is a client by an id of its own. All of them receive everything, so all are at the same
batch; one that lacks more than is kept makes the numbers begin anew, in a new epoch, and the others with it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

__all__ = ["Batch", "Outgoing"]

WINDOW = 16
"""Batches that may be under way at full pace."""
KEPT = 64
"""Batches that can be sent again."""
PACE, SLOW_PACE = 0.05, 0.25
"""Seconds between batches, and between those beyond the window: a busy kernel reads no acknowledgement, and a page that
is there all the same shall not starve."""
REMIND = (1.0, 5.0, 30.0)
"""Seconds after the last batch at which pages that have not acknowledged it are told how many there are."""
GRACE = 30.0
"""Seconds a view goes on after the last page has left: a page that is loaded again is back within a few."""
SILENT = 30
"""Signs of life of the kernel, five seconds apart, after which a page that gave none counts as gone."""


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
    silent: int = 0


@dataclass(slots=True)
class Outgoing:
    """The state of one view's numbers. Times are monotonic seconds."""

    epoch: int = 0
    seq: int = 0
    left: float | None = 0.0
    """When the last page left; None while there is one."""
    _sent: deque[Batch] = field(default_factory=lambda: deque(maxlen=KEPT))
    _clients: dict[str, _Client] = field(default_factory=dict)
    _again: int | None = None
    _last: float = 0.0
    _reminded: int = 0

    @property
    def watched(self) -> bool:
        """Whether any page shows the view."""
        return bool(self._clients)

    def hello(self, client: str, epoch: int, seq: int) -> bool:
        """A page begins to show it and has everything up to `seq`; False: everything begins anew."""
        goes_on = epoch == self.epoch and self.seq - len(self._sent) <= seq <= self.seq
        if goes_on:
            self._resend(seq)
        else:
            self.epoch += 1
            self.seq = 0
            self._again = None
            self._sent.clear()
            for other in self._clients.values():
                other.acked = 0
        self._clients[client] = _Client(acked=seq if goes_on else 0)
        self.left = None
        self._reminded = 0
        return goes_on

    def bye(self, client: str, now: float) -> None:
        """A page shows it no longer."""
        if self._clients.pop(client, None) and not self._clients:
            self.left = now

    def beat(self, client: str, epoch: int, seq: int) -> bool:
        """A page is still there and has everything up to `seq`; False if it is not known: it was thought gone."""
        known = self._clients.get(client)
        if known is not None:
            known.silent = 0
            # It may not have heard yet that a new epoch has begun.
            if epoch == self.epoch:
                known.acked = max(known.acked, min(seq, self.seq))
        return known is not None

    def missing(self, client: str, epoch: int, seq: int) -> bool:
        """A page lacks what came after `seq`; False: that was too long ago, everything begins anew."""
        # What belongs to an epoch that is over comes again anyhow.
        return epoch < self.epoch or self.hello(client, epoch, seq)

    def alive(self, now: float) -> None:
        """The kernel hears what pages say: whoever has said nothing for long is gone."""
        for client in self._clients.values():
            client.silent += 1
        self._clients = {name: client for name, client in self._clients.items() if client.silent <= SILENT}
        if not self._clients and self.left is None:
            self.left = now

    def due(self) -> float:
        """When the next batch may be sent."""
        # The page that keeps up sets the pace: one that was closed without a word must not slow the others down.
        fastest = max([known.acked for known in list(self._clients.values())], default=self.seq)
        at = (self._again - 1) if self._again else self.seq
        return self._last + (PACE if at - fastest < WINDOW else SLOW_PACE)

    def again(self, now: float) -> Batch | None:
        """The next of those that are to be sent again."""
        if self._again is None or self._again > self.seq:
            self._again = None
            return None
        batch = self._sent[self._again - self.seq - 1]
        self._again += 1
        self._last = now
        return batch

    def batch(self, body: dict[str, object], buffers: Sequence[bytes], now: float) -> Batch:
        """The next batch, numbered."""
        self.seq += 1
        self._last = now
        self._reminded = 0
        batch = Batch({"kind": "batch", "epoch": self.epoch, "seq": self.seq, "body": body}, buffers)
        self._sent.append(batch)
        return batch

    def aside(self, batch: Batch, now: float) -> Batch:
        """Something outside the numbers, which counts for the pace."""
        self._last = now
        return batch

    def reminder(self, now: float) -> Batch | float | None:
        """Says how many there are, so that a loss at the end is noticed; or when to say so; None: everybody knows."""
        unknown = any(known.acked < self.seq for known in self._clients.values())
        if not unknown or self._reminded >= len(REMIND):
            return None
        at = self._last + REMIND[self._reminded]
        if now < at:
            return at
        self._reminded += 1
        self._last = now
        return Batch({"kind": "count", "epoch": self.epoch, "seq": self.seq})

    def _resend(self, seq: int) -> None:
        if seq < self.seq:
            self._again = min(self._again or self.seq, seq + 1)
