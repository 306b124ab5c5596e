"""What is sent to a workspace: the modules of `there`, as one file that Python runs. Made from their source."""

from __future__ import annotations

import io
import zipfile
from functools import cache
from importlib.resources import files as resources

__all__ = ["archive"]

_MAIN = "import sys\nfrom there.main import main\nmain(sys.argv[1:])\n"


@cache
def archive() -> bytes:
    """The file: `python FILE ID SECONDS` leaves a keeper behind and prints where it listens, as JSON."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("__main__.py", _MAIN)
        for entry in resources("coder_nb.kernels").joinpath("there").iterdir():
            if entry.name.endswith(".py"):
                packed.writestr(f"there/{entry.name}", entry.read_bytes())
    return content.getvalue()
