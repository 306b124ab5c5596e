"""Log records as frames."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coder_nb import frames
from coder_nb.api.logs import AgentLog
from coder_nb.api.resource import decode
from coder_nb.frames.escapes import plain
from coder_nb.transport.http import Answer

Cases = Callable[[str], list[dict[str, Any]]]


def test_every_field_of_a_line_arrives(make: Any) -> None:
    """Id, time, level, source by name, text without escapes, the raw text and the source's id."""
    df = make.logs(make.log("\x1b[32mok\x1b[0m", id=7, level="warn", source_id="s1"))
    assert df.iloc[0].to_dict() == {
        "id": 7,
        "time": pd.Timestamp(make.start),
        "level": "warn",
        "source": "Dev container",
        "text": "ok",
        "raw": "\x1b[32mok\x1b[0m",
        "source_id": "s1",
    }


def test_a_source_without_a_name_is_na(make: Any) -> None:
    """A line may name a source the agent does not list; its id stays."""
    df = make.logs(make.log(source_id="00000000-0000-0000-0000-000000000001"))
    assert df["source"].isna().all()
    assert df["source_id"].tolist() == ["00000000-0000-0000-0000-000000000001"]


def test_unknown_levels_are_na_and_counted(make: Any) -> None:
    """A level outside the contract is NA, and the frame says how many there are."""
    df = make.logs(make.log(level="info"), make.log(level="fatal"), make.log(level=""), make.log(level="INFO"))
    assert list(df["level"].isna()) == [False, True, True, True]
    assert df.attrs["unknown_levels"] == 3
    assert make.logs(make.log()).attrs["unknown_levels"] == 0


def test_levels_compare(make: Any) -> None:
    """A frame can be narrowed by `>=` without our help."""
    df = make.logs(*[make.log(level=level) for level in ("error", "trace", "warn", "info")])
    assert df[df["level"] >= "warn"]["level"].tolist() == ["error", "warn"]


def test_text_and_raw_are_columns_of_their_own(make: Any) -> None:
    """Writing into one of them leaves the other, also where both came from the same clean lines."""
    df = make.logs(make.log("clean"))
    df.loc[0, "text"] = "changed"
    assert df["raw"].tolist() == ["clean"]


LINE = st.builds(
    AgentLog,
    id=st.integers(0, 2**63 - 1),
    created_at=st.sampled_from([datetime(2026, 11, 23, 9, 0, second, tzinfo=UTC) for second in (0, 1)]),
    output=st.text(max_size=20) | st.just("\x1b[1mx\r"),
    level=st.sampled_from(["trace", "info", "error", "odd"]),
    source_id=st.sampled_from(["s0", "s1", "nobody's"]),
)


@given(st.lists(LINE, max_size=30))
def test_no_line_takes_a_neighbours_place(lines: list[AgentLog]) -> None:
    """However times and sources alternate, each row is its own record."""
    df = frames.logs(lines, sources={"s0": "zero", "s1": "one"}, attrs={})
    assert df["id"].tolist() == [line.id for line in lines]
    assert [time.to_pydatetime() for time in df["time"]] == [line.created_at for line in lines]
    assert df["source_id"].tolist() == [line.source_id for line in lines]
    assert df["source"].fillna("?").tolist() == [{"s0": "zero", "s1": "one"}.get(line.source_id, "?") for line in lines]
    assert df["raw"].tolist() == [line.output for line in lines]
    assert df["text"].tolist() == [plain(line.output) for line in lines]


def test_recorded_logs_become_frames(recorded: Cases) -> None:
    """What a real server sent makes a frame with as many rows, batches sharing their time."""
    for case in recorded("agent-logs"):
        body = case["response"]["body"]
        if case["response"]["status"] != 200:
            continue
        answer = Answer(method="GET", path="/logs", status=200, headers={}, body=json.dumps(body).encode())
        df = frames.logs(decode(answer, list[AgentLog]), sources={}, attrs={})
        assert df["raw"].tolist() == [line["output"] for line in body]
        assert df["time"].nunique() == len({line["created_at"] for line in body})


@pytest.mark.parametrize("output", ["", "Terraform 1.9"])
def test_a_provisioners_line_keeps_its_stage(make: Any, output: str) -> None:
    """A line without text marks where a stage begins; it stays a row."""
    df = frames.provisioner_logs([make.build_log(output, level="debug")], attrs=make.attrs)
    assert df[["level", "stage", "source", "text"]].iloc[0].tolist() == ["debug", "Planning", "provisioner", output]
