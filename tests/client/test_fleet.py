"""One script in many workspaces: a row each, whatever happens there."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator

import pytest

from coder_nb.client import Coder, connect
from coder_nb.embedded.faults import Fault
from coder_nb.embedded.scenario import load_scenario
from coder_nb.embedded.server import Embedded
from coder_nb.errors import Invalid


@pytest.fixture(scope="module")
def server() -> Iterator[Embedded]:
    """A deployment with the simulated fleet, in this process."""
    with Embedded(load_scenario()) as server:
        yield server


@pytest.fixture(scope="module")
def coder(server: Embedded) -> Iterator[Coder]:
    """A connection to it."""
    with connect(server.url, token=server.token) as coder:
        yield coder


def test_a_row_a_workspace_in_the_order_asked_for(coder: Coder) -> None:
    """What fails, what is stopped and what does not exist are rows too."""
    told: list[str] = []
    script = "echo in $CODER_WORKSPACE_NAME; test $CODER_WORKSPACE_NAME != docs"
    df = coder.run_all(["docs", "archive", coder.agent("web"), "no-such"], script, tell=told.append)
    assert list(df["workspace"]) == ["docs", "archive", "web", "no-such"]
    assert list(df["status"]) == ["failed", "unavailable", "ok", "unavailable"]
    assert df["code"].fillna(-1).to_list() == [1, -1, 0, -1]
    assert df["output"].fillna("").to_list() == ["in docs\n", "", "in web\n", ""]
    assert "its workspace is stopped" in str(df.loc[1, "error"]) and "no-such" in str(df.loc[3, "error"])
    assert sorted(text.partition(":")[0] for text in told) == [f"{n} of 4" for n in (1, 2, 3, 4)]


def test_a_query_and_frames_name_them_too(coder: Coder) -> None:
    """The frame of workspaces; that of an earlier run, such as those that failed."""
    query = coder.run_all("owner:me status:running", "exit 3", at_once=3)
    assert len(query) >= 3 and set(query["status"]) <= {"failed", "unavailable"}
    again = coder.run_all(query[query["code"] == 3], "true")
    assert list(again["workspace"]) == list(query.loc[query["code"] == 3, "workspace"])
    assert set(again["status"]) == {"ok"}
    frame = coder.workspaces("name:web")
    assert set(coder.run_all(frame, "true")["workspace"]) == set(frame["name"])
    with pytest.raises(Invalid, match="names no workspaces"):
        coder.run_all(frame[["id"]], "true")
    assert len(coder.run_all([], "true")) == 0


def test_time_limits_and_lost_lines_are_told_apart(server: Embedded, coder: Coder) -> None:
    """What timed out was ended; what was lost is unknown."""
    df = coder.run_all(["web"], "echo began; sleep 600", timeout=0.3)
    assert list(df["status"]) == ["timed_out"] and df.loc[0, "output"] == "began\n"
    server.faults.add(Fault("hang_up", path="/api/v2/workspaceagents/*/pty", messages=3))
    with connect(server.url, token=server.token) as fresh:
        df = fresh.run_all(["docs"], "for i in 1 2 3 4 5 6 7 8 9; do echo $i; sleep 0.1; done")
    assert list(df["status"]) == ["unknown"] and df["code"].isna().all()


def test_ctrl_c_keeps_what_is_done(coder: Coder) -> None:
    """What ran is ended and marked, what had not begun is marked; no thread is left."""

    pressed: list[str] = []

    def done(text: str) -> None:
        if not pressed:
            pressed.append(text)
            signal.raise_signal(signal.SIGINT)

    began = time.monotonic()
    df = coder.run_all(
        ["web", "docs", "docs", "docs"], "test $CODER_WORKSPACE_NAME = web || sleep 600", at_once=2, tell=done
    )
    assert df["status"].to_list()[0] == "ok"
    assert set(df["status"][1:]) <= {"unknown", "not_run", "unavailable"} and "not_run" in set(df["status"])
    assert time.monotonic() - began < 60
    assert not [thread for thread in threading.enumerate() if thread.name == "coder-nb:many"]


def test_what_is_for_one_is_refused(coder: Coder) -> None:
    """Before anything is run."""
    with pytest.raises(Invalid, match="on_output is for one workspace"):
        coder.run_all(["web"], "true", on_output=print)
