"""The numbers of batches: pace, window, what is sent again, reminders, and pages that are gone."""

from __future__ import annotations

from coder_nb.widgets.outgoing import KEPT, PACE, REMIND, SILENT, SLOW_PACE, WINDOW, Batch, Outgoing


def sent(outgoing: Outgoing, count: int, now: float = 0.0) -> None:
    """So many batches."""
    for _ in range(count):
        outgoing.batch({}, (), now)


def test_full_pace_within_the_window_and_a_slow_one_beyond() -> None:
    """A page that acknowledges nothing slows the stream down, and does not end it."""
    outgoing = Outgoing()
    outgoing.hello("a", -1, 0)
    sent(outgoing, WINDOW - 1, now=10)
    assert outgoing.due() == 10 + PACE
    sent(outgoing, 1, now=10)
    assert outgoing.due() == 10 + SLOW_PACE
    outgoing.beat("a", outgoing.epoch, WINDOW)
    assert outgoing.due() == 10 + PACE


def test_the_page_that_keeps_up_sets_the_pace() -> None:
    """One that was closed without a word slows nobody down."""
    outgoing = Outgoing()
    outgoing.hello("dead", -1, 0)
    outgoing.hello("alive", outgoing.epoch, 0)
    sent(outgoing, 3 * WINDOW)
    outgoing.beat("alive", outgoing.epoch, 3 * WINDOW)
    assert outgoing.due() == PACE


def test_what_is_kept_is_sent_again_in_order() -> None:
    """From the first that any page lacks; the live ones wait for it."""
    outgoing = Outgoing()
    outgoing.hello("a", -1, 0)
    sent(outgoing, 5)
    assert outgoing.missing("a", outgoing.epoch, 2)
    assert outgoing.missing("b", outgoing.epoch, 3)
    again = [outgoing.again(0.0) for _ in range(4)]
    assert [batch.content["seq"] for batch in again if batch] == [3, 4, 5]


def test_too_long_ago_begins_anew() -> None:
    """In a new epoch, whose first batch is number 1."""
    outgoing = Outgoing()
    outgoing.hello("a", -1, 0)
    sent(outgoing, KEPT + 2)
    before = outgoing.epoch
    assert not outgoing.missing("a", before, 1)
    assert outgoing.batch({}, (), 0).content == {"kind": "batch", "epoch": before + 1, "seq": 1, "body": {}}


def test_an_old_epoch_is_nobodys_business() -> None:
    """What a page says before it has heard of a new epoch begins no further one."""
    outgoing = Outgoing()
    outgoing.hello("a", -1, 0)
    sent(outgoing, KEPT + 2)
    old = outgoing.epoch
    outgoing.hello("b", -1, 0)
    new = outgoing.epoch
    assert outgoing.missing("a", old, 1)
    assert outgoing.beat("a", old, 70)
    assert outgoing.epoch == new


def test_reminders_come_later_and_later_and_end() -> None:
    """Until everybody knows, or there is no use."""
    outgoing = Outgoing()
    outgoing.hello("a", -1, 0)
    sent(outgoing, 1, now=100)
    now = 100.0
    for wait in REMIND:
        assert outgoing.reminder(now) == now + wait
        now += wait
        assert isinstance(outgoing.reminder(now), Batch)
    assert outgoing.reminder(now) is None
    sent(outgoing, 1, now=200)
    outgoing.beat("a", outgoing.epoch, 2)
    assert outgoing.reminder(300) is None


def test_a_silent_page_is_gone_only_where_the_kernel_hears() -> None:
    """Signs of life are counted, not seconds: a cell that runs for an hour makes no page go."""
    outgoing = Outgoing()
    outgoing.hello("a", -1, 0)
    for _ in range(SILENT):
        outgoing.alive(5.0)
    assert outgoing.watched
    outgoing.beat("a", outgoing.epoch, 0)
    for _ in range(SILENT):
        outgoing.alive(6.0)
    assert outgoing.watched
    outgoing.alive(7.0)
    assert not outgoing.watched
    assert outgoing.left == 7.0
    assert not outgoing.beat("a", outgoing.epoch, 0)
