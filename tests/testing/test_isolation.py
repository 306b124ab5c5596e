"""Isolation of a test run: its environment, its kernels, and that it is off unless asked for."""

from __future__ import annotations

import os
import site
from collections.abc import Callable
from pathlib import Path

import pytest

from coder_nb.testing import isolation

Write = Callable[..., Path]
REAL = {
    "CODER_URL": "https://coder.example.com",
    "CODER_SESSION_TOKEN": "not-a-token",
    "CODER_CONFIG_DIR": "/etc/coder",
}
SEES_NOTHING = """
import os, pathlib
assert not [name for name in os.environ if name.startswith("CODER_") and not name.startswith("CODER_NB_")]
assert os.environ["CODER_NB_TEST_URL"] == "https://test.example.com"
assert list(pathlib.Path.home().joinpath(".config").iterdir()) == []
"""


@pytest.fixture
def real(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project on the machine of somebody who has a deployment and a saved session."""
    pytester.path.joinpath(".config", "coderv2").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(pytester.path))
    monkeypatch.setenv("CODER_NB_TEST_URL", "https://test.example.com")
    for name, value in REAL.items():
        monkeypatch.setenv(name, value)
    return pytester


def test_tests_see_no_deployment(real: pytest.Pytester) -> None:
    """With the ini option, tests and the conftest.py above them see neither CODER_* nor the home directory."""
    real.makeini("[pytest]\ncoder_isolate = true")
    real.makeconftest(SEES_NOTHING)
    real.makepyfile(f"def test_it():\n{SEES_NOTHING.replace(chr(10), chr(10) + '    ')}")
    real.runpytest_subprocess().assert_outcomes(passed=1)


def test_kernels_see_no_deployment(real: pytest.Pytester, notebook: Write) -> None:
    """A kernel that nbval starts is as isolated as the tests, also in a worker of pytest-xdist."""
    notebook(real.path, SEES_NOTHING)
    real.runpytest_subprocess("--coder-isolate", "--nbval").assert_outcomes(passed=1)
    real.runpytest_subprocess("--coder-isolate", "--nbval", "-n1").assert_outcomes(passed=1)


def test_other_projects_are_left_alone(real: pytest.Pytester) -> None:
    """Where nobody asked for isolation, a project's tests see their own environment."""
    real.makepyfile(f"import os\ndef test_it():\n    assert {REAL!r}.items() <= os.environ.items()")
    real.runpytest_subprocess().assert_outcomes(passed=1)


def test_the_environment_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaving restores every variable and removes the folder."""
    monkeypatch.setenv("CODER_URL", REAL["CODER_URL"])
    before = dict(os.environ)
    leave = isolation.enter()
    home = Path(os.environ["HOME"])
    inside = dict(os.environ)
    leave()
    assert "CODER_URL" not in inside
    assert str(home) != before["HOME"]
    assert dict(os.environ) == before
    assert not home.exists()


def test_no_variable_leads_to_the_old_home(tmp_path: Path) -> None:
    """Configuration, data, state, cache and runtime folders all lie in the new home, and the keyring is off."""
    home, old = tmp_path / "new", tmp_path / "old"
    after = isolation.environment(home, {"HOME": str(old), "XDG_CONFIG_HOME": str(old / "conf")} | REAL)
    assert not [name for name, value in after.items() if str(old) in value]
    assert {name for name in after if name.startswith("XDG_")} >= {"XDG_CONFIG_HOME", "XDG_RUNTIME_DIR"}
    assert after["PYTHON_KEYRING_BACKEND"] == "keyring.backends.null.Keyring"
    assert not REAL.keys() & after.keys()


def test_what_is_not_coders_stays_reachable(tmp_path: Path) -> None:
    """Kernels installed for the user, user packages and the font cache are still found."""
    for folder in (".local/share/jupyter", ".cache/matplotlib"):
        (tmp_path / folder).mkdir(parents=True)
    after = isolation.environment(tmp_path / "new", {"HOME": str(tmp_path)})
    assert after["JUPYTER_PATH"] == str(tmp_path / ".local/share/jupyter")
    assert after["MPLCONFIGDIR"] == str(tmp_path / ".cache/matplotlib")
    assert after["PYTHONUSERBASE"] == site.getuserbase()
