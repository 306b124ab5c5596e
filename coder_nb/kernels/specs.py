"""Kernel specifications for workspaces, as Jupyter finds them: written, listed, removed. There is no secret in one."""

from __future__ import annotations

import json
import re
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from coder_nb.errors import ConfigurationError, Conflict, NotFound
from coder_nb.nearest import nearest

__all__ = ["Spec", "add", "remove", "specs"]

PROVISIONER: Final = "coder-nb"
_ARGUMENTS: Final = ["python3", "-Xfrozen_modules=off", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
"""As of a kernel here: without the option a debugger warns, and Pythons that do not know it ignore it."""
_LOGOS: Final = ("logo-32x32.png", "logo-64x64.png", "logo-svg.svg")


@dataclass(frozen=True, slots=True)
class Spec:
    """A kernel that Jupyter offers, and where it runs.

    Attributes:
        title: what Jupyter shows.
        workspace: dev, dev.main or ada/dev.main.
        deployment: its URL, the name of a saved profile, or demo.
        python: the path of the Python there; "" for one that has ipykernel.
        install: whether a Python environment may be made there where none has ipykernel.
        idle: seconds without a connection after which a kernel ends by itself.
    """

    title: str
    workspace: str
    deployment: str
    python: str = ""
    install: bool = False
    idle: float = 86400.0

    @property
    def name(self) -> str:
        """What Jupyter calls it: letters, digits, dots and dashes."""
        return "coder-nb-" + re.sub(r"[^a-z0-9.]+", "-", self.title.lower()).strip("-.")


def add(spec: Spec) -> Path:
    """Has Jupyter offer a kernel; one of the same name for the same workspace is replaced.

    Returns:
        the folder it is in: this Python environment's where it is one, else the user's.
    Raises:
        Conflict: there is one of that name for another workspace.
        ConfigurationError: Jupyter is not installed, or the folder cannot be written.
    """
    there = next((other for other in specs() if other.name == spec.name), None)
    if there and (there.workspace, there.deployment) != (spec.workspace, spec.deployment):
        raise Conflict(
            f"there is a kernel {there.title!r} already, for {there.workspace} on {there.deployment}",
            status=409,
            hint=f"add --name, or first coder-nb kernel remove {there.name}",
        )
    from jupyter_core.paths import prefer_environment_over_user

    here = prefer_environment_over_user()
    with tempfile.TemporaryDirectory() as folder:
        _fill(Path(folder), spec)
        try:
            return Path(
                _jupyter().install_kernel_spec(folder, spec.name, user=not here, prefix=sys.prefix if here else None)
            )
        except OSError as error:
            raise ConfigurationError(
                f"the kernel could not be added: {error}", hint="JUPYTER_PREFER_ENV_PATH=0 puts it in your home"
            ) from None


def specs() -> list[Spec]:
    """The kernels for workspaces that Jupyter offers, by name.

    Raises:
        ConfigurationError: Jupyter is not installed.
    """
    found = []
    for name, folder in sorted(_jupyter().find_kernel_specs().items()):
        if name.startswith("coder-nb-"):
            try:
                content = json.loads((Path(folder) / "kernel.json").read_bytes())
                where = content["metadata"]["kernel_provisioner"]["config"]
                found.append(Spec(str(content["display_name"]), **where))
            except (OSError, ValueError, KeyError, TypeError):
                continue
    return found


def remove(name: str) -> Spec:
    """Has Jupyter offer a kernel no more; those that run go on.

    Args:
        name: its workspace, its title, or what Jupyter calls it.
    Raises:
        NotFound: there is none; the hint names the nearest.
        Conflict: there are several for that workspace.
    """
    all_specs = specs()
    found = [spec for spec in all_specs if name in (spec.name, spec.title)]
    found = found or [spec for spec in all_specs if spec.workspace == name]
    if not found:
        raise NotFound(
            f"no kernel {name!r}",
            status=404,
            hint=", ".join(nearest(name, [spec.workspace for spec in all_specs])) or "coder-nb kernel list",
        )
    if len(found) > 1:
        raise Conflict(f"{len(found)} kernels are for {name}", status=409, hint="name one that kernel list shows")
    _jupyter().remove_kernel_spec(found[0].name)
    return found[0]


def _jupyter() -> Any:
    try:
        from jupyter_client.kernelspec import KernelSpecManager
    except ImportError:
        raise ConfigurationError(
            "Jupyter is not installed in this Python environment", hint="pip install 'coder-nb[lab]'"
        ) from None
    return KernelSpecManager()


def _fill(folder: Path, spec: Spec) -> None:
    """The files of a specification."""
    where = {
        "workspace": spec.workspace,
        "deployment": spec.deployment,
        "python": spec.python,
        "install": spec.install,
        "idle": spec.idle,
    }
    content = {
        "argv": _ARGUMENTS,
        "display_name": spec.title,
        "language": "python",
        "interrupt_mode": "signal",
        "metadata": {
            "debugger": True,
            "kernel_provisioner": {"provisioner_name": PROVISIONER, "config": where},
        },
    }
    (folder / "kernel.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    try:
        from ipykernel.kernelspec import RESOURCES
    except ImportError:
        return
    for logo in _LOGOS:
        if (Path(RESOURCES) / logo).is_file():
            shutil.copy(Path(RESOURCES) / logo, folder)
