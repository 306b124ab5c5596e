"""What is completed where, in the three forms of the magic; nothing here has a connection."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from coder_nb.magics.commands import all_commands
from coder_nb.magics.completion import before_cursor, complete
from coder_nb.magics.grammar import Argument, Command, Flag, Section
from coder_nb.magics.kinds import TEXT, WORKSPACE
from coder_nb.magics.session import Session

RUN = Command(
    "run",
    "run a command",
    Section.AGENTS,
    returns="nothing",
    arguments=(Argument("workspace", "where", WORKSPACE),),
    flags=(Flag(("-e",), "pass a variable", TEXT, repeat=True, into="environment"),),
    tail="COMMAND",
    body="the script",
)
COMMANDS = {**all_commands(), "run": RUN}


@pytest.fixture
def session() -> Session:
    """A session that has seen some names."""
    session = Session()
    session.remember("names", ["dev", "dev.main", "docs", "ada/dev", "web"])
    session.remember("sources", ["Startup Script", "agent"])
    session.remember("owners", ["ada", "grace"])
    session.remember("templates", ["gpu", "docker"])
    return session


def texts(text: str, session: Session) -> list[str]:
    return [value for value, _ in complete(text, COMMANDS, session)[1]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lo", ["logs"]),
        ("", list(COMMANDS)),
        ("zzz", []),
        ("logs d", ["dev", "dev.main", "docs"]),
        ("logs dev.", ["dev.main"]),
        ("logs D", ["dev", "dev.main", "docs"]),
        ("logs ada/", ["ada/dev"]),
        ("logs dev --l", ["--level"]),
        ("logs dev --level ", ["trace", "debug", "info", "warn", "error"]),
        ("logs dev --level w", ["warn"]),
        ("logs dev --level=w", ["warn"]),
        ("logs --level warn d", ["dev", "dev.main", "docs"]),
        ("logs dev --source S", ["'Startup Script'"]),
        ("logs dev --source 'St", ["'Startup Script'"]),
        ('logs dev --source "St', ['"Startup Script"']),
        ("logs dev --since 1", ["10m", "1h", "1d"]),
        ("logs dev --tail ", []),
        ("logs dev --grep x", []),
        ("logs dev we", []),
        ("containers --label a=1 --la", ["--label"]),
        ("logs --level warn --lev", []),
        ("help lo", ["logs"]),
        ("connect d", ["demo"]),
        ("ls st", ["status:"]),
        ("ls owner:me status:st", ["status:starting", "status:stopping", "status:stopped"]),
        ("ls owner:", ["owner:me", "owner:ada", "owner:grace"]),
        ("ls template:g", ["template:gpu"]),
        ("ls name:d", ["name:dev", "name:docs"]),
        ("run d", ["dev", "dev.main", "docs"]),
        ("run dev -- d", []),
        ("run dev -e X -", ["-e", "-o", "--yes", "-h", "--help"]),
        ("nosuch d", []),
        ("logs dev # d", []),
        ("logs dev; ", []),
    ],
)
def test_the_word_at_the_cursor_is_completed(text: str, expected: list[str], session: Session) -> None:
    """Commands, names, flags, choices and values, each where it can stand."""
    assert texts(text, session) == expected


def test_after_a_blank_values_come_before_flags(session: Session) -> None:
    """An empty word may become either."""
    found = texts("logs ", session)
    assert found[:2] == ["dev", "dev.main"]
    assert "--level" in found


def test_files_are_completed(session: Session, tmp_path: Path) -> None:
    """--ca takes a path."""
    (tmp_path / "ca.pem").touch()
    (tmp_path / "certs").mkdir()
    (tmp_path / ".hidden").touch()
    assert texts(f"connect --ca {tmp_path}/c", session) == [f"{tmp_path}/ca.pem", f"{tmp_path}/certs/"]
    assert texts(f"connect --ca {tmp_path}/", session) == [f"{tmp_path}/ca.pem", f"{tmp_path}/certs/"]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("%coder lo", "lo"),
        ("x = %coder lo", "lo"),
        ("x=%coder lo", "lo"),
        ("a, b = %coder lo", "lo"),
        ("d['k'] = %coder lo", "lo"),
        ("row.x = %coder lo", "lo"),
        ("    %coder lo", "lo"),
        ("import x\nif x:\n    y = %coder lo", "lo"),
        ("%%coder run d", "run d"),
        ("%%time\n%coder lo", "lo"),
        ("%coder logs \\\n  dev --le", "logs    dev --le"),
    ],
)
def test_all_forms_of_the_magic_are_ours(cell: str, expected: str) -> None:
    """A line, an assignment, a cell's first line, an indented and a continued line."""
    lines = cell.split("\n")
    assert before_cursor(cell, len(lines) - 1, len(lines[-1])) == expected


@pytest.mark.parametrize(
    "cell",
    [
        "coder lo",
        "%coderx lo",
        "%code lo",
        "%coder",
        "print('%coder lo",
        "x == %coder lo",
        "# %coder lo",
        "!coder lo",
        "%timeit x = 1",
        "%%bash\n%coder lo",
        "%%coder run dev\n%coder lo",
        "%%coderx run d",
        "x = '''\n%coder lo",
        "import pandas as pd\npd.",
        "",
    ],
)
def test_other_lines_get_nothing(cell: str) -> None:
    """Python, strings, comments, other magics and bodies of cells are not ours."""
    lines = cell.split("\n")
    assert before_cursor(cell, len(lines) - 1, len(lines[-1])) is None


def test_only_what_is_before_the_cursor_counts() -> None:
    """Text after the cursor is left alone."""
    assert before_cursor("%coder lo dev", 0, len("%coder lo")) == "lo"


def test_what_a_result_held_is_offered_later(session: Session) -> None:
    """The names of containers and dev containers come from the frame an earlier command returned."""
    frame = pd.DataFrame({"name": ["db", "cache", None], "devcontainer": [None, "app", "app"]})
    frame.attrs["frame"] = "containers"
    session.notice(frame)
    session.notice("not a frame")
    assert list(session.seen("containers")) == ["db", "cache"]
    assert list(session.seen("devcontainers")) == ["app"]
