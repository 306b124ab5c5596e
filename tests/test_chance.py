"""What is left to chance is told to recordings and given back by replays, and to nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from coder_nb import chance, clock
from coder_nb.remote import identity


class Kept:
    """Keeps what it is told, and gives back what it was made with."""

    def __init__(self, known: dict[str, chance.Value] | None = None, at: datetime | None = None) -> None:
        self.names: list[tuple[str, str]] = []
        self.notes: list[tuple[str, chance.Value]] = []
        self._known, self._at = known or {}, at

    def named(self, kind: str, value: str) -> None:
        self.names.append((kind, value))

    def note(self, what: str, value: chance.Value) -> None:
        self.notes.append((what, value))

    def recall(self, what: str) -> chance.Value | None:
        return self._known.get(what)

    def moment(self) -> datetime | None:
        return self._at


@pytest.fixture
def recording() -> Iterator[Kept]:
    """A witness that knows nothing yet."""
    kept = Kept()
    chance.attend(kept)
    yield kept
    chance.leave(kept)


@pytest.fixture
def replay() -> Iterator[Kept]:
    """A witness that knows of a job and of a reading."""
    kept = Kept({"job at a": "0badcafe", "run": [5.0, 2.5]}, datetime(2026, 11, 20, tzinfo=UTC))
    chance.attend(kept)
    yield kept
    chance.leave(kept)


def test_a_recording_is_told_every_name_by_its_kind(recording: Kept) -> None:
    """So that it can call them by number."""
    made = [("nonce", identity.nonce()), ("session", identity.session()), ("short", identity.short())]
    assert recording.names == made


def test_a_recording_notes_what_people_see(recording: Kept) -> None:
    """The job's id and how long something took."""
    job = identity.job("b")
    watch = clock.Watch("walk")
    watch.stop()
    assert recording.notes == [("job at b", job), ("walk", [watch.started.timestamp(), watch.seconds])]


def test_a_replay_gives_back_what_it_knows_and_no_more(replay: Kept) -> None:
    """Another agent's job has a new id: it is not of this replay."""
    assert identity.job("a") == "0badcafe" != identity.job("b")
    watch = clock.Watch("run")
    watch.stop()
    assert (watch.started, watch.seconds) == (datetime.fromtimestamp(5, UTC), 2.5)
    assert clock.now() == datetime(2026, 11, 20, tzinfo=UTC)


def test_without_anybody_the_clock_is_the_systems() -> None:
    """Nothing is kept, and nothing stands still."""
    before = datetime.now(UTC)
    watch = clock.Watch("run")
    assert before <= watch.started <= clock.now() <= datetime.now(UTC)
    assert watch.seconds >= 0
