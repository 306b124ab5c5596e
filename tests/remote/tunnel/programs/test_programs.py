"""What a workspace is sent is whole, runs on old interpreters, and takes nothing of a target for more than a name."""

from __future__ import annotations

import ast
import shlex
import shutil
import subprocess

import pytest

from coder_nb.remote.tunnel.programs import KINDS, SHARED, carrying, starting


def test_the_python_is_one_text_that_an_old_interpreter_reads() -> None:
    """Nothing of this package is imported there."""
    text = shlex.split(starting("python3", 5).partition("_r=")[2], comments=False)[0]
    tree = ast.parse(text, feature_version=(3, 7))
    imported = {
        name
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert not any(name.startswith("coder_nb") for name in imported)
    assert "__future__" in imported and isinstance(tree.body[0], ast.ImportFrom)


@pytest.mark.parametrize("kind", KINDS)
def test_every_program_is_whole(kind: str) -> None:
    """A shell reads it to its end, and it says what it says by its own nonce."""
    programs = [starting(kind, 120.5)]
    if kind not in SHARED:
        programs.append(carrying(kind, ("db.internal", 5432)))
    for program in programs:
        subprocess.run(["/bin/sh", "-n"], input=f"{{\n{program}\n}}\n".encode(), check=True, timeout=20)
        assert "$_N" in program and "\x1e" not in program


HOSTILE = ["a;touch x", "$(touch x)", "`touch x`", "a'b", 'a"b', "a b,fork", "x!!SYSTEM:touch x", "a\\b", "-e/bin/sh"]


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("kind", ["socat", "busybox nc"])
def test_a_host_is_only_ever_a_name(kind: str, name: str, tmp_path: object) -> None:
    """Whatever is in it: one word for the shell, and for socat one address."""
    program = carrying(kind, (name, 80))
    if not shutil.which(kind.partition(" ")[0]):
        pytest.skip(f"no {kind} here")
    subprocess.run(
        ["/bin/sh", "-c", f"_N=0\n{program}"],
        input=b".\n",
        cwd=str(tmp_path),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert not subprocess.run(["ls", "-A", str(tmp_path)], capture_output=True, check=True, timeout=20).stdout


def test_a_path_is_one_address_of_socat() -> None:
    """Its commas and colons too; nc is said to reach none."""
    assert "UNIX-CONNECT:/run/a\\,b\\:c" in carrying("socat", "/run/a,b:c")
    assert "TCP6:[::1]:80" in carrying("socat", ("::1", 80))
    with pytest.raises(ValueError, match="no unix sockets"):
        carrying("busybox nc", "/run/a")
