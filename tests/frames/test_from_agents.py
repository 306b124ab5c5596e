"""Ports, apps and scripts as frames."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pandas as pd
import pytest

from coder_nb import frames


def _link(port: int) -> str | None:
    return f"https://{port}.example.com/"


def test_ports_are_the_union_of_listening_and_app_ports(make: Any) -> None:
    """The server hides the ports of apps; here they are, in order, and `via` says where each comes from."""
    apps = [make.app("code", url="http://localhost:13337/?folder=/x"), make.app("api", url="http://127.0.0.1:3000")]
    df = frames.ports([make.port(8080), make.port(22, "")], apps, link=_link, app_link=lambda _: None, attrs={})
    assert make.rows(df, "port", "via", "app", "process") == [
        [22, "listening", "-", "-"],
        [3000, "app", "api", "-"],
        [8080, "listening", "-", "node"],
        [13337, "app", "code", "-"],
    ]
    assert df["url"].tolist() == [f"https://{port}.example.com/" for port in (22, 3000, 8080, 13337)]


def test_a_port_that_listens_and_is_an_apps_is_one_row(make: Any) -> None:
    """Both facts are kept: something listens, and which apps lead there."""
    apps = [make.app("a", url="http://localhost:8080/a"), make.app("b", url="http://localhost:8080/b")]
    df = frames.ports([make.port(8080)], apps, link=_link, app_link=lambda _: None, attrs={})
    assert make.rows(df, "via", "app", "process") == [["listening", "a, b", "node"]]


def test_an_apps_own_link_is_the_ports(make: Any) -> None:
    """It works where a port's address does not: without a wildcard host."""
    apps = [make.app("a", url="http://localhost:1"), make.app("b", url="http://localhost:1")]
    df = frames.ports(
        [make.port(2)],
        apps,
        link=lambda _: None,
        app_link=lambda app: "https://b/" if app.slug == "b" else None,
        attrs={},
    )
    assert make.rows(df, "port", "url") == [[1, "https://b/"], [2, "-"]]


def test_a_port_a_tunnel_leads_to_has_an_address_here(make: Any) -> None:
    """Of a listening port and of an app's alike; tunnels to other ports add no row."""
    apps = [make.app("a", url="http://localhost:80")]
    addresses = {number: f"http://127.0.0.1:{number + 40000}" for number in (80, 8080, 9999)}
    df = frames.ports(
        [make.port(8080), make.port(8081)], apps, link=_link, app_link=lambda _: None, attrs={}, local=addresses
    )
    assert make.rows(df, "port", "local") == [
        [80, "http://127.0.0.1:40080"],
        [8080, "http://127.0.0.1:48080"],
        [8081, "-"],
    ]


@pytest.mark.parametrize(
    ("app", "ports"),
    [
        ({"url": "http://localhost"}, [80]),
        ({"url": "https://localhost/x"}, [443]),
        ({"url": "https://docs.example.com:8443", "external": True}, []),
        ({"command": "htop"}, []),
        ({"url": "http://localhost:99999"}, []),
        ({"url": "http://[::1"}, []),
        ({"url": "vscode://open"}, []),
    ],
)
def test_which_port_an_app_names(make: Any, app: dict[str, Any], ports: list[int]) -> None:
    """The url's port or its scheme's; none for commands, outside addresses and urls that are none."""
    df = frames.ports([], [make.app(**app)], link=lambda _: None, app_link=lambda _: None, attrs={})
    assert df["port"].tolist() == ports
    assert df["url"].isna().all()


def test_an_app_without_a_link_has_no_url(make: Any) -> None:
    """Only an address where a link can work is given."""
    apps = [make.app("a", display_name="A"), make.app("b", command="htop", hidden=True, sharing_level="public")]
    df = frames.apps(apps, link=lambda app: "https://x/" if app.slug == "a" else None, attrs={})
    assert make.rows(df) == [
        ["a", "A", "disabled", "https://x/", False, False, "owner"],
        ["b", "b", "disabled", "-", False, True, "public"],
    ]


def test_a_script_joins_its_last_run(make: Any) -> None:
    """Of several runs the latest counts."""
    runs = [
        make.timing("Backup", stage="cron", seconds=9),
        make.timing("Backup", stage="cron", seconds=3, exit_code=1, status="exit_failure"),
    ]
    df = frames.scripts([make.script("Backup", cron="0 3 * * *")], runs, attrs={})
    assert make.rows(df, "name", "when", "status", "exit_code", "seconds", "source_id") == [
        ["Backup", "cron", "ok", 0, 9.0, "source of Backup"]
    ]
    assert df["ended"][0] - df["started"][0] == pd.Timedelta(timedelta(seconds=9))


def test_a_script_that_never_ran_is_na(make: Any) -> None:
    """Nothing is known of a run that was not, and a run of another script is not taken for it."""
    df = frames.scripts([make.script("Startup", run_on_start=True)], [make.timing("Other")], attrs={})
    assert df[["status", "exit_code", "started", "ended", "seconds"]].isna().all(axis=None)


def test_each_occasion_has_its_row(make: Any) -> None:
    """A script for start and stop ran on one and not on the other; one for neither is still listed."""
    scripts = [make.script("Both", run_on_start=True, run_on_stop=True), make.script("Neither")]
    df = frames.scripts(scripts, [make.timing("Both", stage="start")], attrs={})
    assert make.rows(df, "name", "when", "status") == [
        ["Both", "start", "ok"],
        ["Both", "stop", "-"],
        ["Neither", "-", "-"],
    ]


def test_scripts_that_share_a_name_share_no_run(make: Any) -> None:
    """Runs name scripts by display name only; rather nothing than another script's exit code."""
    scripts = [make.script("Same", run_on_start=True), make.script("Same", run_on_start=True)]
    df = frames.scripts(scripts, [make.timing("Same", exit_code=1)], attrs={})
    assert df["exit_code"].isna().all()
