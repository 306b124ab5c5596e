"""Containers, dev containers and published ports as frames."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from coder_nb import frames
from coder_nb.api.containers import ContainerListing
from coder_nb.api.resource import decode
from coder_nb.transport.http import Answer

Cases = Callable[[str], list[dict[str, Any]]]


@pytest.mark.parametrize(
    ("port", "shown"),
    [
        ({"port": 80, "network": "tcp", "host_ip": "127.0.0.1", "host_port": 8080}, "127.0.0.1:8080→80/tcp"),
        ({"port": 53, "network": "udp", "host_ip": "::", "host_port": 53}, "[::]:53→53/udp"),
        ({"port": 80, "host_port": 8080}, "8080→80/tcp"),
        ({"port": 80}, "80/tcp"),
        ({"port": 80, "host_port": 0, "host_ip": ""}, "80/tcp"),
    ],
)
def test_ports_are_readable(make: Any, port: dict[str, Any], shown: str) -> None:
    """Outside, an arrow, inside: as people say it."""
    df = frames.containers(make.listing(make.container(ports=[port])), attrs={})
    assert df["ports"].tolist() == [shown]


def test_a_container_joins_its_dev_container(make: Any) -> None:
    """The container that a dev container runs in says so; another one does not."""
    box = make.container("app")
    dev = make.devcontainer("work", status="running", dirty=True, container=msgspec.to_builtins(box))
    df = frames.containers(make.listing(box, make.container("db"), dev=[dev]), attrs={})
    assert make.rows(df, "name", "devcontainer", "devcontainer_status", "dirty") == [
        ["app", "work", "running", True],
        ["db", "-", "-", "-"],
    ]


def test_a_dev_container_without_a_container_is_a_row(make: Any) -> None:
    """One that failed to start has no container; it is not lost, and its error is its status."""
    dev = make.devcontainer("broken", status="error", error="feature not found")
    df = frames.containers(make.listing(dev=[dev]), attrs={})
    assert make.rows(df, "devcontainer", "devcontainer_status", "status") == [["broken", "error", "feature not found"]]
    assert df["name"].isna().all()
    assert df["running"].tolist() == [False]


def test_a_label_filter_does_not_bring_back_containers(make: Any) -> None:
    """The server filters containers and not dev containers: one whose container was filtered out makes no row."""
    dev = make.devcontainer("work", container=msgspec.to_builtins(make.container("app")))
    assert frames.containers(make.listing(dev=[dev]), attrs={}).empty


def test_labels_and_volumes_are_json(make: Any) -> None:
    """Both can be searched as text and read back as objects, in an order that does not change."""
    df = frames.containers(make.listing(make.container(labels={"b": "ü", "a": '"'}, volumes=None)), attrs={})
    assert df["labels"].tolist() == ['{"a": "\\"", "b": "ü"}']
    assert json.loads(df["labels"][0]) == {"a": '"', "b": "ü"}
    assert df["volumes"].tolist() == ["{}"]


def test_warnings_go_into_attrs(make: Any) -> None:
    """The server's warnings are kept with the frame, as text; without any there is no such key."""
    df = frames.containers(make.listing(make.container(), warnings=["port 80 twice", "old docker"]), attrs=make.attrs)
    assert df.attrs["warnings"] == "port 80 twice; old docker"
    assert "warnings" not in frames.containers(make.listing(), attrs={}).attrs


def test_null_lists_are_empty_frames() -> None:
    """An agent whose start scripts still run knows nothing yet."""
    assert frames.containers(ContainerListing(), attrs={}).empty
    assert frames.container_ports(ContainerListing(), attrs={}).empty


def test_a_published_port_is_a_row(make: Any) -> None:
    """Each published port has its own row, with its container's name; what is not bound has no host port."""
    ports = [{"port": 80, "host_ip": "127.0.0.1", "host_port": 8080}, {"port": 9000, "network": "udp"}]
    df = frames.container_ports(make.listing(make.container("app", ports=ports), make.container("db")), attrs={})
    assert make.rows(df) == [
        ["app", 80, "tcp", 8080, "127.0.0.1"],
        ["app", 9000, "udp", "-", "-"],
    ]


def test_recorded_listings_become_frames(recorded: Cases) -> None:
    """What a real server sent makes frames with a row for each container and each port."""
    good = [case["response"]["body"] for case in recorded("containers") if case["response"]["status"] == 200]
    assert good
    for body in good:
        answer = Answer(method="GET", path="/containers", status=200, headers={}, body=json.dumps(body).encode())
        listing = decode(answer, ContainerListing)
        df = frames.containers(listing, attrs={})
        assert df["name"].dropna().tolist() == [box["name"] for box in body["containers"] or []]
        published = [port for box in body["containers"] or [] for port in box["ports"] or []]
        assert len(frames.container_ports(listing, attrs={})) == len(published)
