"""Containers through an engine's command line; the engine is a script that answers as docker does."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from coder_nb.embedded.here import containers as module
from coder_nb.embedded.here.containers import Containers, from_inspect, port_warnings
from coder_nb.embedded.state import AgentError, ContainerPort

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the engine under test is a shell script")


def inspected(name: str, **changes: Any) -> dict[str, Any]:
    """One container as `docker inspect` prints it."""
    return {
        "Id": f"{name}{'0' * (64 - len(name))}",
        "Created": "2026-03-10T08:22:00.123456789Z",
        "Name": f"/{name}",
        "State": {"Running": True, "ExitCode": 0, "Error": ""},
        "Config": {"Image": "postgres:16", "Labels": {"tier": "data"}},
        "NetworkSettings": {"Ports": {}},
        "Mounts": [],
    } | changes


class Engine:
    """A command line that answers like docker, and counts how often it was asked."""

    def __init__(self, folder: Path, name: str = "docker") -> None:
        self.folder, self.path = folder, folder / name
        self.asked = folder / f"{name}.asked"
        self.path.write_text(
            f"""#!/bin/sh
echo "$*" >> {self.asked}
[ -e {folder}/down ] && {{ echo "Cannot connect to the Docker daemon" >&2; exit 1; }}
case "$1" in
  ps) cat {folder}/ids ;;
  inspect) cat {folder}/inspect.json; [ ! -e {folder}/vanished ] ;;
esac
"""
        )
        self.path.chmod(0o755)
        self.has()

    def has(self, *containers: dict[str, Any]) -> None:
        """What the engine answers from now on."""
        (self.folder / "ids").write_text("".join(f"{one['Id']}\n" for one in containers))
        (self.folder / "inspect.json").write_text(json.dumps(containers))

    def calls(self) -> list[str]:
        """The subcommands it was asked for."""
        return [line.split()[0] for line in self.asked.read_text().splitlines()] if self.asked.exists() else []


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """An engine without containers."""
    return Engine(tmp_path)


def test_containers_are_listed_by_name_and_kept_for_ten_seconds(engine: Engine) -> None:
    """Running and exited ones; the second look asks nobody."""
    dead = {"Running": False, "ExitCode": 137, "Error": ""}
    engine.has(inspected("web"), inspected("db", State=dead))
    containers = Containers([str(engine.path)])
    listing = containers.read()
    assert [(one.name, one.running, one.status) for one in listing.containers or ()] == [
        ("db", False, "exited with code 137"),
        ("web", True, "running"),
    ]
    assert listing.devcontainers is None
    assert containers.read() == listing
    assert engine.calls() == ["ps", "inspect"]


def test_no_containers_is_an_empty_list(engine: Engine) -> None:
    """The engine answers, and has none; it is not asked to inspect nothing."""
    listing = Containers([str(engine.path)]).read()
    assert (listing.containers, listing.warnings) == ([], ())
    assert engine.calls() == ["ps"]


def test_no_engine_is_an_empty_list(tmp_path: Path) -> None:
    """Neither docker nor podman is installed."""
    listing = Containers([str(tmp_path / "docker"), str(tmp_path / "podman")]).read()
    assert (listing.containers, list(listing.warnings)) == ([], [])


def test_an_engine_that_never_answered_is_an_empty_list_with_its_words(engine: Engine) -> None:
    """Installed without a daemon: no error, but the reason is told."""
    (engine.folder / "down").touch()
    listing = Containers([str(engine.path)]).read()
    assert listing.containers == []
    assert list(listing.warnings) == [
        'run docker ps: exit status 1: "Cannot connect to the Docker daemon": exit status 1'
    ]


def test_the_next_engine_is_asked_when_the_first_does_not_answer(engine: Engine, tmp_path: Path) -> None:
    """podman counts where docker has no daemon."""
    (engine.folder / "down").touch()
    (tmp_path / "other").mkdir()
    podman = Engine(tmp_path / "other", "podman")
    podman.has(inspected("web"))
    listing = Containers([str(engine.path), str(podman.path)]).read()
    assert [one.name for one in listing.containers or ()] == ["web"]


def test_an_engine_that_answered_before_and_fails_now_is_an_error(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message and the detail are a real agent's."""
    monkeypatch.setattr(module, "CACHE_SECONDS", 0.0)
    containers = Containers([str(engine.path)])
    containers.read()
    (engine.folder / "down").touch()
    with pytest.raises(AgentError, match=r"^Could not get containers$") as caught:
        containers.read()
    assert caught.value.status == 500
    assert caught.value.detail.startswith('run docker ps: exit status 1: "Cannot connect')


def test_an_engine_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is ended after the limit, and says so."""
    monkeypatch.setattr(module, "CALL_SECONDS", 0.1)
    slow = tmp_path / "docker"
    slow.write_text("#!/bin/sh\nexec sleep 600\n")
    slow.chmod(0o755)
    assert list(Containers([str(slow)]).read().warnings) == ["run docker ps: signal: killed: context deadline exceeded"]


def test_a_container_that_vanished_meanwhile_hides_no_other(engine: Engine) -> None:
    """`inspect` then fails, but prints those that are left."""
    engine.has(inspected("web"))
    (engine.folder / "vanished").touch()
    assert [one.name for one in Containers([str(engine.path)]).read().containers or ()] == ["web"]


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ({"Running": True, "ExitCode": 0}, "running"),
        ({"Running": False, "ExitCode": 0}, "exited successfully"),
        ({"Running": False, "ExitCode": 2, "Error": ""}, "exited with code 2"),
        ({"Running": False, "ExitCode": 127, "Error": "no such file"}, "exited with code 127: no such file"),
    ],
)
def test_status_text(state: dict[str, Any], status: str) -> None:
    """The words an agent uses."""
    assert from_inspect(inspected("web", State=state)).status == status


def test_published_ports_and_volumes() -> None:
    """Only published ports, IPv4 and IPv6 merged; a mount by its source."""
    binding = [{"HostIp": "0.0.0.0", "HostPort": "8443"}, {"HostIp": "::", "HostPort": "8443"}]
    ports = {"443/tcp": binding, "80/tcp": None, "53/udp": [{"HostIp": "10.0.0.7", "HostPort": "5353"}]}
    mounts = [{"Source": "/srv/a", "Destination": "/data"}, {"Type": "tmpfs", "Destination": "/tmp"}]
    one = from_inspect(inspected("web", NetworkSettings={"Ports": ports}, Mounts=mounts))
    assert list(one.ports) == [
        ContainerPort(443, "tcp", "0.0.0.0", 8443),
        ContainerPort(53, "udp", "10.0.0.7", 5353),
    ]
    assert one.volumes == {"/srv/a": "/data", "": "/tmp"}
    assert one.created_at == "2026-03-10T08:22:00.123456789Z"


def test_two_containers_on_one_host_port_are_warned_about() -> None:
    """On different addresses that is allowed; whoever reads the list should know."""
    ports = {"80/tcp": [{"HostIp": "10.0.0.1", "HostPort": "8000"}]}
    both = [from_inspect(inspected(name, NetworkSettings={"Ports": ports})) for name in ("web", "api")]
    assert port_warnings(both[:1]) == []
    assert port_warnings(both) == [
        f"host port 8000 is mapped to multiple containers on different interfaces: {both[1].id}, {both[0].id}"
    ]
