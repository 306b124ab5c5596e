"""Asks a deployment everything that only reads, and says how each answer went."""

from __future__ import annotations

import contextlib
import platform
import statistics
import time
from collections.abc import Iterator
from datetime import datetime
from importlib import metadata

from coder_nb import __version__, clock
from coder_nb.client import Agent, Coder
from coder_nb.doctor.probes import OF_AGENT, OF_DEPLOYMENT, Probe
from coder_nb.doctor.report import Finding, Report, Result
from coder_nb.errors import AgentUnavailable, ApiError, CoderError, NotFound, PermissionDenied
from coder_nb.transport.route import route_to

__all__ = ["examine"]

SAMPLES = 5
PACKAGES = ("ipython", "ipykernel", "jupyterlab", "pandas", "pyarrow", "requests", "websocket-client", "msgspec")


def examine(coder: Coder, *, workspace: str | None = None) -> Report:
    """Asks every endpoint that only reads.

    Args:
        coder: a connection; what it may see decides what can be asked.
        workspace: whose agent to ask; None means the first of one's own that is connected.
    Raises:
        NotFound: no such workspace.
    """
    agent = coder.agent(workspace) if workspace else _connected(coder)
    findings = [_ask(probe, coder, None) for probe in OF_DEPLOYMENT]
    findings += [_ask(probe, coder, agent) if agent else _skipped(probe) for probe in OF_AGENT]
    return Report([*_facts(coder), ("agent asked", agent.title if agent else "none is connected")], findings)


def _connected(coder: Coder) -> Agent | None:
    """The first connected agent of one's own workspaces."""
    for record in coder.api.workspaces.iterate("owner:me status:running"):
        for agent in record.latest_build.agents:
            if agent.status == "connected" and agent.parent_id is None:
                return coder.agent(agent.id)
    return None


def _skipped(probe: Probe) -> Finding:
    return Finding(probe.rows, probe.endpoint, "skipped", detail="no agent of yours is connected")


def _ask(probe: Probe, coder: Coder, agent: Agent | None) -> Finding:
    begun = time.perf_counter()
    result: Result = "works"
    try:
        detail = probe.ask(coder.api, agent)
    except CoderError as error:
        result, detail = _failure(error), str(error).partition("\n")[0]
    return Finding(probe.rows, probe.endpoint, result, (time.perf_counter() - begun) * 1000, detail)


def _failure(error: CoderError) -> Result:
    """How an answer that is none went."""
    if isinstance(error, NotFound) and "route" in error.message.lower():
        return "missing"
    if isinstance(error, PermissionDenied | AgentUnavailable):
        return "refused"
    return "refused" if isinstance(error, ApiError) and error.status < 500 else "fails"


def _facts(coder: Coder) -> Iterator[tuple[str, str]]:
    who = coder.whoami()
    yield "coder_nb", f"{__version__} on Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    yield "packages", ", ".join(_versions())
    yield from who.rows()
    latency = [_seconds(coder) * 1000 for _ in range(SAMPLES)]
    yield "latency", f"{statistics.median(latency):.1f} ms, the median of {SAMPLES} (GET buildinfo)"
    yield "server's clock", _clock(coder.api.http.server_time)
    proxy = route_to(coder.api.http.url).proxy
    yield "proxy", f"{proxy.url}, from {proxy.variable}" if proxy else "none"


def _versions() -> Iterator[str]:
    for name in PACKAGES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            yield f"{name} {metadata.version(name)}"


def _seconds(coder: Coder) -> float:
    begun = time.perf_counter()
    coder.api.deployment.buildinfo()
    return time.perf_counter() - begun


def _clock(server: datetime | None) -> str:
    if server is None:
        return "not told (no Date header)"
    ahead = (server - clock.now()).total_seconds()
    if abs(ahead) < 2:  # Date headers have whole seconds only.
        return "agrees with this machine's"
    return f"{abs(ahead):,.0f} s {'ahead of' if ahead > 0 else 'behind'} this machine's"
