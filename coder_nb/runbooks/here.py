"""Which shell runs a book here. Light, for loading coder_nb comes by: the run itself is made when first needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakKeyDictionary

from coder_nb.errors import RunbookError
from coder_nb.runbooks.cells import Cells

if TYPE_CHECKING:
    from coder_nb.client import Coder
    from coder_nb.runbooks.current import Current

__all__ = ["Ask", "attach", "detach", "here"]


class Ask(Protocol):
    """Asks a person; None where nobody can be asked."""

    def __call__(self, prompt: str, *, hidden: bool = False) -> str | None: ...


class _Attached:
    def __init__(self, shell: Any, ask: Ask, connection: Callable[[], Coder | None]) -> None:
        self.cells = Cells(shell)
        self.ask, self.connection = ask, connection
        self.current: Current | None = None


_shells: WeakKeyDictionary[Any, _Attached] = WeakKeyDictionary()


def attach(shell: Any, ask: Ask, connection: Callable[[], Coder | None]) -> None:
    """Lets a shell run a book, and notes from now on which cells it runs.

    Args:
        shell: an IPython shell.
        ask: asks a person.
        connection: gives the connection that `%coder` lines use; None where there is none.
    """
    _shells[shell] = _Attached(shell, ask, connection)


def detach(shell: Any) -> None:
    """Takes that back; where it was not attached, does nothing."""
    found = _shells.pop(shell, None)
    if found is not None:
        found.cells.close()
        if found.current is not None:
            found.current.close()


def here() -> Current:
    """The run of this process's shell.

    Raises:
        RunbookError: there is no shell, or coder_nb is not loaded in it.
    """
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    if shell is None or shell not in _shells:
        raise RunbookError("a runbook's steps run in a notebook that has loaded coder_nb", hint="%load_ext coder_nb")
    found = _shells[shell]
    if found.current is None:
        from coder_nb.runbooks.current import Current

        found.current = Current(shell, found.cells, found.ask, found.connection)
    return found.current
