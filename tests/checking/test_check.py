"""Secrets are found in notebooks and other texts, told without being shown, and masked where nobody wrote them."""

from __future__ import annotations

import base64
import json
import os
import random
import stat
import string
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from coder_nb.checking import Finding, Known, check, files, known
from coder_nb.errors import ConfigurationError
from tests.checking.planted import SHAPED, notebook
from tests.checking.test_places import EVERYWHERE, MARK

ROOT = Path(__file__).resolve().parents[2]
NOTHING = Known({})
GITHUB = SHAPED["a GitHub token"]


def write(path: Path, made: Any) -> Path:
    """A notebook as nbformat writes it."""
    path.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def shown(found: list[Finding]) -> list[str]:
    """What people read, without the folder."""
    return [str(finding).rpartition("/")[2] for finding in found]


def test_a_token_planted_by_hand_is_found_everywhere(tmp_path: Path) -> None:
    """Once in every place of a notebook; `fix` masks it, and then there is none."""
    for number, made in enumerate(EVERYWHERE.values()):
        text = json.dumps(made).replace(MARK, GITHUB)
        path = write(tmp_path / f"{number}.ipynb", json.loads(text))
        (found,) = check(path, NOTHING)
        assert (found.kind, found.fixable, found.fixed) == ("a GitHub token", True, False)
        (fixed,) = check(path, NOTHING, fix=True)
        assert fixed.fixed
        assert check(path, NOTHING) == []
        assert json.loads(path.read_text()) == json.loads(text.replace(GITHUB, "****"))


def test_what_is_told_is_where_and_which_and_not_what(tmp_path: Path) -> None:
    """Four characters at most; none of a short one."""
    made = notebook(
        f"import x\nx.login('{GITHUB}')",
        outputs=[{"output_type": "stream", "name": "stdout", "text": ["a\n", "postgres://a:hunter2@db/x\n"]}],
    )
    found = check(write(tmp_path / "a.ipynb", made), NOTHING)
    assert shown(found) == [
        f"a.ipynb: cell 1, line 2: a GitHub token ({GITHUB[:4]}…)",
        "a.ipynb: cell 1, output 1 (stdout), line 2: an address with a password (****)",
    ]
    assert GITHUB[:6] not in repr(found) + json.dumps([finding.record() for finding in found])


def test_sources_are_never_changed(tmp_path: Path) -> None:
    """What is in an output of the same cell is masked all the same; and in text nothing is."""
    made = notebook(f"t = '{GITHUB}'", outputs=[{"output_type": "stream", "name": "stdout", "text": GITHUB}])
    path = write(tmp_path / "a.ipynb", made)
    assert [finding.fixed for finding in check(path, NOTHING, fix=True)] == [False, True]
    kept = json.loads(path.read_text())["cells"][0]
    assert (kept["source"], kept["outputs"][0]["text"]) == ([f"t = '{GITHUB}'"], "****")
    text = tmp_path / "a.py"
    text.write_text(f"t = '{GITHUB}'\n")
    (found,) = check(text, NOTHING, fix=True)
    assert not found.fixable
    assert GITHUB in text.read_text()


def test_a_notebook_keeps_its_form(tmp_path: Path) -> None:
    """Indent, letters, order of fields, the end and the mode of the file: a diff shows the mask alone."""
    made = notebook(outputs=[{"output_type": "stream", "name": "stdout", "text": f"größer {GITHUB} ☃"}])
    for number, (indent, end) in enumerate([(1, "\n"), (2, ""), (None, "\n")]):
        path = tmp_path / f"{number}.ipynb"
        before = json.dumps(made, indent=indent, ensure_ascii=False) + end
        path.write_text(before, encoding="utf-8")
        path.chmod(0o640)
        check(path, NOTHING, fix=True)
        assert path.read_text(encoding="utf-8") == before.replace(GITHUB, "****")
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
    clean = write(tmp_path / "clean.ipynb", notebook("1 + 1"))
    at = clean.stat().st_mtime_ns
    assert check(clean, NOTHING, fix=True) == []
    assert clean.stat().st_mtime_ns == at
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.ipynb", "1.ipynb", "2.ipynb", "clean.ipynb"]


def test_ones_own_tokens_are_found_whatever_they_look_like(tmp_path: Path) -> None:
    """A uuid too, in base64, in a URL, and where lines break."""
    agent = str(uuid4())
    values = known({"CODER_AGENT_TOKEN": agent, "PATH": "/usr/bin:/usr/local/bin"})
    encoded = base64.b64encode(f"me:{agent}".encode()).decode()
    texts = [f"it is {agent.upper()}", f"Basic {encoded}", f"{agent[:20]}\n{agent[20:]}", f"other {uuid4()}"]
    outputs = [{"output_type": "stream", "name": "stdout", "text": text} for text in texts]
    path = write(tmp_path / "a.ipynb", notebook(outputs=outputs))
    found = check(path, values, fix=True)
    assert {finding.where for finding in found} == {f"cell 1, output {n} (stdout)" for n in (1, 2, 3)}
    assert {finding.kind for finding in found} == {"your CODER_AGENT_TOKEN"}
    assert agent not in repr(values)
    after = json.loads(path.read_text())["cells"][0]["outputs"]
    assert [output["text"] for output in after[:1] + after[2:]] == ["it is ****", "****\n****", texts[3]]


def test_tokens_of_saved_profiles_and_of_the_cli_are_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `connect` finds them."""
    token = f"{uuid4().hex[:10]}-{uuid4().hex[:22]}"
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "coderv2").mkdir()
    (tmp_path / "coderv2" / "url").write_text("https://coder.example.com")
    (tmp_path / "coderv2" / "session").write_text(token)
    saved = f"saved-{uuid4().hex}"
    (tmp_path / "coder-nb").mkdir()
    profile = {"url": "https://acme.example.com", "token": saved}
    (tmp_path / "coder-nb" / "profiles.json").write_text(json.dumps({"profiles": {"acme": profile}}))
    text = tmp_path / "log.txt"
    text.write_text(f"{saved}\n{token}\n")
    kinds = [finding.kind for finding in check(text, known({**os.environ, "XDG_CONFIG_HOME": str(tmp_path)}))]
    assert [kind.partition(" (")[0] for kind in kinds] == [
        "the token of https://acme.example.com",
        "the token of https://coder.example.com",
    ]


def test_a_password_typed_into_a_widget_is_found(tmp_path: Path) -> None:
    """However weak."""
    state = {"abcdefghi": {"model_name": "PasswordModel", "state": {"value": "pony", "description": "Password"}}}
    widgets = {"application/vnd.jupyter.widget-state+json": {"state": state}}
    path = write(tmp_path / "a.ipynb", notebook(metadata={"widgets": widgets}))
    (found,) = check(path, NOTHING, fix=True)
    assert (found.kind, found.begins) == ("what was typed into a password field", "****")
    assert "pony" not in path.read_text()


def test_a_field_of_json_is_known_by_its_name(tmp_path: Path) -> None:
    """Papermill writes parameters into metadata."""
    made = notebook(metadata={"papermill": {"parameters": {"api_token": "k3J8sd92Kd0aPq31", "workspace": "dev"}}})
    (found,) = check(write(tmp_path / "a.ipynb", made), NOTHING)
    assert found.where == "notebook metadata/papermill/parameters/api_token"


def test_colours_hide_nothing(tmp_path: Path) -> None:
    """IPython colours the code in tracebacks."""
    line = "\x1b[32mpassword\x1b[39m \x1b[33m=\x1b[39m \x1b[31m'hunter22+Xyz'\x1b[39m"
    error = {"output_type": "error", "ename": "E", "evalue": "", "traceback": [line]}
    path = write(tmp_path / "a.ipynb", notebook(outputs=[error]))
    (found,) = check(path, NOTHING, fix=True)
    assert found.where == "cell 1, output 1 (traceback)"
    assert "hunter22" not in path.read_text()


@pytest.mark.parametrize(
    ("source", "count"),
    [
        (f"t = '{GITHUB}'  # coder-nb: allow: an example\nu = '{GITHUB}'", 1),
        (f"# coder-nb: allow\nt = '{GITHUB}'\nu = '{GITHUB}'", 0),
        (f"x\n# coder-nb: allow\nt = '{GITHUB}'\nu = '{GITHUB}'", 2),
        (f"t = '{GITHUB}'\nu = '{GITHUB}'", 3),
    ],
)
def test_what_is_allowed_is_let_through(source: str, count: int, tmp_path: Path) -> None:
    """A line, the line after a comment, and a cell with its outputs where its first line says so."""
    outputs = [{"output_type": "stream", "name": "stdout", "text": GITHUB}]
    first = source.partition("\n")[0]
    path = write(tmp_path / "a.ipynb", notebook(source, outputs=outputs))
    found = check(path, NOTHING)
    expected = count if "allow" not in first or not first.startswith("t") else 0
    assert len(found) == expected


def test_files_are_taken_from_folders(tmp_path: Path) -> None:
    """Notebooks, recordings and reports; nothing hidden."""
    for name in ("a.ipynb", "b/c.cassette", "b/d.py", ".git/e.ipynb", ".ipynb_checkpoints/f.ipynb", "g.html"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("{}")
    assert [path.relative_to(tmp_path).as_posix() for path in files([tmp_path, tmp_path / "b" / "d.py"])] == [
        "a.ipynb", "g.html", "b/c.cassette", "b/d.py",
    ]  # fmt: skip
    with pytest.raises(ConfigurationError, match="no such file"):
        list(files([tmp_path / "gone.ipynb"]))


def test_what_is_no_text_or_no_notebook_breaks_nothing(tmp_path: Path) -> None:
    """A picture has no secrets to read; a broken notebook is read as text."""
    (tmp_path / "a.png").write_bytes(b"\x89PNG\0\0" + GITHUB.encode())
    assert check(tmp_path / "a.png", NOTHING) == []
    (tmp_path / "b.ipynb").write_text('{"cells": [' + GITHUB)
    (found,) = check(tmp_path / "b.ipynb", NOTHING, fix=True)
    assert (found.where, found.line, found.fixed) == ("", 1, False)
    with pytest.raises(ConfigurationError, match="cannot be checked"):
        check(tmp_path, NOTHING)


def test_a_large_notebook_takes_a_moment(tmp_path: Path) -> None:
    """Five megabytes of outputs, half of them a picture."""
    rng = random.Random(1)
    text = "".join(f"{n} token {''.join(rng.choices(string.ascii_lowercase, k=60))}\n" for n in range(33_000))
    picture = base64.b64encode(rng.randbytes(1_800_000)).decode()
    outputs = [{"output_type": "stream", "name": "stdout", "text": text},
               {"output_type": "display_data", "metadata": {}, "data": {"image/png": picture}}]  # fmt: skip
    path = write(tmp_path / "a.ipynb", notebook(outputs=outputs))
    values = known({"CODER_SESSION_TOKEN": f"{uuid4().hex[:10]}-{uuid4().hex[:22]}"})
    began = time.perf_counter()
    assert check(path, values) == []
    assert time.perf_counter() - began < 5


def test_the_notebooks_of_this_repository_have_none() -> None:
    """Nor have the recordings beside them, and the pages that teach."""
    paths = list(files([ROOT / "notebooks", ROOT / "docs", ROOT / "README.md"]))
    assert len(paths) > 10
    assert [str(finding) for path in paths for finding in check(path, NOTHING)] == []
