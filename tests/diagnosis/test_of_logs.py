"""What lines of a log mean, and who listens where connections were refused."""

from __future__ import annotations

import pytest

from coder_nb.diagnosis import Cause, Facts, diagnose
from tests.diagnosis.made import app, container, facts, lines, listing


def found(seen: Facts, rule: str = "refused") -> list[Cause]:
    """What one rule finds."""
    return [cause for cause in diagnose(seen) if cause.rule == rule]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("connect ECONNREFUSED 127.0.0.1:5433", "127.0.0.1:5433"),
        ("connect ECONNREFUSED ::1:5433", "::1:5433"),
        ("dial tcp [::1]:5433: connect: connection refused", "[::1]:5433"),
        ("connection to server at localhost, port 5433 failed: Connection refused", "localhost:5433"),
        ("curl: (7) Failed to connect to localhost port 5433: Connection refused", "localhost:5433"),
    ],
)
def test_an_address_is_read_out_of_what_programs_say(text: str, address: str) -> None:
    """However they write it."""
    (cause,) = found(facts(it={"logs": lines(text), "ports": frozenset({22})}))
    assert cause.what == f"nothing listens on {address}"
    assert cause.level == "problem"


def test_what_listens_instead_is_shown() -> None:
    """Ports the server tells of, and those of containers."""
    around = {
        "ports": frozenset({8080, 9229}),
        "listing": listing(container(ports=(5432,)), container("old", status="x")),
    }
    (cause,) = found(facts(it={"logs": lines("connect ECONNREFUSED 127.0.0.1:5433"), **around}))
    assert [one[:2] for one in cause.evidence[1:]] == [
        ("listening", "8080, 9229"),
        ("container db", "postgres:16 publishes 5432"),
    ]


@pytest.mark.parametrize(
    ("ports", "level"), [(frozenset({5433}), "note"), (None, "warning"), (frozenset({1}), "problem")]
)
def test_how_grave_it_is_depends_on_who_listens_now(ports: frozenset[int] | None, level: str) -> None:
    """Over, not known, or still so."""
    (cause,) = found(facts(it={"logs": lines("connect ECONNREFUSED 127.0.0.1:5433"), "ports": ports}))
    assert cause.level == level


def test_of_a_port_of_an_app_nothing_can_be_told() -> None:
    """The server leaves it out of those that listen."""
    seen = facts(
        agent={"apps": [app()]}, it={"logs": lines("connect ECONNREFUSED 127.0.0.1:8080"), "ports": frozenset({22})}
    )
    assert [cause.level for cause in found(seen)] == ["warning"]


def test_lines_are_counted_and_the_first_and_last_are_shown() -> None:
    """Escape sequences are gone."""
    seen = facts(it={"logs": lines("\x1b[31mout of memory\x1b[0m 1", "fine", "out of memory 2", "Out of Memory 3")})
    (cause,) = found(seen, "memory-out")
    assert [(one.what, one.text) for one in cause.evidence] == [
        ("log, Startup, 3 times", "out of memory 1"),
        ("last of them", "Out of Memory 3"),
    ]


def test_a_line_counts_for_one_meaning_and_not_as_another_error() -> None:
    """The limit of watched files calls itself a lack of space."""
    seen = facts(it={"logs": lines("inotify_add_watch: ENOSPC: System limit for number of file watchers reached")})
    assert [cause.rule for cause in diagnose(seen)] == ["file-watchers"]


def test_in_a_workspace_that_has_ended_nothing_is_to_be_run() -> None:
    """Its log can be read."""
    from tests.diagnosis.made import build

    (cause,) = found(facts(build("succeeded", "stop"), it={"logs": lines("no space left on device")}), "disk-out")
    assert cause.next == "%coder logs dev --level warn"
