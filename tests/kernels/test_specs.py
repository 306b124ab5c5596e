"""Kernel specifications: what Jupyter finds is what was added, and there is no secret in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from jupyter_client.kernelspec import KernelSpecManager

from coder_nb.errors import Conflict, NotFound
from coder_nb.kernels.specs import Spec, add, remove, specs

DEV = Spec("Python (dev)", "dev", "https://coder.example.com", "/opt/python", install=True, idle=60.0)


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Jupyter's folders are the test's."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")


def test_what_was_added_is_found(tmp_path: Path) -> None:
    """By Jupyter, and by us."""
    folder = add(DEV)
    assert folder == tmp_path / "kernels/coder-nb-python-dev"
    assert specs() == [DEV]
    found = KernelSpecManager().get_kernel_spec("coder-nb-python-dev")
    assert (found.display_name, found.language, found.interrupt_mode) == ("Python (dev)", "python", "signal")


def test_a_kernel_is_replaced_by_one_for_the_same_workspace() -> None:
    """One for another workspace needs another name."""
    add(DEV)
    newer = Spec("Python (dev)", "dev", "https://coder.example.com", "/usr/bin/python3")
    add(newer)
    assert specs() == [newer]
    with pytest.raises(
        Conflict, match=r"'Python \(dev\)' already, for dev on https://coder\.example\.com\nhint: add --na"
    ):
        add(Spec("Python (dev)", "dev", "demo"))


@pytest.mark.parametrize("name", ["dev", "Python (dev)", "coder-nb-python-dev"])
def test_one_is_removed_by_any_of_its_names(name: str) -> None:
    """Its workspace's, its title, or Jupyter's."""
    add(DEV)
    assert remove(name) == DEV
    assert specs() == []


def test_what_is_not_there_is_not_removed() -> None:
    """Nor is one of several taken by chance."""
    add(DEV)
    with pytest.raises(NotFound, match="no kernel 'dex'\nhint: dev"):
        remove("dex")
    add(Spec("Other", "dev", "demo"))
    with pytest.raises(Conflict, match="2 kernels are for dev"):
        remove("dev")


def test_a_specification_somebody_has_broken_is_passed_over() -> None:
    """Jupyter says itself what it thinks of it."""
    folder = add(DEV)
    (folder / "kernel.json").write_text('{"display_name": "x"}')
    assert specs() == []
