"""Which Python of a workspace runs kernels, and how one is made where there is none: real venvs, real wheels."""

from __future__ import annotations

import base64
import hashlib
import os
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from coder_nb.client import Coder
from coder_nb.errors import ConfigurationError
from coder_nb.kernels import pythons


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH on which python3 is this one's base, which has no ipykernel."""
    folder = tmp_path / "bin"
    folder.mkdir()
    base = Path(sys.base_prefix) / "bin/python3"
    (folder / "python3").write_text(f'#!/bin/sh\nexec "{base}" "$@"\n')
    (folder / "python3").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return folder


def wheelhouse(folder: Path) -> None:
    """A package index in a folder: an ipykernel that is the one of this environment."""
    folder.mkdir()
    name = "ipykernel-99.0"
    record = f"{name}.dist-info/RECORD"
    files = {
        "its.pth": sysconfig.get_path("purelib") + "\n",
        f"{name}.dist-info/METADATA": "Metadata-Version: 2.1\nName: ipykernel\nVersion: 99.0\n",
        f"{name}.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    with zipfile.ZipFile(folder / f"{name}-py3-none-any.whl", "w") as wheel:
        lines = []
        for path, text in files.items():
            wheel.writestr(path, text)
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            lines.append(f"{path},sha256={digest},{len(text)}")
        wheel.writestr(record, "\n".join([*lines, f"{record},,"]) + "\n")


def pip_only(coder: Coder, index: Path) -> None:
    """Has pip in the workspace look into a folder and nowhere else."""
    config = f"[global]\nno-index = true\nfind-links = {index}\ndisable-pip-version-check = true\n"
    coder.agent("web").run("mkdir -p ~/.config/pip && cat >~/.config/pip/pip.conf", input=config)


def test_the_one_asked_for_is_taken(coder: Coder) -> None:
    """If it has ipykernel, wherever it is."""
    agent = coder.agent("web")
    agent.run("cat >~/mine && chmod +x ~/mine", input=f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    found = pythons.find(agent, "~/mine")
    assert found is not None
    assert found.ipykernel
    assert str(found).endswith(f"ipykernel {found.ipykernel})")


def test_one_that_has_no_ipykernel_is_refused(coder: Coder, bare: Path) -> None:
    """With what to type."""
    with pytest.raises(ConfigurationError, match=r"no ipykernel\)\nhint: %coder run web.main -- .* -m pip install"):
        pythons.find(coder.agent("web"), str(bare / "python3"))


def test_the_path_is_looked_through_and_the_login_shells(
    coder: Coder, bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many set their PATH where only login shells read it."""
    agent = coder.agent("web")
    assert pythons.find(agent) is None
    agent.run("cat >~/.profile; cp ~/.profile ~/.bash_profile", input=f"PATH={Path(sys.executable).parent}:$PATH\n")
    found = pythons.find(agent)
    assert found is not None
    assert Path(found.path).parent == Path(sys.executable).parent
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    assert pythons.find(coder.agent("ml")) is not None


def test_one_is_made_and_then_found(coder: Coder, bare: Path, tmp_path: Path) -> None:
    """An environment of its own; nothing is asked for it beyond what pip needs."""
    wheelhouse(tmp_path / "index")
    pip_only(coder, tmp_path / "index")
    agent = coder.agent("web")
    made = pythons.install(agent)
    assert made.path.endswith("/.local/share/coder-nb/kernel/bin/python")
    assert pythons.find(agent) == made


def test_what_cannot_be_made_leaves_nothing(coder: Coder, bare: Path, tmp_path: Path) -> None:
    """The end of what pip said is in the error."""
    (tmp_path / "index").mkdir()
    pip_only(coder, tmp_path / "index")
    agent = coder.agent("web")
    with pytest.raises(ConfigurationError, match=r"could not be installed in web\.main: .*No matching distribution"):
        pythons.install(agent)
    assert agent.run("ls ~/.local/share/coder-nb", check=False).output.strip() == ""
    (bare / "python3").unlink()
