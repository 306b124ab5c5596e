"""coder_nb: Coder workspaces from a notebook. `%load_ext coder_nb` for the magics, `coder_nb.connect()` for Python.

Importing this loads nothing heavy: each public name is imported when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from coder_nb.client import Agent, Coder, Whoami, Workspace, connect
    from coder_nb.credentials import Secret
    from coder_nb.errors import CoderError
    from coder_nb.remote.result import RunResult
    from coder_nb.runbooks.decorated import step
    from coder_nb.within import Inside, inside

__version__ = "0.1.0"

__all__ = [
    "Agent",
    "Coder",
    "CoderError",
    "Inside",
    "RunResult",
    "Secret",
    "Whoami",
    "Workspace",
    "__version__",
    "connect",
    "inside",
    "load_ipython_extension",
    "step",
    "unload_ipython_extension",
]

_HOME = {
    "Agent": "coder_nb.client",
    "Coder": "coder_nb.client",
    "CoderError": "coder_nb.errors",
    "Inside": "coder_nb.within",
    "RunResult": "coder_nb.remote.result",
    "Secret": "coder_nb.credentials",
    "Whoami": "coder_nb.client",
    "Workspace": "coder_nb.client",
    "connect": "coder_nb.client",
    "inside": "coder_nb.within",
    "step": "coder_nb.runbooks.decorated",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'coder_nb' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)


def load_ipython_extension(shell: InteractiveShell) -> None:
    """`%load_ext coder_nb`: registers `%coder` with this shell."""
    from coder_nb.magics.extension import load

    load(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """`%unload_ext coder_nb`: takes everything back that loading registered."""
    from coder_nb.magics.extension import unload

    unload(shell)
