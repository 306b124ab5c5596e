"""`%coder` as a line and as a cell in a real shell: values, -o, the final semicolon, variables, and errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from coder_nb.errors import ConfigurationError, InvalidCommand
from coder_nb.magics.extension import CoderMagics
from coder_nb.magics.orientation import Orientation
from coder_nb.magics.pages import Page

Run = Callable[[str], Any]
Shell = Any  # Most of IPython's shell has no types.


@pytest.mark.parametrize("ending", ["", ";", " ;", "  # a comment", ";  # a comment"])
def test_an_assignment_gets_the_value(ending: str, run: Run, shell: Shell) -> None:
    """`x = %coder …` and `x = %coder …;` both assign."""
    run(f"x = %coder help logs{ending}")
    assert isinstance(shell.user_ns["x"], Page)


def test_a_line_shows_its_value(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """What a command returns is the cell's value."""
    assert isinstance(run("%coder help"), Page)
    assert "Connection" in capsys.readouterr().out


@pytest.mark.parametrize(
    "cell", ["%coder help;", "%coder help ;", "%coder help;  # quiet", "x = 1\n%coder help;", "%%coder help;\n\n"]
)
def test_a_final_semicolon_shows_nothing(cell: str, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither as the only line, nor as the last one, nor as a cell."""
    run(cell)
    assert capsys.readouterr().out == ""


def test_a_quoted_semicolon_silences_nothing(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Only the line's own end counts."""
    with pytest.raises(InvalidCommand):
        run("%coder help 'x;'")
    run("%coder help 'logs'")
    assert "--level" in capsys.readouterr().out


def test_lines_in_blocks_and_functions_work(run: Run, shell: Shell) -> None:
    """A loop and a function, with the function's own variables."""
    run("pages = []\nfor topic in ['logs', 'ls']:\n    page = %coder help {topic};\n    pages.append(page)")
    assert ["logs" in repr(shell.user_ns["pages"][0]), "QUERY" in repr(shell.user_ns["pages"][1])] == [True, True]
    run("def f(local):\n    page = %coder help $local\n    return page\nx = f('ports')")
    assert "listening" in repr(shell.user_ns["x"])


def test_o_keeps_the_value_too(run: Run, shell: Shell) -> None:
    """-o assigns and the value is still the line's."""
    shown = run("%coder help logs -o page")
    assert shell.user_ns["page"] is shown


def test_a_cell_without_a_body_is_a_line(run: Run) -> None:
    """`%%coder help` works with nothing, or nothing but blanks, below it."""
    assert isinstance(run("%%coder help logs"), Page)
    assert isinstance(run("%%coder help logs\n  \n"), Page)


def test_a_body_nobody_asked_for_is_refused(run: Run) -> None:
    """The hint is the line to type."""
    with pytest.raises(InvalidCommand, match="%%coder help takes no cell") as caught:
        run("%%coder help logs\necho lost")
    assert "%coder help logs" in caught.value.hint


def test_an_unknown_variable_is_an_error(run: Run, shell: Shell) -> None:
    """IPython would send the text as it is; here nothing is run."""
    run("topic = 'logs'")
    with pytest.raises(InvalidCommand, match="no variable 'topc'") as caught:
        run("%coder help {topc}")
    assert "topic" in caught.value.hint


@pytest.mark.parametrize("line", ["lgos", "logs --levle warn", "help 'logs", "help nosuch", "logs --level wran", "-x"])
def test_every_mistake_raises_and_prints_nothing_else(
    line: str, run: Run, shell: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    """An InvalidCommand, shown in two lines; never IPython's UsageError, never None; the cell is in the history."""
    with pytest.raises(InvalidCommand):
        run(f"x = %coder {line}")
    assert "x" not in shell.user_ns
    out, err = capsys.readouterr()
    assert err == ""
    assert [text.partition(":")[0] for text in out.strip().splitlines()] == ["InvalidCommand", "hint"]
    assert shell.user_ns["In"][-1].startswith("x = get_ipython().run_line_magic('coder'")


def test_a_full_traceback_is_a_setting(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """`%config CoderMagics.traceback` switches it on and off."""
    run('%config CoderMagics.traceback = "full"')
    with pytest.raises(InvalidCommand):
        run("%coder nosuch")
    assert "Traceback (most recent call last)" in capsys.readouterr().out
    run('%config CoderMagics.traceback = "short"')
    with pytest.raises(InvalidCommand):
        run("%coder nosuch")
    assert "Traceback" not in capsys.readouterr().out


def test_without_anything_to_connect_to_the_error_says_what_to_type(run: Run) -> None:
    """The first command would connect by itself; here there is nothing to do it with."""
    with pytest.raises(ConfigurationError, match="not connected") as caught:
        run("%coder ls")
    assert "%coder connect" in caught.value.hint
    assert "%coder connect demo" in caught.value.hint


def test_coder_alone_says_where_we_are(run: Run) -> None:
    """Before the first connection it says how to make one."""
    shown = run("%coder")
    assert isinstance(shown, Orientation)
    assert "nothing yet" in repr(shown)
    assert "%coder connect demo" in repr(shown)
    assert "%coder connect demo" in shown._repr_html_()


def test_help_and_the_question_mark_say_the_same(run: Run, magics: CoderMagics) -> None:
    """`%coder help`, `%coder -h`, `%coder --help` and `%coder?` are one page."""
    page = repr(run("%coder help"))
    assert repr(run("%coder --help")) == repr(run("%coder -h")) == page
    assert type(magics).coder.__doc__ == page


def test_the_question_mark_shows_the_page(shell: Shell, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """IPython's own help finds it."""
    run("%coder?")
    assert "%coder: Coder workspaces from a notebook" in capsys.readouterr().out


@pytest.mark.parametrize(
    "cell", ["%coder logs?", "x = %coder logs?", "%coder logs??", "if True:\n    x = %coder logs?"]
)
def test_a_question_mark_after_a_command_explains_it(cell: str, run: Run, shell: Shell) -> None:
    """IPython alone would look for a Python object called logs."""
    value = run(cell)
    assert "--level" in repr(shell.user_ns.get("x", value))


def test_a_question_mark_at_the_end_of_a_line_is_not_lost(run: Run) -> None:
    """The line is run, or refused, as it is typed."""
    with pytest.raises(InvalidCommand, match=r"no such command: 'what\?'"):
        run("%coder help what?")


def test_a_question_mark_elsewhere_is_ipythons(run: Run, shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    """Python's own help, and text in a string, stay as they are."""
    run("text = '''\n%coder logs?\n'''")
    assert shell.user_ns["text"] == "\n%coder logs?\n"
    run("len?")
    assert "Return the number of items" in capsys.readouterr().out
