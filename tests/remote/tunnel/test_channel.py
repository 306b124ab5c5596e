"""One connection's account: what may be sent, what is over, and what no relay can say of it."""

from __future__ import annotations

import pytest

from coder_nb.remote.tunnel.channel import Channel
from coder_nb.remote.tunnel.protocol import WINDOW, Frame, Frames, Garbled, Kind


class Ends:
    """A channel with what it says on one side and what is told of it on the other."""

    def __init__(self, shared: int = 10 * WINDOW) -> None:
        self.shared = shared
        self.said: list[Frame] = []
        self.told: list[object] = []
        self.gone: list[int] = []
        self._frames = Frames()
        self.channel = Channel(5, lambda _: self, self._say, lambda: self.shared, self.gone.append)

    def _say(self, said: bytes) -> None:
        self.said += self._frames.feed(said)

    def hear(self, kind: Kind, payload: bytes = b"") -> None:
        """What the relay says of it."""
        self.channel.hear(Frame(kind, 5, payload))

    def opened(self) -> None:
        """Told."""
        self.told.append("opened")

    def data(self, piece: bytes) -> None:
        """Told."""
        self.told.append(piece)

    def ended(self) -> None:
        """Told."""
        self.told.append("ended")

    def lost(self, reason: str, refused: bool) -> None:
        """Told."""
        self.told.append((reason, refused))

    def room(self) -> None:
        """Told."""
        self.told.append("room")


def test_no_more_is_sent_than_was_allowed() -> None:
    """And who was told that there is no room is told when there is, once."""
    ends = Ends()
    ends.channel.send(bytes(WINDOW))
    assert sum(len(it.payload) for it in ends.said) == WINDOW
    assert ends.channel.room() == 0
    ends.hear(Kind.CREDIT, (7).to_bytes(4, "big"))
    ends.hear(Kind.CREDIT, (8).to_bytes(4, "big"))
    assert (ends.told, ends.channel.room()) == (["room"], 15)


def test_what_others_send_counts_too() -> None:
    """All connections share what waits to be sent."""
    ends = Ends(shared=0)
    assert ends.channel.room() == 0
    ends.channel.recall()
    assert ends.told == []
    ends.shared = 3
    ends.channel.recall()
    assert (ends.told, ends.channel.room()) == (["room"], 3)


def test_what_was_passed_on_is_allowed_again() -> None:
    """Not for every byte; and more than was allowed is no relay's."""
    ends = Ends()
    ends.hear(Kind.DATA, bytes(WINDOW))
    ends.channel.took(10)
    assert ends.said == []
    ends.channel.took(WINDOW // 4)
    assert ends.said == [Frame(Kind.CREDIT, 5, (WINDOW // 4 + 10).to_bytes(4, "big"))]
    ends.hear(Kind.DATA, bytes(WINDOW // 4 + 10))
    with pytest.raises(Garbled, match="more than"):
        ends.hear(Kind.DATA, b"x")


@pytest.mark.parametrize("here_first", [True, False])
def test_it_is_over_when_both_have_ended(here_first: bool) -> None:
    """In whatever order; after that nothing is said or told any more."""
    ends = Ends()
    for here in (here_first, not here_first):
        assert not ends.channel.over
        if here:
            ends.channel.end()
        else:
            ends.hear(Kind.END)
    assert ends.channel.over and ends.gone == [5]
    ends.channel.send(b"late")
    ends.channel.end()
    ends.channel.reset()
    ends.hear(Kind.DATA, b"late")
    assert (ends.said, ends.told) == ([Frame(Kind.END, 5)], ["ended"])


def test_after_its_end_nothing_is_sent_and_all_is_heard() -> None:
    """Half of it is closed."""
    ends = Ends()
    ends.channel.end()
    ends.channel.send(b"late")
    ends.hear(Kind.OPENED)
    ends.hear(Kind.DATA, b"more")
    assert (ends.said, ends.told) == ([Frame(Kind.END, 5)], ["opened", b"more"])


@pytest.mark.parametrize(("kind", "refused"), [(Kind.RESET, False), (Kind.REFUSED, True)])
def test_a_loss_is_told_once_with_its_reason(kind: Kind, refused: bool) -> None:
    """And nothing after it."""
    ends = Ends()
    ends.hear(kind, "кто там".encode())
    ends.hear(kind, b"again")
    ends.channel.lose("again")
    assert (ends.told, ends.gone, ends.said) == ([("кто там", refused)], [5], [])


def test_a_reset_from_here_is_said_and_not_told() -> None:
    """Who asked for it knows."""
    ends = Ends()
    ends.channel.reset()
    assert (ends.said, ends.told, ends.gone) == ([Frame(Kind.RESET, 5)], [], [5])


@pytest.mark.parametrize("kind", [Kind.OPEN, Kind.PING, Kind.GOODBYE])
def test_what_cannot_be_said_of_a_connection_is_garbled(kind: Kind) -> None:
    """Rather than passed over."""
    with pytest.raises(Garbled, match=kind.name):
        Ends().hear(kind)
