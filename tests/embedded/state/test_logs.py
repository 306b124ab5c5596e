"""An agent's log: cutting, quota, ids, and listeners."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from threading import Thread

from coder_nb.embedded.state import QUOTA_BYTES, IdSequence, LogLine, LogStore

AT = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)


def test_a_batch_shares_its_time_and_lines_are_cut_at_1024_characters() -> None:
    """Every line of a batch has the batch's time, and a long line keeps its first 1024 characters."""
    log = LogStore(IdSequence())
    assert log.append("s", [("info", "é" * 1500), ("error", "")], at=AT)
    first, second = log.after()
    assert (first.output, first.created_at, first.level) == ("é" * 1024, AT, "info")
    assert (second.output, second.created_at, second.source_id) == ("", AT, "s")


def test_the_quota_counts_bytes_of_uncut_lines_and_refuses_a_batch_whole() -> None:
    """A batch that does not fit is dropped and marks the log; a smaller one still fits afterwards."""
    log = LogStore(IdSequence())
    assert log.append("s", [("info", "é" * (QUOTA_BYTES // 2 - 1))], at=AT)
    assert (log.length, log.overflowed) == (QUOTA_BYTES - 2, False)
    assert not log.append("s", [("info", "a"), ("info", "bc")], at=AT)
    assert (log.length, log.overflowed, len(log.after())) == (QUOTA_BYTES - 2, True, 1)
    assert log.append("s", [("info", "ab")], at=AT)
    assert (log.length, log.overflowed) == (QUOTA_BYTES, True)


def test_ids_come_from_one_sequence_and_after_is_exclusive() -> None:
    """Two logs share their ids, so neither's are contiguous, and `after` gives only greater ones."""
    ids = IdSequence()
    one, two = LogStore(ids), LogStore(ids)
    one.append("s", [("info", "a")], at=AT)
    two.append("s", [("info", "b")], at=AT)
    one.append("s", [("info", "c"), ("info", "d")], at=AT)
    assert [line.id for line in one.after()] == [1, 3, 4]
    assert [line.output for line in one.after(3)] == ["d"]
    assert one.after(4) == []


def test_no_line_is_lost_or_doubled_when_threads_append() -> None:
    """Four threads append at once: all ids are distinct and each log is in the order of its ids."""
    ids = IdSequence()
    logs = [LogStore(ids), LogStore(ids)]

    def write(log: LogStore) -> None:
        for number in range(200):
            log.append("s", [("info", str(number))] * 3, at=AT)

    threads = [Thread(target=write, args=(log,)) for log in logs * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = [[line.id for line in log.after()] for log in logs]
    assert all(one == sorted(one) for one in found)
    assert sorted(found[0] + found[1]) == list(range(1, 2401))


def test_a_listener_gets_each_later_batch_until_it_stops() -> None:
    """Listening starts with the next batch and ends when the returned function is called."""
    log, heard = LogStore(IdSequence()), list[str]()
    log.append("s", [("info", "before")], at=AT)

    def listener(batch: Sequence[LogLine]) -> None:
        heard.extend(line.output for line in batch)

    stop = log.listen(listener)
    log.append("s", [("info", "one"), ("info", "two")], at=AT)
    stop()
    stop()
    log.append("s", [("info", "after")], at=AT)
    assert heard == ["one", "two"]
