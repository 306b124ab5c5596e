"""Kernels in workspaces for tests: a deployment whose faults can be ordered, and kernels as Jupyter starts them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

from coder_nb.client import Coder, connect
from coder_nb.embedded.scenario import load_scenario
from coder_nb.embedded.server import Embedded
from coder_nb.kernels.specs import Spec, add

SECONDS = 60.0


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Embedded]:
    """A deployment of this process, which is one's own; Jupyter's folders are the test's."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    with Embedded(load_scenario()) as server:
        monkeypatch.setenv("CODER_URL", server.url)
        monkeypatch.setenv("CODER_SESSION_TOKEN", server.token.reveal())
        yield server


@pytest.fixture
def coder(server: Embedded) -> Iterator[Coder]:
    """A connection to it."""
    with connect() as coder:
        yield coder


class Running:
    """A kernel and a client of it."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self.manager, self.client = manager, client

    @property
    def hosted(self) -> Any:
        """What the provisioner holds."""
        provisioner: Any = self.manager.provisioner
        return provisioner._hosted

    def run(self, code: str, *, answer: str | None = None, seconds: float = SECONDS) -> tuple[str, str]:
        """Runs a cell: its status, and all it gave as text, in its order.

        Args:
            answer: what is typed where it asks.
        """
        said: list[str] = []

        def take(message: dict[str, Any]) -> None:
            content = message["content"]
            match message["msg_type"]:
                case "stream":
                    said.append(content["text"])
                case "execute_result" | "display_data":
                    said.append(content["data"]["text/plain"])
                case "error":
                    said.append(f"{content['ename']}: {content['evalue']}")

        reply = self.client.execute_interactive(
            code,
            timeout=seconds,
            output_hook=take,
            allow_stdin=answer is not None,
            stdin_hook=lambda _: self.client.input(answer or ""),
        )
        return str(reply["content"]["status"]), "".join(said)


Begin = Callable[..., Running]


@pytest.fixture
def begin(server: Embedded) -> Iterator[Begin]:
    """Starts a kernel in a workspace, until the end of the test."""
    with ExitStack() as all_of_them:

        def start(workspace: str = "web", **settings: Any) -> Running:
            return all_of_them.enter_context(kernel(workspace, server.url, **settings))

        yield start


@contextmanager
def kernel(workspace: str, deployment: str, **settings: Any) -> Iterator[Running]:
    """A kernel as Jupyter starts one, and a client that is ready."""
    spec = Spec(f"Test {workspace}", workspace, deployment, **{"python": sys.executable, **settings})
    add(spec)
    manager = KernelManager(kernel_name=spec.name)
    manager.start_kernel()
    client = manager.client()
    try:
        client.start_channels()
        client.wait_for_ready(SECONDS)
        yield Running(manager, client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=not manager.is_alive())
