"""What an installed coder-nb consists of, read from a wheel built here."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from coder_nb.runbooks.opening import TEMPLATES

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """A wheel of this checkout."""
    target = tmp_path_factory.mktemp("wheel")
    (path,) = WheelBuilder(str(ROOT)).build(directory=str(target), versions=["standard"])
    return zipfile.ZipFile(path)


def test_the_example_notebooks_are_inside(wheel: zipfile.ZipFile) -> None:
    """Also runbooks and their recordings, without a checkout, and nothing a checkout holds besides."""
    inside = {name for name in wheel.namelist() if name.startswith("coder_nb/notebooks/")}
    kept = [
        path
        for kind in ("*.ipynb", "runbooks/*.ipynb", "runbooks/*.cassette")
        for path in (ROOT / "notebooks").glob(kind)
    ]
    assert inside == {f"coder_nb/{path.relative_to(ROOT)}" for path in kept}


def test_data_files_are_inside(wheel: zipfile.ZipFile) -> None:
    """Types are declared; the demo's scenario, the templates of runbooks and the style of reports are there."""
    names = wheel.namelist()
    assert "coder_nb/py.typed" in names
    assert "coder_nb/embedded/scenario/fleet.toml" in names
    assert "coder_nb/runbooks/report/style.css" in names
    assert {f"coder_nb/runbooks/templates/{name}.ipynb" for name in TEMPLATES} <= set(names)


def test_the_widgets_are_inside(wheel: zipfile.ZipFile) -> None:
    """Bundled, small where a notebook gets them with every view, and without their sources."""
    bundles = {path.stem for path in (ROOT / "frontend" / "src").glob("*.ts") if not path.name.endswith(".d.ts")}
    assert "logs" in bundles
    for name in bundles:
        assert 0 < wheel.getinfo(f"coder_nb/widgets/static/{name}.js").file_size <= 40_000
    assert not [name for name in wheel.namelist() if name.endswith(".ts") or "node_modules" in name]


def test_entry_points_are_declared(wheel: zipfile.ZipFile) -> None:
    """The console script and the pytest plugin are found by whoever installs it."""
    (name,) = [name for name in wheel.namelist() if name.endswith("entry_points.txt")]
    text = wheel.read(name).decode()
    assert "coder-nb = coder_nb.cli:main" in text
    assert "coder_nb = coder_nb.testing.plugin" in text


def test_only_the_package_is_inside(wheel: zipfile.ZipFile) -> None:
    """No tests, caches or papers of the checkout are installed."""
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"coder_nb"}
    assert not [name for name in wheel.namelist() if "cache" in name or "checkpoint" in name]
