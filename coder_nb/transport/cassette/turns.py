"""A recorded terminal as turns: what is typed, and what comes back before something else is typed. Values only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from coder_nb.credentials.seen import STARS
from coder_nb.transport.cassette.exchange import Exchange, Frame
from coder_nb.transport.cassette.names import without_numbers

__all__ = ["Turn", "turns"]


@dataclass(slots=True, eq=False)
class Turn:
    """One turn.

    Attributes:
        exchange: the terminal.
        said: what is typed, its names numbered; "" for the first, in which nothing is typed.
        begun: when that was typed, in seconds since the recording began.
        answer: what came.
        last: whether the terminal ended then.
        plain: what is typed, without the numbers of names.
    """

    exchange: Exchange
    said: str
    begun: float
    answer: list[Frame] = field(default_factory=list)
    last: bool = False
    plain: str = ""

    def __post_init__(self) -> None:
        self.plain = without_numbers(self.said)

    def means(self, typed: str) -> bool:
        """Whether that is what was typed; where a secret was, there may be anything."""
        if STARS not in self.plain:
            return self.plain == typed
        return bool(re.fullmatch(".*?".join(map(re.escape, self.plain.split(STARS))), typed, re.DOTALL))

    def may_mean(self, typed: str) -> bool:
        """Whether what was typed may have begun like that."""
        known, secret, _ = self.plain.partition(STARS)
        return self.plain.startswith(typed) or bool(secret and typed.startswith(known))


def turns(exchange: Exchange) -> Sequence[Turn]:
    """A terminal's turns, in order."""
    found = [Turn(exchange, "", exchange.ended)]
    for sent, run in groupby(exchange.frames, key=lambda frame: frame.sent):
        frames = list(run)
        if sent:
            found.append(Turn(exchange, "".join(frame.data.decode() for frame in frames), frames[-1].at))
        else:
            found[-1].answer += frames
    found[-1].last = bool(exchange.end)
    return found
