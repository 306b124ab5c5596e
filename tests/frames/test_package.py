"""The package's face: what can be imported, and what that costs."""

from __future__ import annotations

import subprocess
import sys

import pytest

from coder_nb import frames


def test_importing_frames_loads_nothing_heavy() -> None:
    """pandas comes with the first frame, not with the package."""
    program = "import sys, coder_nb.frames; print(sorted({'pandas', 'numpy', 'pyarrow'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_every_public_name_is_there() -> None:
    """What `__all__` promises can be had, and what it does not is an error that names it."""
    assert dir(frames) == sorted(frames.__all__)
    assert all(getattr(frames, name) for name in frames.__all__)
    with pytest.raises(AttributeError, match="fames"):
        _ = frames.fames
