"""How far a replay is: which recorded exchange answers what is asked now, and when what came by itself may come.

One answer follows another for the same question, the last one stays. What others asked is never in the way.
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol, TypeVar, cast

from coder_nb.chance import Value
from coder_nb.errors import NotRecorded
from coder_nb.nearest import nearest
from coder_nb.transport.cassette.exchange import Exchange
from coder_nb.transport.cassette.names import Names, without_numbers
from coder_nb.transport.cassette.reading import Cassette
from coder_nb.transport.cassette.redaction import Redaction

__all__ = ["PATIENCE", "Tape"]

T = TypeVar("T")
P = TypeVar("P", bound="Past")

PATIENCE: Final = 1.0
"""Seconds without anything being asked, after which what is recorded as asked before is waited for no longer."""
_ROOM: Final = 200
"""Characters that are shown of a request."""


class Past(Protocol):
    """Something that was recorded, and when that began."""

    begun: float


class Tape:
    """A cassette that is being replayed. Any thread may ask.

    Args:
        cassette: what was recorded.
        speed: 0 for as fast as it can be, 1 for the recorded tempo, 2 for twice that.
    Attributes:
        cassette: as it was given.
        speed: as it was given.
        names: the client's random names of this replay.
        news: is told whenever something may have become possible.
    """

    def __init__(self, cassette: Cassette, *, speed: float = 0.0) -> None:
        self.cassette = cassette
        self.speed = speed
        self.names = Names()
        self.news = threading.Condition()
        self._redaction = Redaction(self.names)
        # How far each thread is; those to come begin where the one that connects is then.
        self._home = threading.get_ident()
        self._home_at = 0.0
        self._threads = threading.local()
        self._latest = 0.0
        self._asked = time.monotonic()
        self._used: Counter[int] = Counter()
        self._made: dict[int, object] = {}
        self._by_question: dict[str, list[Exchange]] = defaultdict(list)
        for exchange in cassette.exchanges:
            self._by_question[_question(exchange)].append(exchange)
        # What others ask for has times of its own; terminals are opened where there is none left from before.
        mine = (it for it in cassette.exchanges if not it.aside and not it.named)
        self._pending = sorted(mine, key=lambda it: -it.begun)
        self._settled = {what: list(values) for what, values in cassette.settled.items()}

    def named(self, kind: str, value: str) -> None:
        """A name was made; see `chance.Witness`."""
        self.names.add(kind, value)

    def note(self, what: str, value: Value) -> None:
        """Nothing is noted in a replay."""

    def recall(self, what: str) -> Value | None:
        """What was settled then: the next value, then the last."""
        with self.news:
            values = self._settled.get(self._redaction.text(what))
            if not values:
                return None
            return values.pop(0) if len(values) > 1 else values[0]

    def moment(self) -> datetime | None:
        """When what was replayed last had been recorded."""
        return self.cassette.begun + timedelta(seconds=self._latest)

    def answer_to(self, wanted: Exchange) -> Exchange:
        """The recorded exchange for what is asked.

        Raises:
            NotRecorded: there is none.
        """
        with self.news:
            found = self.choose(self.alike(wanted))
            if found is None:
                raise self._unknown(wanted)
            self.moved(found.begun)
        return found

    def alike(self, wanted: Exchange) -> list[Exchange]:
        """All recorded exchanges in which the same was asked."""
        with self.news:
            return self._by_question.get(self._asked_now(wanted), [])

    def choose(self, found: Sequence[P]) -> P | None:
        """Of several that fit, given in the cassette's order, the one whose turn it is: the next, in the end the last.

        What the thread that asks has already gone past is too old: this time it asked less often.
        """
        with self.news:
            at = self._here()
            fresh = (it for it in found if id(it) not in self._used and it.begun >= at)
            chosen = min(fresh, key=lambda it: it.begun, default=found[-1] if found else None)
            if chosen is not None:
                self._used[id(chosen)] += 1
        return chosen

    def repeats(self, found: Past) -> bool:
        """Whether what was chosen had been replayed before, as there is nothing newer."""
        return self._used[id(found)] > 1

    def once(self, exchange: Exchange, make: Callable[[Exchange], T]) -> T:
        """What is made of an exchange, made once for all who ask."""
        with self.news:
            if id(exchange) not in self._made:
                self._made[id(exchange)] = make(exchange)
            return cast(T, self._made[id(exchange)])

    def moved(self, at: float) -> None:
        """What was recorded then is replayed now."""
        with self.news:
            self._threads.at = max(self._here(), at)
            if threading.get_ident() == self._home:
                self._home_at = self._threads.at
            self._latest = max(self._latest, at)
            self._asked = time.monotonic()
            self.news.notify_all()

    def patience(self, at: float) -> float:
        """Seconds to wait yet before something may come that came then by itself; 0 where it may come now.

        What the thread that recorded had asked before it came is to be asked before it comes; unless nothing is asked.
        """
        with self.news:
            while self._pending and self._over(self._pending[-1]):
                self._pending.pop()
            if not self._pending or self._pending[-1].begun >= at:
                return 0.0
            left = self._asked + PATIENCE - time.monotonic()
            if left > 0:
                return left
            # It was not asked this time: nobody waits for it again.
            while self._pending and self._pending[-1].begun < at:
                self._pending.pop()
            return 0.0

    def fit(self, text: str) -> str:
        """A text of now in the form in which recorded ones are compared."""
        with self.news:
            return without_numbers(self._redaction.text(text))

    def _over(self, exchange: Exchange) -> bool:
        """Whether a recorded exchange was replayed, or passed over by the thread that would ask for it."""
        return id(exchange) in self._used or exchange.begun < self._home_at

    def _here(self) -> float:
        """How far the thread is that asks."""
        if not hasattr(self._threads, "at"):
            self._threads.at = self._home_at
        return float(self._threads.at)

    def _asked_now(self, wanted: Exchange) -> str:
        query = {key: self._redaction.value(value) for key, value in wanted.query.items()}
        body = self._redaction.value(json.loads(wanted.body)) if wanted.body else None
        return without_numbers(_spell(wanted.kind, wanted.method, self._redaction.text(wanted.path), query, body))

    def _unknown(self, wanted: Exchange) -> NotRecorded:
        asked = self.fit(_line(wanted))
        same = [it for it in self.cassette.exchanges if (it.kind, it.path) == (wanted.kind, wanted.path)]
        lines = list(dict.fromkeys(without_numbers(_line(it)) for it in same or self.cassette.exchanges))
        near = nearest(asked, lines, most=2) or (lines[:2] if same else [])
        return self.unknown(asked[:_ROOM], [line[:_ROOM] for line in near])

    def unknown(self, asked: str, near: list[str]) -> NotRecorded:
        """The error for what has no answer here.

        Args:
            asked: what was asked.
            near: what was recorded and is the most like it.
        """
        name = self.cassette.name
        known = f"; nearest: {', or '.join(near)}" if near else ""
        full = ", which was full before its end," if self.cassette.full else ""
        return NotRecorded(
            f"the recording {name}{full} has no answer to {asked}{known}",
            hint=f"record it again with a deployment: %coder record {name}",
        )


def _question(exchange: Exchange) -> str:
    body = json.loads(exchange.body) if exchange.body else None
    return without_numbers(_spell(exchange.kind, exchange.method, exchange.path, exchange.query, body))


def _spell(kind: str, method: str, path: str, query: object, body: object) -> str:
    return json.dumps([kind, method, path, query, body], sort_keys=True, ensure_ascii=False)


def _line(exchange: Exchange) -> str:
    """What was asked, for people."""
    return "".join(_words(exchange))


def _words(exchange: Exchange) -> Iterator[str]:
    kind = {"call": exchange.method, "websocket": "the WebSocket", "events": "the events of"}[exchange.kind]
    yield f"{kind} {exchange.path}"
    shown = [f"{key}={value}" for key, value in exchange.query.items() if key not in ("command", "reconnect")]
    if shown:
        yield f"?{'&'.join(shown)}"
    if exchange.body:
        yield f" {exchange.body.decode()}"
