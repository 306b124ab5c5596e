"""A process, and every kernel it starts, that knows of no real deployment and no saved credential.

Takes away CODER_*, moves the home and XDG directories to an empty folder, and turns the keyring off. It refuses to
guess: what tests may know of a deployment has to be named CODER_NB_TEST_*. Python's user packages, kernels installed
for the user and matplotlib's font cache stay reachable.
"""

from __future__ import annotations

import os
import shutil
import site
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

KEPT = ("CODER_NB_TEST_", "CODER_NB_REQUIRE_")
"""Prefixes of the CODER_* variables that are meant for tests."""

_FOLDERS = {
    "HOME": ".",
    "USERPROFILE": ".",
    "APPDATA": "AppData/Roaming",
    "LOCALAPPDATA": "AppData/Local",
    "XDG_CONFIG_HOME": ".config",
    "XDG_DATA_HOME": ".local/share",
    "XDG_STATE_HOME": ".local/state",
    "XDG_CACHE_HOME": ".cache",
    "XDG_RUNTIME_DIR": ".run",
}


def environment(home: Path, before: Mapping[str, str]) -> dict[str, str]:
    """The isolated environment.

    Args:
        home: the folder that plays the home directory; it need not exist yet.
        before: the environment to start from.

    Returns:
        A new environment: no CODER_* but the KEPT ones, folders below `home`, no keyring, no progress output.
    """
    after = {name: value for name, value in before.items() if not name.startswith("CODER_") or name.startswith(KEPT)}
    after |= {name: str(home / folder) for name, folder in _FOLDERS.items()}
    after["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
    after["CODER_NB_PROGRESS"] = "0"
    for name, value in _still_needed(before).items():
        after.setdefault(name, value)
    return after


def _still_needed(before: Mapping[str, str]) -> dict[str, str]:
    """What programs find through the home directory and would otherwise miss: nothing of Coder's is among it."""
    old_home = Path(before.get("HOME") or before.get("USERPROFILE") or Path.home())
    data = Path(before.get("XDG_DATA_HOME") or old_home / ".local/share")
    kernels = [folder for folder in (data / "jupyter", old_home / "Library/Jupyter") if folder.is_dir()]
    fonts = Path(before.get("XDG_CACHE_HOME") or old_home / ".cache") / "matplotlib"
    found = {"PYTHONUSERBASE": site.getuserbase()}
    if kernels:
        found["JUPYTER_PATH"] = os.pathsep.join(map(str, kernels))
    if fonts.is_dir():
        found["MPLCONFIGDIR"] = str(fonts)
    return found


def enter() -> Callable[[], None]:
    """Isolate this process from now on.

    Returns:
        What puts the environment back and removes the folder.
    """
    before = dict(os.environ)
    home = Path(tempfile.mkdtemp(prefix="coder-nb-"))
    after = environment(home, before)
    for name in _FOLDERS:
        Path(after[name]).mkdir(mode=0o700, parents=True, exist_ok=True)
    _replace(after)

    def leave() -> None:
        _replace(before)
        shutil.rmtree(home, ignore_errors=True)

    return leave


def _replace(wanted: Mapping[str, str]) -> None:
    for name in os.environ.keys() - wanted.keys():
        del os.environ[name]
    os.environ.update(wanted)
