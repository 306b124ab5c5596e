"""IPython's own completer with ours in it: the three forms, other lines, other extensions, and no network."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from IPython.core.completer import SimpleCompletion, context_matcher, provisionalcompleter

from coder_nb.magics.extension import CoderMagics

Shell = Any  # Most of IPython's shell has no types.


@pytest.fixture(autouse=True)
def known(magics: CoderMagics, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some names are known, and whoever opens a connection fails."""

    def refuse(*_: object) -> None:
        raise AssertionError("completion opened a connection")

    magics.session.remember("names", ["dev", "dev.main", "docs"])
    magics.session.remember("sources", ["Startup Script"])
    monkeypatch.setattr(socket.socket, "connect", refuse)


def completed(shell: Shell, cell: str) -> list[str]:
    """The cells one could choose to have: each with its completion put in."""
    with provisionalcompleter():
        found = list(shell.Completer.completions(cell, len(cell)))
    return [cell[: each.start] + each.text + cell[each.end :] for each in found]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("%coder lo", ["%coder logs"]),
        ("x = %coder lo", ["x = %coder logs"]),
        ("%%coder lo", ["%%coder logs"]),
        ("%coder logs d", ["%coder logs dev", "%coder logs dev.main", "%coder logs docs"]),
        ("%%coder show dev.", ["%%coder show dev.main"]),
        ("x = %coder logs dev --level w", ["x = %coder logs dev --level warn"]),
        ("%coder logs dev --level=w", ["%coder logs dev --level=warn"]),
        ("%coder logs dev --prov", ["%coder logs dev --provisioner"]),
        ("%coder logs dev --source 'Start", ["%coder logs dev --source 'Startup Script'"]),
        ("%coder logs dev --source St", ["%coder logs dev --source 'Startup Script'"]),
        ("%coder ls status:runn", ["%coder ls status:running"]),
        ("import os\nfor x in y:\n    %coder lo", ["import os\nfor x in y:\n    %coder logs"]),
    ],
)
def test_the_line_one_gets_is_the_line_one_means(cell: str, expected: list[str], shell: Shell) -> None:
    """The completion replaces just what was typed of the word, with nothing else offered."""
    assert completed(shell, cell) == expected


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_the_older_interface_gives_the_same(shell: Shell) -> None:
    """What older frontends call."""
    assert shell.complete("lo", "%coder lo", 9) == ("lo", ["logs"])


def test_ipython_still_completes_the_magics_name(shell: Shell) -> None:
    """`%cod` is IPython's to complete."""
    assert "%coder" in completed(shell, "%cod")


def test_other_lines_are_as_without_us(shell: Shell) -> None:
    """Python, other magics and files get the same completions with the extension as without it."""
    cells = ["import o", "x = 'a'.upp", "%time pri", "open('/et", "%config IPCompleter.us", "print(%coder lo"]
    ours = [completed(shell, cell) for cell in cells]
    shell.run_cell("%unload_ext coder_nb").raise_error()
    assert [completed(shell, cell) for cell in cells] == ours


@pytest.fixture
def others(shell: Shell) -> Iterator[None]:
    """Another extension's completers, of the newer and of the older kind."""

    @context_matcher(identifier="other_extension")  # type: ignore[untyped-decorator]
    def matcher(context: Any) -> Any:
        return {"completions": [SimpleCompletion(text="lobster", type="other")]}

    shell.Completer.custom_matchers.append(matcher)
    shell.set_hook("complete_command", lambda self, event: ["older"], str_key="%coder")
    yield
    shell.Completer.custom_matchers.remove(matcher)
    shell.Completer.custom_completers.strs.pop("%coder", None)


@pytest.mark.usefixtures("others")
def test_other_extensions_are_heard_on_our_lines(shell: Shell) -> None:
    """We silence IPython's guesses at Python, nobody else."""
    found = completed(shell, "%coder lo")
    assert "%coder logs" in found
    assert "%coder lobster" in found
    found = completed(shell, "%coder o")
    assert "%coder older" in found


def test_a_broken_line_is_no_error(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever is typed, completing it prints no traceback."""
    for text in ("'a", "{", 'logs "', "-- ", "logs --level=", "$", "logs dev -o ", "\\"):
        for form in ("%coder ", "x = %coder ", "%%coder "):
            completed(shell, form + text)
    assert "Traceback" not in "".join(capsys.readouterr())
