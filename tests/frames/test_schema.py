"""Every frame has its declared columns and dtypes, however many rows it has."""

from __future__ import annotations

import io
import json
from typing import Any

import pandas as pd
import pytest

from coder_nb import frames
from coder_nb.frames.build import dtypes
from coder_nb.frames.schema import SCHEMAS

TIME = "datetime64[us, UTC]"
GOLDEN: dict[str, dict[str, str]] = {
    "workspaces": {
        "name": "str",
        "owner": "str",
        "status": "category",
        "health": "boolean",
        "outdated": "boolean",
        "template": "str",
        "agent": "str",
        "agent_status": "category",
        "lifecycle": "category",
        "build": "Int64",
        "last_used": TIME,
        "created": TIME,
        "id": "str",
    },
    "logs": {
        "id": "int64",
        "time": TIME,
        "level": "category",
        "source": "str",
        "text": "str",
        "raw": "str",
        "source_id": "str",
    },
    "provisioner_logs": {
        "id": "int64",
        "time": TIME,
        "level": "category",
        "stage": "str",
        "source": "str",
        "text": "str",
    },
    "ports": {
        "port": "int64",
        "network": "str",
        "process": "str",
        "via": "category",
        "app": "str",
        "url": "str",
        "local": "str",
    },
    "containers": {
        "name": "str",
        "image": "str",
        "running": "boolean",
        "status": "str",
        "ports": "str",
        "devcontainer": "str",
        "devcontainer_status": "str",
        "dirty": "boolean",
        "created": TIME,
        "id": "str",
        "labels": "str",
        "volumes": "str",
    },
    "container_ports": {
        "container": "str",
        "port": "int64",
        "network": "str",
        "host_port": "Int64",
        "host_ip": "str",
    },
    "apps": {
        "slug": "str",
        "name": "str",
        "health": "category",
        "url": "str",
        "external": "boolean",
        "hidden": "boolean",
        "sharing": "str",
    },
    "scripts": {
        "name": "str",
        "when": "str",
        "status": "str",
        "exit_code": "Int64",
        "started": TIME,
        "ended": TIME,
        "seconds": "float64",
        "source_id": "str",
    },
    "metadata": {
        "key": "str",
        "name": "str",
        "value": "str",
        "number": "float64",
        "unit": "str",
        "error": "str",
        "collected": TIME,
        "age": "timedelta64[us]",
    },
    "files": {
        "name": "str",
        "kind": "category",
        "size": "Int64",
        "modified": TIME,
        "mode": "str",
        "owner": "str",
        "target": "str",
    },
    "jobs": {
        "id": "str",
        "command": "str",
        "status": "category",
        "code": "Int64",
        "started": TIME,
        "ended": TIME,
        "seconds": "float64",
        "bytes": "int64",
    },
    "kernels": {
        "workspace": "str",
        "agent": "str",
        "id": "str",
        "python": "str",
        "pid": "Int64",
        "started": TIME,
        "state": "category",
        "connected": "boolean",
    },
    "runs": {
        "workspace": "str",
        "agent": "str",
        "status": "category",
        "code": "Int64",
        "seconds": "float64",
        "output": "str",
        "error": "str",
    },
    "causes": {
        "rank": "int64",
        "level": "category",
        "rule": "str",
        "where": "str",
        "cause": "str",
        "evidence": "str",
        "since": TIME,
        "next": "str",
    },
    "tunnels": {
        "workspace": "str",
        "agent": "str",
        "target": "str",
        "container": "str",
        "local": "str",
        "state": "category",
        "relay": "str",
        "connections": "int64",
        "open": "int64",
        "failed": "int64",
        "bytes_in": "int64",
        "bytes_out": "int64",
        "reason": "str",
    },
    "derp_regions": {
        "region": "int64",
        "code": "str",
        "name": "str",
        "embedded": "boolean",
        "relay": "boolean",
        "avoid": "boolean",
        "nodes": "int64",
        "latency_ms": "float64",
        "preferred": "boolean",
    },
    "derp_nodes": {
        "region": "int64",
        "node": "str",
        "host": "str",
        "port": "Int64",
        "stun_port": "Int64",
        "tls": "boolean",
        "ipv4": "str",
        "ipv6": "str",
    },
    "derp_latencies": {
        "region": "int64",
        "name": "str",
        "family": "category",
        "latency_ms": "float64",
        "preferred": "boolean",
    },
    "endpoints": {"address": "str", "port": "Int64", "family": "category", "reach": "category"},
}


def test_the_schemas_are_the_golden_ones() -> None:
    """A column cannot change its name, place or dtype without this page of truth changing too."""
    declared = {kind: {name: str(dtype) for name, dtype in dtypes(kind).items()} for kind in SCHEMAS}
    assert declared == GOLDEN
    assert [list(columns) for columns in declared.values()] == [list(columns) for columns in GOLDEN.values()]


@pytest.mark.parametrize("rows", [0, 1, 10_000])
@pytest.mark.parametrize("kind", GOLDEN)
def test_rows_do_not_change_columns_or_dtypes(make: Any, kind: str, rows: int) -> None:
    """Zero, one and 10,000 rows give the same columns in the same order, with equal dtypes, categories included."""
    df = make.frame(kind, rows)
    assert len(df) == rows
    assert list(df.columns) == list(GOLDEN[kind])
    assert {name: str(dtype) for name, dtype in df.dtypes.items()} == GOLDEN[kind]
    assert all(df.dtypes[name] == dtype for name, dtype in dtypes(kind).items())
    assert isinstance(df.index, pd.RangeIndex)


@pytest.mark.parametrize("rows", [1, 50])
@pytest.mark.parametrize("kind", GOLDEN)
def test_a_frame_survives_parquet(make: Any, kind: str, rows: int) -> None:
    """What was written to Parquet comes back equal: values, dtypes, the order of levels, and what the frame says."""
    pytest.importorskip("pyarrow")
    df = make.frame(kind, rows)
    file = io.BytesIO()
    df.to_parquet(file)
    back = pd.read_parquet(file)
    pd.testing.assert_frame_equal(back, df)
    assert back.attrs == df.attrs


@pytest.mark.parametrize("kind", [kind for kind in GOLDEN if "agent" not in GOLDEN[kind]])
def test_an_empty_frame_survives_parquet_but_for_its_categories(make: Any, kind: str) -> None:
    """Parquet keeps categories with the rows: without any they are lost, and `concat` gives them back."""
    pytest.importorskip("pyarrow")
    df = make.frame(kind, 0)
    file = io.BytesIO()
    df.to_parquet(file)
    back = pd.read_parquet(file)
    pd.testing.assert_frame_equal(back, df, check_categorical=False, check_dtype=False)
    assert {name: str(dtype) for name, dtype in back.dtypes.items()} == GOLDEN[kind]
    again = frames.concat({("web", "main"): back}).drop(columns=["workspace", "agent"])
    pd.testing.assert_series_equal(again.dtypes, df.dtypes)


@pytest.mark.parametrize("kind", GOLDEN)
def test_attrs_are_json_scalars(make: Any, kind: str) -> None:
    """What a frame says of itself can be written down as JSON, and names its kind."""
    attrs = make.frame(kind, 1).attrs
    assert attrs["frame"] == kind
    assert attrs["deployment"] == "demo"
    assert json.loads(json.dumps(attrs)) == attrs
    assert all(isinstance(value, str | int | float | bool | None) for value in attrs.values())


def test_levels_are_ordered() -> None:
    """A level can be compared with another."""
    level = dtypes("logs")["level"]
    assert level.ordered
    assert list(level.categories) == ["trace", "debug", "info", "warn", "error"]
