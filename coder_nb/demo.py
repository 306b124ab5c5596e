"""`coder-nb demo`: the demo deployment and JupyterLab on a copy of the example notebooks, until told to stop.

JupyterLab runs in this process and listens on loopback only; its notebooks are copies, and its window layout is kept
apart from the user's own. It refuses to overwrite a notebook that is already in the folder.
"""

from __future__ import annotations

import json
import secrets
import shutil
import signal
import socket
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coder_nb.embedded import launch
from coder_nb.errors import ConfigurationError

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

FIRST = "01-first-steps.ipynb"


def run(*, port: int | None, browser: bool, folder: Path | None) -> None:
    """Start the demo and return when it was told to stop (Ctrl-C, SIGTERM, or "Shut Down" in JupyterLab).

    Args:
        port: where JupyterLab listens; 0 for any free port, None for 8888 or one near it.
        browser: open a browser window.
        folder: where the notebooks are copied to; None for a temporary folder that is removed at the end.
    Raises:
        ConfigurationError: JupyterLab is not installed, the port is taken, or the folder cannot be written.
    """
    _check_port(port)
    lab = _import_lab()
    with ExitStack() as stack:
        lab_files = stack.enter_context(_temporary())
        where = folder or stack.enter_context(_temporary())
        copy_notebooks(where)
        stack.enter_context(launch.serve())
        server = _lab_server(lab, where, lab_files, port=port, browser=browser)
        _announce(server, where, kept=folder is not None)
        server.start()


def example_notebooks() -> list[Path]:
    """The notebooks that come along: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).parent
    for folder in (package / "notebooks", package.parent / "notebooks"):
        if found := sorted(folder.glob("*.ipynb")):
            return found
    raise ConfigurationError("the example notebooks are missing from this installation", hint="pip install coder-nb")


def copy_notebooks(folder: Path) -> None:
    """Copy the example notebooks into a folder, leaving alone those that are there already."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for notebook in example_notebooks():
            if not (folder / notebook.name).exists():
                shutil.copy(notebook, folder)
    except OSError as error:
        raise ConfigurationError(
            f"cannot copy the notebooks to {folder}: {error.strerror}", hint="coder-nb demo --dir FOLDER"
        ) from error


@contextmanager
def _temporary() -> Iterator[Path]:
    # A kernel that is being ended may still write beside its notebook, so leftovers must not be an error.
    with tempfile.TemporaryDirectory(prefix="coder-nb-demo-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def _import_lab() -> Any:
    try:
        from jupyterlab.labapp import LabApp  # type: ignore[import-untyped]
    except ImportError as error:
        raise ConfigurationError("JupyterLab is not installed", hint="pip install 'coder-nb[lab]'") from error
    return LabApp


def _check_port(port: int | None) -> None:
    # Jupyter Server itself would log a page and exit.
    if not port:
        return
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise ConfigurationError(
                f"port {port} cannot be used: {error.strerror}", hint="coder-nb demo --port 0"
            ) from error


_SETTINGS = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}
"""The demo asks nothing of the internet, and nothing of the user either."""


def _lab_server(lab: Any, folder: Path, lab_files: Path, *, port: int | None, browser: bool) -> ServerApp:
    from jupyter_client.manager import KernelManager
    from traitlets.config import Config

    config = Config()
    config.ServerApp.ip = "127.0.0.1"
    config.ServerApp.port = 8888 if port is None else port
    config.ServerApp.port_retries = 50 if port is None else 0
    config.ServerApp.root_dir = str(folder)
    config.ServerApp.open_browser = browser
    # A container's user is often root; the server is on loopback behind its own token.
    config.ServerApp.allow_root = True
    config.Application.log_level = "ERROR"
    # A generated token would be announced by Jupyter Server too, with two addresses more.
    config.IdentityProvider.token = secrets.token_hex(24)
    config.LabApp.default_url = f"/lab/tree/{FIRST}"
    config.LabApp.workspaces_dir = str(lab_files)
    config.LabApp.app_settings_dir = str(lab_files)
    (lab_files / "overrides.json").write_text(json.dumps(_SETTINGS))
    if KernelManager.class_traits().get("transport_encryption"):
        # Newer kernels print a warning for each notebook otherwise.
        config.KernelManager.transport_encryption = "auto"
    return lab.initialize_server(argv=[], config=config)  # type: ignore[no-any-return]


def _announce(server: ServerApp, folder: Path, *, kept: bool) -> None:
    def stop(*_: object) -> None:
        server.stop(from_signal=True)

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), stop)

    def announce() -> None:
        token = server.identity_provider.token
        print(f"The demo is running: {server.local_url.split('?')[0]}?token={token}")
        print(f"Notebooks: {folder}" + ("" if kept else " (removed at the end; --dir FOLDER keeps them)"))
        print("Ctrl-C ends it.", flush=True)

    # Queued behind the callback that binds the port: who reads the URL can open it.
    server.io_loop.add_callback(announce)
