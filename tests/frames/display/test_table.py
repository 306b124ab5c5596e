"""Which rows, columns and words are shown of a frame."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from coder_nb import frames
from coder_nb.frames.display.layout import LAYOUTS
from coder_nb.frames.display.table import Table, table
from coder_nb.frames.schema import SCHEMAS


def _shown(df: pd.DataFrame) -> Table:
    found = table(df)
    assert found is not None
    return found


def _cells(df: pd.DataFrame, name: str) -> list[tuple[str, str]]:
    found = _shown(df)
    place = [column.name for column in found.columns].index(name)
    return [(row[place].text, row[place].tone) for row in found.rows]


def test_every_kind_has_a_layout_that_fits_its_schema() -> None:
    """No layout names a column that is not there."""
    assert LAYOUTS.keys() == SCHEMAS.keys()
    for kind, layout in LAYOUTS.items():
        assert {layout.key, *layout.quiet, *layout.flows} <= SCHEMAS[kind].keys()


@pytest.mark.parametrize(("rows", "left_out"), [(0, 0), (1, 0), (60, 0), (61, 1), (14_000, 13_940)])
def test_a_long_log_shows_both_ends(make: Any, rows: int, left_out: int) -> None:
    """The first and the last thirty lines, and how many are between."""
    lines = [make.log(str(number), id=number) for number in range(rows)]
    df = make.logs(*lines)
    shown = [int(text) for text, _ in _cells(df, "text")]
    assert _shown(df).gap[0] == left_out
    assert shown == ([*range(30), *range(rows - 30, rows)] if left_out else [*range(rows)])
    assert _shown(df).title[0] == f"{rows:,} log line{'' if rows == 1 else 's'}"


def test_other_long_frames_show_the_first_rows(make: Any) -> None:
    """A list that has an order of its own is cut at the end."""
    df = make.frame("ports", 100)
    assert [text for text, _ in _cells(df, "port")] == [str(port) for port in range(9, 69)]
    assert _shown(df).gap == (40, 60)


def _of_web(make: Any, local: dict[int, str]) -> pd.DataFrame:
    """Three ports of a workspace; 8080 has a link of its own."""
    link = {8080: "https://8080.example.com/"}.get
    listening = [make.port(number) for number in (5432, 8080, 9000)]
    attrs = {"workspace": "ada/web", "agent": "main"}
    return frames.ports(listening, [], link=link, app_link=lambda _: None, attrs=attrs, local=local)


def test_a_port_without_a_link_says_what_to_type(make: Any) -> None:
    """The line that leads there; none where there is a link already, of the deployment or of this machine."""
    df = _of_web(make, {9000: "http://127.0.0.1:9001"})
    assert _cells(df, "url") == [
        ("%coder forward 5432 ada/web.main", "off"),
        ("https://8080.example.com/", ""),
        ("–", "off"),
    ]
    assert df["url"].isna().tolist() == [True, False, True]
    assert _cells(frames.concat({("dev", "gpu"): df}), "url")[0] == ("%coder forward 5432 dev.gpu", "off")
    assert _cells(df[["port", "url"]], "url")[0] == ("–", "off")


def test_addresses_here_have_a_column_once_there_is_one(make: Any) -> None:
    """A link, in the row of the port that its tunnel leads to."""
    assert _shown(_of_web(make, {})).hidden == ["local"]
    df = _of_web(make, {9000: "http://127.0.0.1:9001"})
    assert _shown(df).hidden == []
    assert _cells(df, "local") == [("–", "off"), ("–", "off"), ("http://127.0.0.1:9001", "")]
    assert [row[-1].url for row in _shown(df).rows] == [None, None, "http://127.0.0.1:9001"]


def test_chosen_columns_are_all_shown(make: Any) -> None:
    """Who picks columns sees them, also those we would leave out."""
    df = make.frame("logs", 2)[["id", "text"]]
    assert [column.name for column in _shown(df).columns] == ["id", "text"]
    assert _shown(df).hidden == []


def test_added_columns_are_shown(make: Any) -> None:
    """A column of one's own stands beside ours."""
    df = make.frame("logs", 1).assign(length=2.5, tags=[["a", "b"]])
    assert _cells(df, "length") == [("2.5", "")]
    assert _cells(df, "tags") == [("['a', 'b']", "")]


def test_what_was_made_from_a_frame_is_left_to_pandas(make: Any) -> None:
    """Attrs survive a groupby; the caption would be wrong there."""
    df = make.frame("logs", 3)
    assert table(df.groupby("source").size().to_frame()) is None
    assert table(df.set_index("source")) is None
    assert table(df.drop(columns="text")) is None
    assert table(df[["text", "text"]]) is None
    assert table(df.T) is None
    assert table(pd.DataFrame({"text": ["x"]})) is None


def test_times_of_one_day_say_the_day_once(make: Any) -> None:
    """The zone and the day stand in the head."""
    found = _shown(make.logs(make.log(after=1), make.log(after=2)))
    assert (found.columns[0].name, found.columns[0].note) == ("time", "2026-11-23 UTC")
    assert [text for text, _ in _cells(make.logs(make.log(after=1), make.log(after=2)), "time")] == [
        "09:00:01",
        "09:00:02",
    ]


def test_times_of_several_days_are_whole(make: Any) -> None:
    """A log over midnight needs the day in each row."""
    df = make.logs(make.log(), make.log(after=86_400))
    assert [text for text, _ in _cells(df, "time")] == ["2026-11-23 09:00:00", "2026-11-24 09:00:00"]
    assert _shown(df).columns[0].note == "UTC"


def test_a_converted_zone_is_named(make: Any) -> None:
    """Times that somebody moved to another zone show that zone."""
    df = make.logs(make.log())
    df["time"] = df["time"].dt.tz_convert("Europe/Berlin")
    assert _shown(df).columns[0].note == "2026-11-23 Europe/Berlin"
    assert _cells(df, "time") == [("10:00:00", "")]


def test_missing_values_are_dashes(make: Any) -> None:
    """NA of every dtype is the same quiet dash."""
    df = frames.scripts([make.script(run_on_start=True)], [], attrs={})
    assert [_cells(df, name)[0][0] for name in ("status", "exit_code", "started", "seconds")] == ["–"] * 4


def test_states_have_their_colours(make: Any) -> None:
    """Words of state take the tone of that state; a container that failed is not merely off."""
    assert _cells(make.logs(make.log(level="error"), make.log(level="odd")), "level") == [
        ("error", "error"),
        ("–", "off"),
    ]
    boxes = [
        make.container("a"),
        make.container("b", running=False, status="exited with code 1"),
        make.container("c", running=False, status="exited successfully"),
    ]
    df = frames.containers(make.listing(*boxes), attrs={})
    assert [tone for _, tone in _cells(df, "status")] == ["running", "failed", "stopped"]
    ran = frames.scripts([make.script(run_on_start=True)], [make.timing(exit_code=3, status="exit_failure")], attrs={})
    assert _cells(ran, "exit_code") == [("3", "error")]
    assert _cells(ran, "status") == [("exit_failure", "exit_failure")]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (119, "119 s"),
        (120, "2 min"),
        (7199, "120 min"),
        (7200, "2 h"),
        (200_000, "2 d"),
        (9_000_000, "104 d"),
    ],
)
def test_ages_are_in_their_largest_unit(make: Any, seconds: int, text: str) -> None:
    """One whole number and a unit; never collected is a dash."""
    df = make.frame("metadata", 2)
    df["age"] = pd.Series([pd.Timedelta(seconds=seconds), pd.NaT], dtype="timedelta64[us]")
    assert _cells(df, "age") == [(text, ""), ("–", "off")]


def test_errors_are_coloured(make: Any) -> None:
    """What a script complained of stands out from what it measured."""
    df = make.frame("metadata", 1).assign(error="run cmd: exit status 3")
    assert _cells(df, "error") == [("run cmd: exit status 3", "error")]


def test_flags_are_words(make: Any) -> None:
    """True and False read as what they mean in their column."""
    spaces = [make.workspace(outdated=True, health={"healthy": False}), make.workspace(agents=[])]
    df = frames.workspaces(spaces, attrs={})
    assert [text for text, _ in _cells(df, "health")] == ["unhealthy", "–"]
    assert [text for text, _ in _cells(df, "outdated")] == ["outdated", "no"]


def test_unknown_levels_are_counted_in_what_is_left(make: Any) -> None:
    """The note speaks of the rows in the frame, not of those it was cut from."""
    df = make.logs(make.log(level="odd"), make.log(level="odder"), make.log())
    assert _shown(df).notes == ["2 lines have levels that this version does not know, shown as –"]
    assert _shown(df.head(1)).notes == ["1 line has a level that this version does not know, shown as –"]
    assert _shown(df.tail(1)).notes == []


def test_a_text_without_end_is_cut(make: Any) -> None:
    """A server that sends a megabyte in one line does not fill the notebook; what was cut is said."""
    text, _ = _cells(make.logs(make.log("x" * 1_000_000)), "text")[0]
    assert text == "x" * 2000 + "… 998,000 more characters"


def test_whose_frame_of_several_agents(make: Any) -> None:
    """Frames of several agents begin with workspace and agent, and the caption names neither."""
    df = frames.concat({("web", "main"): make.frame("logs", 1), ("ml", "main"): make.frame("logs", 1)})
    assert [column.name for column in _shown(df).columns][:3] == ["workspace", "agent", "time"]
    assert _shown(df).title == ("2 log lines", "", "demo")


def test_a_time_that_is_none_is_left_out(make: Any) -> None:
    """A frame without a readable fetch time has a caption without one."""
    df = make.logs(make.log())
    df.attrs["fetched_at"] = "<b>"
    assert _shown(df).facts == ()
