"""What an agent gives: frames of logs, ports, containers, apps and scripts."""

from __future__ import annotations

import pandas as pd
import pytest

from coder_nb.client import Coder
from coder_nb.errors import CoderError


def test_logs_are_filtered_and_name_their_sources(coder: Coder) -> None:
    """Level means at least; the frame says whose it is."""
    agent = coder.agent("api-broken")
    every, bad = agent.logs(), agent.logs(level="error")
    assert 0 < len(bad) < len(every)
    assert set(bad["level"]) == {"error"}
    assert every["source"].notna().all()
    assert (bad.attrs["workspace"], bad.attrs["agent"], bad.attrs["fetched_at"]) == (
        "api-broken",
        "main",
        "2026-03-12T09:30:00+00:00",
    )


def test_relative_times_count_from_the_servers_clock(coder: Coder) -> None:
    """The demo's clock stands still in March 2026, far from ours."""
    agent = coder.agent("fresh")
    recent = agent.logs(since="10m")
    assert 0 < len(recent) <= len(agent.logs())
    assert recent["time"].min() >= pd.Timestamp("2026-03-12T09:20:00Z")


def test_only_newer_lines(coder: Coder) -> None:
    """`after` is sent to the server."""
    agent = coder.agent("web")
    ids = agent.logs()["id"]
    assert list(agent.logs(after=int(ids.iloc[-3]))["id"]) == list(ids.iloc[-2:])


def test_wrong_filters_are_told(coder: Coder) -> None:
    """Each with a hint."""
    agent = coder.agent("web")
    wrong = [{"level": "loud"}, {"since": "yesterdayish"}, {"grep": "("}, {"source": "No such source"}]
    for filters in wrong:
        with pytest.raises(CoderError) as caught:
            agent.logs(**filters)  # type: ignore[arg-type]
        assert caught.value.hint


def test_ports_are_the_union_with_apps(coder: Coder) -> None:
    """Ports of apps are hidden by the server and added from the apps."""
    ports = coder.agent("web").ports()
    assert set(ports["via"]) == {"listening", "app"}
    assert ports["port"].is_monotonic_increasing
    assert ports.loc[ports["via"] == "app", "app"].notna().all()


def test_containers_and_their_ports(coder: Coder) -> None:
    """Three and a dev container, one of them ended."""
    agent = coder.agent("web")
    containers = agent.containers()
    assert containers["running"].sum() >= 2 and not containers["running"].all()
    assert containers["devcontainer"].notna().any()
    ports = agent.container_ports()
    assert set(ports["container"]) <= set(containers["name"])


def test_scripts_carry_their_last_run(coder: Coder) -> None:
    """The failed one is told, and its source joins the logs."""
    agent = coder.agent("api-broken")
    scripts = agent.scripts()
    failed = scripts[scripts["status"] == "exit_failure"]
    assert len(failed) == 1 and failed["exit_code"].iloc[0] != 0
    assert failed["source_id"].iloc[0] in set(agent.logs(level="error")["source_id"])


def test_apps_have_links_only_where_one_can_work(coder: Coder) -> None:
    """Of a disconnected agent no app can be opened."""
    apps = coder.agent("web").apps()
    assert apps["url"].str.startswith("http").sum() >= 1
    assert coder.agent("laptop").apps()["url"].isna().all()


def test_show_escapes_what_a_server_sends(coder: Coder) -> None:
    """An app named like a script stays text."""
    shown = coder.workspace("web").show()
    assert "<script>" not in shown._repr_html_()
    assert "&lt;script&gt;" in shown._repr_html_()
    assert "\x1b" not in repr(shown)
    assert repr(shown) == repr(coder.workspace("web").show())


@pytest.mark.parametrize(
    "name", ["web", "api-broken", "archive", "laptop", "docs", "fresh", "grace/cobol-port", "grace/payroll"]
)
def test_show_works_in_every_state(coder: Coder, name: str) -> None:
    """Stopped, failed, waiting: something is always known."""
    shown = coder.workspace(name).show()
    assert repr(shown).startswith(name) and name in shown._repr_html_()
