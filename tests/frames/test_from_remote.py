"""Files, jobs and runs as frames."""

from __future__ import annotations

from typing import Any

from coder_nb import frames


def test_names_that_are_no_text_can_be_seen_and_kept(make: Any) -> None:
    """A file system takes any bytes; a frame holds text."""
    df = frames.files([make.file("caf\udce9.txt"), make.file("café.txt", target="\udcff")], attrs={})
    assert list(df["name"]) == ["caf\\xe9.txt", "café.txt"]
    assert df["target"].iloc[1] == "\\xff"


def test_what_is_not_known_is_na(make: Any) -> None:
    """A folder has no size, a job that runs no code, a workspace that was left out neither."""
    assert frames.files([make.file(size=None)], attrs={})["size"].isna().all()
    running = frames.jobs([make.job()], attrs={})
    assert running["code"].isna().all() and running["ended"].isna().all()
    skipped = frames.runs([make.run(status="not_run", code=None, seconds=None, output=None)], attrs={})
    assert skipped[["code", "seconds", "output"]].isna().all(axis=None)


def test_an_unknown_state_is_a_category_too(make: Any) -> None:
    """Nothing is dropped."""
    assert list(frames.jobs([make.job(status="odd")], attrs={})["status"]) == ["odd"]
