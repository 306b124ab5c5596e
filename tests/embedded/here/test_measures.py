"""Metadata of this machine is really measured, and printed as Coder prints it."""

from __future__ import annotations

import sys
import threading
import time

import pytest

from coder_nb.embedded.here.measures import Measures, items, stat
from coder_nb.embedded.state import Agent, Deployment, MetadataItem, Organization
from coder_nb.frames import measured

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="scripts need a POSIX shell")

LIMIT = 15.0
GI = 1024**3


@pytest.mark.parametrize(
    ("used", "total", "unit", "text"),
    [
        (0.7142, 4, "cores", "0.714/4 cores (18%)"),
        (0, 4, "cores", "0/4 cores (0%)"),
        (3.4 * GI, 8 * GI, "B", "3.4/8 GiB (42%)"),
        (11.27 * GI, 40 * GI, "B", "11.3/40 GiB (28%)"),
        (512, 1023, "B", "512/1023 B (50%)"),
        (201.6 * GI, 256 * GI, "B", "202/256 GiB (79%)"),
    ],
)
def test_it_looks_like_coder_stat(used: float, total: float, unit: str, text: str) -> None:
    """Three digits that matter, the whole, its unit, and the share."""
    assert stat(used, total, unit) == text


def collected(*declared: MetadataItem) -> list[MetadataItem]:
    """The items, once each has been collected."""
    from datetime import UTC, datetime

    now = datetime.now(UTC)
    deployment = Deployment("d", Organization("o", "coder", now))
    agent = Agent("a", "main", now, deployment.new_log(), metadata=list(declared))
    measures = Measures(agent, {"PATH": "/usr/bin:/bin"})
    measures.start()
    end = time.monotonic() + LIMIT
    while any(item.collected_at is None for item in declared) and time.monotonic() < end:
        threading.Event().wait(0.02)
    measures.close()
    return list(declared)


def test_everything_declared_is_measured() -> None:
    """Each has a number and no error; CPU, memory and disk have a unit too."""
    for item in collected(*items()):
        number, unit = measured(item.value)
        assert item.error == "" and item.collected_at is not None, item
        assert number is not None and number >= 0
        assert unit == {"cpu": "cores", "load": None}.get(item.key, unit)
        assert item.key in ("cpu", "load") or (unit or "").endswith("iB")


def test_a_script_that_fails_or_hangs_says_so_and_keeps_what_it_printed() -> None:
    """In the words of an agent; a newline at the end stays."""
    bad, slow, long = collected(
        MetadataItem("bad", "Bad", "echo half; echo no >&2; exit 3"),
        MetadataItem("slow", "Slow", "echo begun; exec sleep 60", timeout=1),
        MetadataItem("long", "Long", "head -c 3000 /dev/zero | tr '\\0' x"),
    )
    assert (bad.value, bad.error) == ("half\nno\n", "run cmd: exit status 3")
    assert (slow.value, slow.error) == ("begun\n", "run cmd: signal: killed\ncontext deadline exceeded")
    assert (len(long.value), long.error) == (2048, "value of 3000 bytes exceeded 2048 bytes")


def test_closing_does_not_wait_for_a_script() -> None:
    """A script that would run for a minute ends with its workspace."""
    from datetime import UTC, datetime

    now = datetime.now(UTC)
    item = MetadataItem("slow", "Slow", "exec sleep 60", timeout=60)
    agent = Agent("a", "main", now, Deployment("d", Organization("o", "coder", now)).new_log(), metadata=[item])
    measures = Measures(agent, {"PATH": "/usr/bin:/bin"})
    measures.start()
    end = time.monotonic() + LIMIT
    while measures._process is None and time.monotonic() < end:
        threading.Event().wait(0.01)
    measures.close()
    assert "coder-nb:here-measures" not in [thread.name for thread in threading.enumerate()]
