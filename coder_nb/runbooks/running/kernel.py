"""The cells of a notebook, run in a fresh kernel that ends with them. Knows nothing of steps and journals.

Stops at the first cell that fails, as somebody at the notebook would, and never raises for what a cell did.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec, NoSuchKernel
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

from coder_nb.credentials.seen import mask
from coder_nb.errors import RunbookError
from coder_nb.look import visible
from coder_nb.nearest import nearest
from coder_nb.runbooks.running.asking import Ask
from coder_nb.runbooks.running.signals import Interrupts

__all__ = ["Ended", "Failure", "Place", "Tell", "execute"]

STARTED_WITHIN = 60
"""Seconds a kernel may take to answer for the first time."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A cell that failed.

    Attributes:
        number: of the cell in the notebook, from 1, as a person counts; markdown counts too.
        kind: the exception's class, "" where the kernel died.
        text: what it said.
        source: the cell's first line.
    """

    number: int
    kind: str
    text: str
    source: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.text}" if self.kind else self.text


@dataclass(frozen=True, slots=True)
class Ended:
    """How it went.

    Attributes:
        interrupted: somebody pressed Ctrl-C, or this process was told to end.
    """

    failure: Failure | None = None
    interrupted: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a kernel runs.

    Attributes:
        folder: its working directory.
        environment: all of its environment.
        name: of an installed kernel; "" for the Python that runs this.
    """

    folder: Path
    environment: Mapping[str, str]
    name: str = ""


class Tell(Protocol):
    """Hears how far it is."""

    def began(self, index: int) -> None:
        """Cell `index`, from 0, is about to run."""

    def ended(self, index: int) -> None:
        """Cell `index` has run, or needed no running."""

    def say(self, text: str) -> None:
        """A line for people."""


class _ThisPython(AsyncKernelManager):
    """Starts a kernel of the Python that runs this, whatever is installed as python3."""

    @property
    def kernel_spec(self) -> KernelSpec:
        return KernelSpec(**get_kernel_dict())


async def execute(notebook: Any, *, place: Place, log: IO[bytes], ask: Ask | None, tell: Tell) -> Ended:
    """Run every cell, in order, until one fails; outputs go into the notebook.

    Args:
        notebook: an nbformat notebook, whose cells are changed.
        log: takes what the kernel's process itself writes, as it does when it dies.
        ask: puts the kernel's questions to a person; None where there is nobody.
    Raises:
        RunbookError: there is no such kernel, or it does not start.
    """
    client = NotebookClient(notebook, km=_manager(place.name), record_timing=True, store_widget_state=False)
    pending: set[asyncio.Future[Any]] = set()

    def order(what: Callable[[], Any]) -> None:
        with suppress(RuntimeError):  # There is no kernel yet, or none any more.
            pending.add(asyncio.ensure_future(_quietly(what)))

    manager: Any = client.km
    stop, kill = (lambda: order(manager.interrupt_kernel)), (lambda: order(_killing(manager)))
    with Interrupts(stop, kill, tell.say) as interrupts:
        try:
            async with _kernel(client, place, log) as connection:
                connection.allow_stdin = ask is not None
                questions = asyncio.ensure_future(_answer(connection, ask, interrupts)) if ask else None
                try:
                    return await _cells(client, interrupts, tell)
                finally:
                    if questions is not None:
                        questions.cancel()
        except RunbookError:
            if not interrupts.count:
                raise
            return Ended(interrupted=True)


async def _cells(client: NotebookClient, interrupts: Interrupts, tell: Tell) -> Ended:
    for index, cell in enumerate(client.nb.cells):
        if interrupts.count:
            break
        tell.began(index)
        failure = None
        try:
            await client.async_execute_cell(cell, index)
        except CellExecutionError as error:
            failure = _failure(index, cell, error.ename, error.evalue)
        except DeadKernelError:
            failure = _failure(index, cell, "", "the kernel died")
        tell.ended(index)
        if failure:
            return Ended(failure, interrupted=bool(interrupts.count))
    return Ended(interrupted=bool(interrupts.count))


def _failure(index: int, cell: Any, kind: str, text: str) -> Failure:
    source = next((line for line in cell.source.splitlines() if line.strip()), "")
    return Failure(index + 1, kind, visible(mask(text), keep="\n"), visible(mask(source.strip())))


@asynccontextmanager
async def _kernel(client: NotebookClient, place: Place, log: IO[bytes]) -> AsyncIterator[AsyncKernelClient]:
    """A kernel that answers, and its channels; both are gone afterwards."""
    manager: Any = client.km
    try:
        await client.async_start_new_kernel(env=dict(place.environment), cwd=str(place.folder), stdout=log, stderr=log)
        client.startup_timeout = STARTED_WITHIN
        connection: Any = await client.async_start_new_kernel_client()
    except (RuntimeError, OSError) as error:
        raise RunbookError(f"the kernel did not start: {error}", hint="pip install 'coder-nb[lab]'") from error
    try:
        yield connection
    finally:
        with suppress(RuntimeError):
            await manager.shutdown_kernel(now=not await manager.is_alive())
        connection.stop_channels()


async def _answer(connection: AsyncKernelClient, ask: Ask, interrupts: Interrupts) -> None:
    """Puts the kernel's questions to a person. Meanwhile nothing else happens here, which nobody notices."""
    while True:
        message = await connection.get_stdin_msg(timeout=None)
        if message["header"]["msg_type"] != "input_request":
            continue
        asked = message["content"]
        interrupts.asking = True
        try:
            text = ask(str(asked.get("prompt", "")), secret=bool(asked.get("password")))
        except KeyboardInterrupt:
            print()
            interrupts.asking = False
            interrupts.again()
        else:
            connection.input(text)
        finally:
            interrupts.asking = False


def _manager(name: str) -> AsyncKernelManager:
    manager = AsyncKernelManager(kernel_name=name) if name else _ThisPython()
    if name:
        try:
            manager.kernel_spec  # noqa: B018
        except NoSuchKernel:
            known = manager.kernel_spec_manager.find_kernel_specs()
            close = nearest(name, known) or sorted(known)
            raise RunbookError(f"no such kernel: {name}", hint=f"--kernel {' or '.join(close)}") from None
    if manager.has_trait("transport_encryption"):
        # Newer kernels print a warning otherwise.
        manager.set_trait("transport_encryption", "auto")
    return manager


def _killing(manager: Any) -> Callable[[], Any]:
    return lambda: manager.shutdown_kernel(now=True)


async def _quietly(what: Callable[[], Any]) -> None:
    with suppress(RuntimeError, ProcessLookupError):
        await what()
