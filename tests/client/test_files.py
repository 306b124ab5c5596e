"""Files of a workspace through an agent: text, tables, listings, containers."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import pytest

from coder_nb.client import Coder
from coder_nb.errors import AgentUnavailable, CoderError, Conflict, Invalid, NotFound


def test_text_there_and_back(coder: Coder) -> None:
    """To the byte, in any encoding; what is written can be run there."""
    agent = coder.agent("web")
    copied = agent.write_text("notes.txt", "zwei Größen\r\nand no newline at the end")
    assert repr(copied) == "bytes → notes.txt: 40 bytes, sha256"
    assert agent.read_text("notes.txt") == "zwei Größen\r\nand no newline at the end"
    assert agent.run("cat notes.txt").output == "zwei Größen\r\nand no newline at the end"
    agent.write_text("old.txt", "Größe", encoding="latin-1")
    with pytest.raises(Conflict, match=r"not utf-8: old\.txt, byte 2"):
        agent.read_text("old.txt")
    assert agent.read_text("old.txt", encoding="latin-1") == "Größe"


def test_files_and_folders_there_and_back(coder: Coder, tmp_path: Path) -> None:
    """A path object will do; a folder with its files."""
    agent = coder.agent("web")
    (tmp_path / "src/deep").mkdir(parents=True)
    (tmp_path / "src/deep/a.bin").write_bytes(bytes(range(256)))
    assert agent.put(tmp_path / "src", "copy").files == 1
    assert agent.get("copy", tmp_path / "back").size == 256
    assert (tmp_path / "back/deep/a.bin").read_bytes() == bytes(range(256))
    assert agent.put(tmp_path / "src/deep/a.bin", "copy/").target == "copy/"
    assert set(agent.ls("copy")["name"]) == {"deep", "a.bin"}


def test_a_listing_is_a_frame(coder: Coder) -> None:
    """Kinds, sizes, times; a folder has no size; a pattern gives paths."""
    agent = coder.agent("web")
    agent.run("mkdir -p listed/sub && printf 12345 >listed/a.csv && ln -sf a.csv listed/link")
    df = agent.ls("listed").set_index("name")
    assert list(df["kind"]) == ["file", "link", "folder"]
    assert df.loc["a.csv", "size"] == 5 and df["size"].isna().sum() == 2
    assert df.loc["link", "target"] == "a.csv"
    assert list(agent.ls("listed/*.csv")["name"]) == ["listed/a.csv"]
    with pytest.raises(NotFound, match="nowhere"):
        agent.ls("nowhere")


def test_tables(coder: Coder) -> None:
    """By their names; several become one frame, with the path of each row."""
    agent = coder.agent("web")
    df = pd.DataFrame({"n": [1, 2], "word": ["a", "b"]})
    agent.run("mkdir -p data")
    agent.write_text("data/1.csv", df.to_csv(index=False))
    agent.write_text("data/2.csv", df.assign(n=[3, 4]).to_csv(index=False))
    agent.write_text("data/t.tsv", df.to_csv(index=False, sep="\t"))
    agent.write_text("data/j.jsonl", df.to_json(orient="records", lines=True))
    file = io.BytesIO()
    df.to_parquet(file)
    agent.write_bytes("data/p.parquet", file.getvalue())
    for name in ("1.csv", "t.tsv", "j.jsonl", "p.parquet"):
        pd.testing.assert_frame_equal(agent.read_frame(f"data/{name}"), df, check_dtype=False)
    both = agent.read_frame("data/*.csv", usecols=["n"])
    assert both.to_dict("list") == {"path": ["data/1.csv"] * 2 + ["data/2.csv"] * 2, "n": [1, 2, 3, 4]}


def test_what_is_no_table_is_told(coder: Coder) -> None:
    """By its name, by what is in it, or because there is none."""
    agent = coder.agent("web")
    agent.write_text("empty.csv", "")
    wrong: list[tuple[type[CoderError], str]] = [
        (Invalid, "a.xlsx"),
        (Conflict, "empty.csv"),
        (NotFound, "no-such.csv"),
        (NotFound, "no-such*.csv"),
    ]
    for kind, path in wrong:
        with pytest.raises(kind, match=path.replace("*", r"\*")) as caught:
            agent.read_frame(path)
        assert caught.value.hint


def test_progress_is_told(coder: Coder) -> None:
    """How much of how much."""
    told: list[str] = []
    coder.agent("web").write_bytes("big", bytes(3_000_000), tell=told.append)
    assert told and told[0].endswith("of 3.0 MB")


def test_an_agent_that_cannot_be_asked(coder: Coder) -> None:
    """A stopped workspace is told as such."""
    with pytest.raises(AgentUnavailable):
        coder.agent("archive").read_text("x")
