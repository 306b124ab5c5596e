"""Records of every kind for frames to be made of; as the wire has them, so that they pass through the real decoder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, TypeVar

import msgspec
import pandas as pd
import pytest

from coder_nb import frames
from coder_nb.api.agents import Script, WorkspaceApp
from coder_nb.api.builds import ProvisionerLog, ScriptTiming
from coder_nb.api.connection import DerpMap
from coder_nb.api.containers import Container, ContainerListing, Devcontainer
from coder_nb.api.logs import AgentLog
from coder_nb.api.metadata import NEVER, MetadataItem
from coder_nb.api.ports import ListeningPort
from coder_nb.api.workspaces import Workspace

T = TypeVar("T")
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ATTRS = {"deployment": "demo", "workspace": "web", "agent": "main", "fetched_at": "2026-11-23T12:00:00+00:00"}
SOURCES = {"s0": "Startup script", "s1": "Dev container"}


def _wire(kind: type[T], **fields: Any) -> T:
    return msgspec.convert(fields, kind, dec_hook=lambda text, value: text(str(value)))


class Make:
    """Makes records; every field can be given, as the wire has it."""

    attrs = ATTRS
    sources = SOURCES
    start = START

    def log(
        self, output: str = "ready", *, id: int = 1, level: str = "info", after: float = 0, **more: Any
    ) -> AgentLog:
        """A log line, `after` seconds after the start."""
        at = START + timedelta(seconds=after)
        return AgentLog(id=id, created_at=at, output=output, level=level, source_id=more.get("source_id", "s0"))

    def build_log(self, output: str = "plan", *, id: int = 1, level: str = "info") -> ProvisionerLog:
        """A provisioner's log line."""
        return ProvisionerLog(
            id=id, created_at=START, log_source="provisioner", log_level=level, stage="Planning", output=output
        )

    def agent(self, name: str = "main", **fields: Any) -> dict[str, Any]:
        """An agent, as a part of a workspace."""
        times = dict.fromkeys(("created_at", "updated_at"), "2026-11-23T08:00:00Z")
        state = {
            "status": "connected",
            "lifecycle_state": "ready",
            "operating_system": "linux",
            "architecture": "amd64",
        }
        return {"id": name, "name": name, "resource_id": "r", **times, **state, **fields}

    def workspace(
        self,
        name: str = "web",
        *,
        agents: Sequence[dict[str, Any]] | None = None,
        status: str = "running",
        **fields: Any,
    ) -> Workspace:
        """A workspace with its latest build."""
        times = dict.fromkeys(("created_at", "updated_at"), "2026-11-20T08:00:00.123456Z")
        parts = [{"id": "r", "type": "vm", "name": "vm", "agents": [self.agent()] if agents is None else list(agents)}]
        build = {"id": "b", "workspace_id": "w", "build_number": 3, "transition": "start", "status": status, **times}
        build |= {"job": {"id": "j", "status": "succeeded", **times}, "resources": parts}
        plain = dict.fromkeys(("owner_id", "template_id"), "x") | {"owner_name": "ada", "template_name": "docker"}
        used = {"last_used_at": "2026-11-23T08:59:00Z", "latest_build": build}
        return _wire(Workspace, **{"id": name, "name": name, **plain, **times, **used, **fields})

    def port(self, port: int = 8080, process: str = "node") -> ListeningPort:
        """A listening port."""
        return ListeningPort(port=port, process_name=process)

    def app(self, slug: str = "web", **fields: Any) -> WorkspaceApp:
        """An app."""
        return _wire(WorkspaceApp, **{"id": slug, "slug": slug, **fields})

    def container(self, name: str = "db", **fields: Any) -> Container:
        """A container."""
        base = {"id": f"id-{name}", "name": name, "image": "postgres:16", "running": True, "status": "running"}
        return _wire(Container, **{**base, "created_at": "2026-11-22T08:30:00.123456789Z", **fields})

    def devcontainer(self, name: str = "app", **fields: Any) -> Devcontainer:
        """A dev container."""
        return _wire(Devcontainer, **{"id": name, "name": name, "workspace_folder": "/w", **fields})

    def listing(
        self, *containers: Container, dev: Sequence[Devcontainer] | None = None, **more: Any
    ) -> ContainerListing:
        """What an agent knows of containers."""
        return ContainerListing(containers=list(containers), devcontainers=list(dev or []), **more)

    def script(self, name: str = "Startup", **fields: Any) -> Script:
        """A script."""
        return _wire(Script, **{"id": name, "log_source_id": f"source of {name}", "display_name": name, **fields})

    def timing(
        self, name: str = "Startup", *, stage: str = "start", seconds: float = 2.5, **fields: Any
    ) -> ScriptTiming:
        """A run of a script."""
        ran = {"started_at": START, "ended_at": START + timedelta(seconds=seconds), "stage": stage}
        base = {"exit_code": 0, "status": "ok", "display_name": name, "workspace_agent_id": "a"}
        return ScriptTiming(**{**ran, **base, **fields})

    def metadata(
        self, key: str = "mem", value: str = "3.4/8 GiB (42%)", *, age: int = 4, error: str = "", **fields: Any
    ) -> MetadataItem:
        """A measurement; `age` NEVER for one that was never made."""
        at = "0001-01-01T00:00:00Z" if age >= NEVER else "2026-11-23T08:59:56Z"
        result = {"collected_at": at, "age": age, "value": value, "error": error}
        return _wire(MetadataItem, description={"key": key, "script": "coder stat mem", **fields}, result=result)

    def relays(self, count: int = 1, **fields: Any) -> DerpMap:
        """A map of so many regions with a node each; the fields are the nodes'."""
        regions = {}
        for number in range(1, count + 1):
            node = {"Name": f"{number}a", "RegionID": number, "HostName": "relay.example.com", **fields}
            regions[str(number)] = {"RegionID": number, "RegionCode": "r", "RegionName": f"R{number}", "Nodes": [node]}
        return _wire(DerpMap, Regions=regions)

    def file(self, name: str = "a.csv", **fields: Any) -> Any:
        """A name in a folder."""
        base = {"kind": "file", "size": 12, "modified": START, "mode": "rw-r--r--", "owner": "ada", "target": None}
        return SimpleNamespace(**{"name": name, **base, **fields})

    def job(self, id: str = "3f9a", **fields: Any) -> Any:
        """A background job."""
        base = {"command": "make", "status": "running", "code": None, "started": START, "ended": None, "seconds": 2.5}
        return SimpleNamespace(**{"id": id, "bytes": 120, **base, **fields})

    def kernel(self, id: str = "62e61aea", **fields: Any) -> Any:
        """A notebook kernel."""
        base = {"workspace": "web", "agent": "main", "python": "/usr/bin/python3", "pid": 7, "started": START}
        return SimpleNamespace(**{"id": id, "state": "idle", "connected": True, **base, **fields})

    def run(self, workspace: str = "web", **fields: Any) -> Any:
        """How a script went."""
        base = {"agent": "main", "status": "ok", "code": 0, "seconds": 0.5, "output": "ok\n", "error": None}
        return SimpleNamespace(**{"workspace": workspace, **base, **fields})

    def tunnel(self, number: int = 0, **fields: Any) -> Any:
        """A local port that leads into a workspace."""
        counts = {"connections": 3, "open": 1, "refused": 1, "failed": 1, "bytes_in": 9_000_000_000, "bytes_out": 7}
        stats = SimpleNamespace(state="open", relay="python3", reason="", **counts)
        base = {"workspace": "web", "agent": "main", "leads_to": "127.0.0.1:5432", "container": None, "stats": stats}
        return SimpleNamespace(**{"url": f"http://127.0.0.1:{40_000 + number}", **base, **fields})

    def cause(self, what: str = "a disk is full", **fields: Any) -> Any:
        """What a diagnosis has found."""
        seen = SimpleNamespace(what="log", text="no space left")
        base = {
            "rule": "disk-out",
            "level": "problem",
            "where": "web",
            "evidence": [seen],
            "next": "%coder show",
            "at": START,
        }
        return SimpleNamespace(**{"what": what, **base, **fields})

    def rows(self, df: pd.DataFrame, *columns: str) -> list[list[Any]]:
        """A frame's values row by row, NA as "-"."""
        chosen = (df[list(columns)] if columns else df).astype(object)
        found: list[list[Any]] = chosen.where(chosen.notna(), "-").to_numpy().tolist()
        return found

    def logs(self, *records: AgentLog) -> pd.DataFrame:
        """A logs frame."""
        return frames.logs(records, sources=SOURCES, attrs=ATTRS)

    def frame(self, kind: str, rows: int) -> pd.DataFrame:
        """A frame of any kind with so many rows, made of as many records."""
        every = range(rows)
        made: dict[str, Callable[[], pd.DataFrame]] = {
            "workspaces": lambda: frames.workspaces([self.workspace()] * rows, attrs=ATTRS),
            "logs": lambda: self.logs(*[self.log(id=number, after=number) for number in every]),
            "provisioner_logs": lambda: frames.provisioner_logs([self.build_log()] * rows, attrs=ATTRS),
            "ports": lambda: frames.ports(
                [self.port(n + 9) for n in every], [], link=lambda _: None, app_link=lambda _: None, attrs=ATTRS
            ),
            "containers": lambda: frames.containers(self.listing(*[self.container()] * rows), attrs=ATTRS),
            "container_ports": lambda: frames.container_ports(
                self.listing(*[self.container(ports=[{"port": 80}])] * rows), attrs=ATTRS
            ),
            "apps": lambda: frames.apps([self.app()] * rows, link=lambda _: None, attrs=ATTRS),
            "metadata": lambda: frames.metadata([self.metadata(str(n)) for n in every], attrs=ATTRS),
            "causes": lambda: frames.causes([self.cause(str(n)) for n in every], attrs=ATTRS),
            "derp_regions": lambda: frames.derp_regions(self.relays(rows), latency={}, attrs=ATTRS),
            "derp_nodes": lambda: frames.derp_nodes(self.relays(rows), attrs=ATTRS),
            "derp_latencies": lambda: frames.derp_latencies(
                self.relays(), [(1, "v4", float(n)) for n in every], preferred=1, attrs=ATTRS
            ),
            "endpoints": lambda: frames.endpoints([f"192.0.2.1:{n}" for n in every], attrs=ATTRS),
            "files": lambda: frames.files([self.file(str(n)) for n in every], attrs=ATTRS),
            "jobs": lambda: frames.jobs([self.job(str(n)) for n in every], attrs=ATTRS),
            "kernels": lambda: frames.kernels([self.kernel(str(n)) for n in every], attrs=ATTRS),
            "runs": lambda: frames.runs([self.run(str(n)) for n in every], attrs=ATTRS),
            "tunnels": lambda: frames.tunnels([self.tunnel(n) for n in every], attrs=ATTRS),
            "scripts": lambda: frames.scripts([self.script(str(n)) for n in every], [], attrs=ATTRS),
        }
        return made[kind]()


@pytest.fixture(scope="session")
def make() -> Make:
    """Makes records and frames."""
    return Make()
