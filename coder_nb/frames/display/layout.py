"""How each kind of frame is laid out for people: what it is called and which columns are shown. Plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["LAYOUTS", "Layout", "Offer"]


class Offer(NamedTuple):
    """What a cell without a value shows: the line to type to get one. `unless`: a column whose value is as good."""

    column: str
    unless: str
    line: str


@dataclass(frozen=True, slots=True)
class Layout:
    """One kind.

    Attributes:
        row: what a row is; an s makes it several.
        key: the column without which it is some other table that was made from such a frame.
        quiet: columns not shown, as long as the frame has all its columns.
        flows: columns of long text that may break over several lines.
        both_ends: of a long frame show the first and the last rows, not the first only.
        seconds: times with seconds.
        sparse: columns not shown either, unless some row has a value there.
        offer: what is shown of one column where it has no value, `{whose}` being the agent.
    """

    row: str
    key: str
    quiet: tuple[str, ...] = ()
    flows: tuple[str, ...] = ()
    both_ends: bool = False
    seconds: bool = False
    sparse: tuple[str, ...] = ()
    offer: Offer | None = None


LAYOUTS: Mapping[str, Layout] = {
    "workspaces": Layout("workspace", key="name", quiet=("created", "id")),
    "logs": Layout(
        "log line",
        key="text",
        quiet=("id", "raw", "source_id"),
        flows=("text", "raw"),
        both_ends=True,
        seconds=True,
    ),
    "provisioner_logs": Layout(
        "provisioner log line", key="text", quiet=("id",), flows=("text",), both_ends=True, seconds=True
    ),
    "ports": Layout(
        "port",
        key="port",
        flows=("url", "local"),
        sparse=("local",),
        offer=Offer("url", unless="local", line="%coder forward {port} {whose}"),
    ),
    "containers": Layout(
        "container",
        key="name",
        quiet=("running", "id", "labels", "volumes"),
        flows=("image", "status", "ports", "labels", "volumes"),
    ),
    "container_ports": Layout("published port", key="container"),
    "apps": Layout("app", key="slug", flows=("url",)),
    "scripts": Layout("script", key="name", quiet=("source_id",), seconds=True),
    "metadata": Layout(
        "metadata item", key="key", quiet=("key", "number", "unit", "collected"), flows=("value", "error")
    ),
    "files": Layout("name", key="name", quiet=("mode", "owner"), flows=("target",)),
    "jobs": Layout("job", key="command", flows=("command",), quiet=("ended",), seconds=True),
    "kernels": Layout("kernel", key="id", quiet=("agent",), flows=("python",)),
    "runs": Layout("workspace", key="workspace", quiet=("agent",), flows=("output", "error")),
    "causes": Layout(
        "cause", key="cause", quiet=("rule", "evidence"), flows=("cause", "evidence", "next"), seconds=True
    ),
    "tunnels": Layout("tunnel", key="local", flows=("local", "reason"), sparse=("container", "reason")),
    "derp_regions": Layout("DERP region", key="region"),
    "derp_nodes": Layout("DERP node", key="node"),
    "derp_latencies": Layout("measurement", key="latency_ms"),
    "endpoints": Layout("endpoint", key="address"),
}
"""By kind of frame."""
