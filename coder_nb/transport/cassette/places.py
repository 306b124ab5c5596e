"""Where cassettes are: beside the notebook, or in the folder `cassettes` there. Written whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from coder_nb.errors import ConfigurationError
from coder_nb.nearest import nearest
from coder_nb.replacing import replace

__all__ = ["FOLDER", "SUFFIX", "find", "known", "place", "write"]

SUFFIX: Final = ".cassette"
FOLDER: Final = "cassettes"


def find(name: str) -> Path:
    """The file of a cassette.

    Args:
        name: as it was recorded under; looked for in the working directory, then in `cassettes`. Or a path.
    Raises:
        ConfigurationError: there is none; the hint names those there are.
    """
    wanted = _file(name)
    places = [wanted] if wanted.is_absolute() else [wanted, FOLDER / wanted]
    for path in places:
        if path.is_file():
            return path
    near = nearest(name, known()) or known()[:3]
    hint = f"did you mean {', '.join(near)}?" if near else f"%coder record {wanted.name.removesuffix(SUFFIX)} makes one"
    raise ConfigurationError(f"no cassette {name!r} in {Path.cwd()} or in {FOLDER} there", hint=hint)


def known() -> list[str]:
    """The names of the cassettes that are where `find` looks for them."""
    folders = [folder for folder in (Path(), Path(FOLDER)) if folder.is_dir()]
    return sorted({path.name.removesuffix(SUFFIX) for folder in folders for path in folder.glob(f"*{SUFFIX}")})


def place(name: str) -> Path:
    """Where a cassette of that name is to be written.

    Args:
        name: a name, for the folder `cassettes` where there is one, else for the working directory; or a path.
    Raises:
        ConfigurationError: not a name for a file, or there is no such folder.
    """
    wanted = _file(name)
    path = FOLDER / wanted if wanted.parent == Path() and Path(FOLDER).is_dir() else wanted
    if not path.parent.is_dir():
        raise ConfigurationError(f"no folder {path.parent} for the cassette {name!r}", hint="make it, or another name")
    return path.absolute()


def write(path: Path, text: str) -> None:
    """Writes a cassette in place of the one that may be there.

    Raises:
        ConfigurationError: it cannot be written; the one that was there is as it was.
    """
    data = text.encode("utf-8", "backslashreplace")
    try:
        replace(path, data, mode=0o644)
    except OSError as error:
        raise ConfigurationError(
            f"the cassette {path} cannot be written: {error.strerror or error}", hint="another name or folder"
        ) from None


def _file(name: str) -> Path:
    if not name.strip() or name.endswith(("/", "\\")) or "\0" in name:
        raise ConfigurationError(f"not a name for a cassette: {name!r}", hint="for example %coder record disk-usage")
    return Path(name).expanduser() if name.endswith(SUFFIX) else Path(f"{name}{SUFFIX}").expanduser()
