"""Books as files, and real kernels that run them cell by cell, as a runner or JupyterLab does."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.manager import start_new_kernel

ROOT = Path(__file__).resolve().parents[2]
WAIT = 60.0


def write(path: Path, cells: Sequence[str]) -> Path:
    """Writes a notebook of code cells; the first is tagged parameters."""
    made: list[Any] = [nbformat.v4.new_code_cell(source) for source in cells]  # type: ignore[no-untyped-call]
    made[0].metadata["tags"] = ["parameters"]
    named = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = nbformat.v4.new_notebook(cells=made, metadata=named)  # type: ignore[no-untyped-call]
    nbformat.write(notebook, path)  # type: ignore[no-untyped-call]
    return path


class Kernel:
    """A kernel, with what it said.

    Attributes:
        client: jupyter_client's own.
        manager: it too.
    """

    def __init__(self, manager: Any, client: Any) -> None:
        self.manager, self.client = manager, client

    def run(self, code: str, *, answer: str | None = None, cell_id: str = "") -> Cell:
        """Runs a cell; `answer` is what somebody types, None for nobody to ask."""
        cell = Cell()

        def asked(message: dict[str, Any]) -> None:
            cell.asked.append(message["content"])
            self.client.input(answer)

        # The blocking client has no argument for a cell's id, and the frontends that name cells send it like this.
        send = self.client.session.msg

        def named(kind: str, content: Any = None, **more: Any) -> Any:
            message = send(kind, content, **more)
            if kind == "execute_request" and cell_id:
                message["metadata"]["cellId"] = cell_id
            return message

        self.client.session.msg = named
        try:
            reply = self.client.execute_interactive(
                code, allow_stdin=answer is not None, stdin_hook=asked, output_hook=cell.take, timeout=WAIT
            )
        finally:
            self.client.session.msg = send
        cell.status, cell.error = reply["content"]["status"], reply["content"].get("evalue", "")
        return cell


class Cell:
    """What one cell gave.

    Attributes:
        shown: the data of what was displayed, and of its value, in order.
        printed: its streams.
        asked: the questions.
        comms: messages to widgets.
    """

    def __init__(self) -> None:
        self.status = self.error = self.printed = ""
        self.shown: list[dict[str, Any]] = []
        self.asked: list[dict[str, Any]] = []
        self.comms: list[dict[str, Any]] = []

    def take(self, message: dict[str, Any]) -> None:
        """Notes one message."""
        kind, content = message["msg_type"], message["content"]
        if kind in ("display_data", "execute_result"):
            self.shown.append(content["data"])
        elif kind == "stream":
            self.printed += content["text"]
        elif kind.startswith("comm_"):
            self.comms.append({"type": kind, **content})

    @property
    def texts(self) -> list[str]:
        """The plain text of what was shown."""
        return [data["text/plain"] for data in self.shown]


@contextmanager
def kernel(state: Path, **environment: str) -> Iterator[Kernel]:
    """A kernel that keeps its runs below a folder; CODER_NB_… names in the keyword arguments."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CODER_")}
    named = {f"CODER_NB_{name}": value for name, value in environment.items()}
    own = {"PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(state), "IPYTHONDIR": str(state / "ipython")}
    manager, client = start_new_kernel(kernel_name="python3", env={**inherited, **own, **named})
    try:
        yield Kernel(manager, client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
