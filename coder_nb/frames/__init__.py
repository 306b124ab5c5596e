"""Records -> DataFrames: one declared schema per resource, the same columns and dtypes for 0, 1 and 10,000 rows.

Pure functions, no requests. pandas is imported when the first of them is used, not with this package.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from coder_nb.frames import display as display
    from coder_nb.frames.from_agents import apps, ports, scripts
    from coder_nb.frames.from_causes import causes
    from coder_nb.frames.from_connections import derp_latencies, derp_nodes, derp_regions, endpoints
    from coder_nb.frames.from_containers import container_ports, containers
    from coder_nb.frames.from_logs import logs, provisioner_logs
    from coder_nb.frames.from_metadata import measured, metadata
    from coder_nb.frames.from_remote import files, jobs, kernels, runs
    from coder_nb.frames.from_tunnels import tunnels
    from coder_nb.frames.from_workspaces import workspaces
    from coder_nb.frames.join import concat
    from coder_nb.frames.select import filter_logs

__all__ = [
    "apps",
    "causes",
    "concat",
    "container_ports",
    "containers",
    "derp_latencies",
    "derp_nodes",
    "derp_regions",
    "display",
    "endpoints",
    "files",
    "filter_logs",
    "jobs",
    "kernels",
    "logs",
    "measured",
    "metadata",
    "ports",
    "provisioner_logs",
    "runs",
    "scripts",
    "tunnels",
    "workspaces",
]

_HOME = {
    "apps": "from_agents",
    "causes": "from_causes",
    "concat": "join",
    "container_ports": "from_containers",
    "containers": "from_containers",
    "derp_latencies": "from_connections",
    "derp_nodes": "from_connections",
    "derp_regions": "from_connections",
    "endpoints": "from_connections",
    "files": "from_remote",
    "filter_logs": "select",
    "jobs": "from_remote",
    "kernels": "from_remote",
    "logs": "from_logs",
    "measured": "from_metadata",
    "metadata": "from_metadata",
    "ports": "from_agents",
    "provisioner_logs": "from_logs",
    "runs": "from_remote",
    "scripts": "from_agents",
    "tunnels": "from_tunnels",
    "workspaces": "from_workspaces",
}


def __getattr__(name: str) -> Any:
    if name == "display":
        return importlib.import_module("coder_nb.frames.display")
    if name not in _HOME:
        raise AttributeError(f"module 'coder_nb.frames' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"coder_nb.frames.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
