"""Steps in a real shell: when a body runs, what it hands on, how it is asked for, and what stops the book."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from coder_nb.embedded.faults import Fault
from coder_nb.embedded.server import Embedded
from coder_nb.errors import ConfirmationRequired, InvalidCommand, RunbookError
from coder_nb.runbooks import journal
from coder_nb.runbooks.current import Current
from tests.runbooks.conftest import states, the_step
from tests.shell.conftest import Run, Shell


class Terminal(io.StringIO):
    """What somebody types, at what calls itself a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Gives a function that types a line."""
    return lambda text: monkeypatch.setattr(sys, "stdin", Terminal(f"{text}\n"))


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is nobody to ask."""
    monkeypatch.setattr(sys, "stdin", io.StringIO())


@pytest.fixture
def connected(deployment: Embedded, monkeypatch: pytest.MonkeyPatch, run: Run) -> Iterator[Embedded]:
    """The shell is connected to the fleet, which counts from now on what would change it."""
    monkeypatch.setenv("CODER_URL", deployment.url)
    monkeypatch.setenv("CODER_SESSION_TOKEN", deployment.token.reveal())
    run("%coder connect")
    for method, path in (("POST", "*"), ("PUT", "*"), ("PATCH", "*"), ("DELETE", "*"), ("GET", "*/pty*")):
        deployment.faults.add(Fault("latency", path, method, times=None))
    yield deployment
    deployment.faults.clear()


def test_the_body_runs_as_a_cell_does(run: Run, shell: Shell) -> None:
    """In the notebook's namespace, with magics and their values; its last value is what it hands on."""
    value = run("%%coder step 'Look' -o found\nhere = %pwd\nx = [1]\n\nx + [2]")
    assert (value, shell.user_ns["found"], shell.user_ns["x"]) == ([1, 2], [1, 2], [1])
    assert shell.user_ns["here"] == str(Path.cwd())


def test_a_body_may_begin_with_a_cell_magic(run: Run, shell: Shell) -> None:
    """Such as %%coder run."""
    run("%%coder step 'Look'\n%%capture out\nprint('hi')")
    assert shell.user_ns["out"].stdout == "hi\n"


@pytest.mark.parametrize("body", ["x = 3", "3;", "def f(): pass"])
def test_a_body_that_ends_otherwise_hands_on_nothing(body: str, run: Run) -> None:
    """An assignment, a semicolon, a definition."""
    assert run(f"%%coder step 'Look'\n{body}") is None


def test_await_is_refused_with_what_to_do(run: Run) -> None:
    """A SyntaxError would not say why."""
    with pytest.raises(InvalidCommand, match="cannot await"):
        run("%%coder step 'Look'\nimport asyncio\nawait asyncio.sleep(0)")


def test_a_failure_names_the_step_and_stops_the_book(
    run: Run, shell: Shell, current: Current, capsys: pytest.CaptureFixture[str]
) -> None:
    """The body's own error comes through, from its own line on; no later step runs until it was run again."""
    run("%%coder step 'First'\n1")
    with pytest.raises(ZeroDivisionError) as caught:
        run("%%coder step 'Second'\nx = 1\nx / 0")
    assert caught.value.__notes__ == ["in step 2, Second"]
    shown = capsys.readouterr().out
    assert "step 2, Second: failed" in shown
    assert "x / 0" in shown and "runbooks/steps.py" not in shown
    assert the_step(current, "Second").error == "ZeroDivisionError: division by zero"
    with pytest.raises(RunbookError, match="step 3, Third, is not run: step 2, Second, failed"):
        run("%%coder step 'Third'\ny = 1")
    assert "y" not in shell.user_ns
    run("%%coder step 'Second'\n2")
    run("%%coder step 'Third'\ny = 1")
    assert states(current) == [("First", "done"), ("Second", "done"), ("Third", "done")]


def test_what_cannot_be_stored_is_refused_at_once(run: Run, current: Current) -> None:
    """Not when the run is resumed."""
    with pytest.raises(RunbookError, match="is of type object"):
        run("%%coder step 'Look'\nobject()")
    assert the_step(current, "Look").status == "failed"


def test_a_step_within_a_step_is_refused(run: Run, current: Current) -> None:
    """Which of them a resume would go on with, nobody could tell."""
    run("import coder_nb as cn\n@cn.step('Inner')\ndef inner():\n    return 1")
    with pytest.raises(RunbookError, match="'Inner' is a step within the step 'Outer'"):
        run("%%coder step 'Outer'\ninner()")
    assert states(current) == [("Outer", "failed")]


def test_the_right_answer_lets_it_run(run: Run, current: Current, typed: Callable[[str], None]) -> None:
    """The text itself, or the value of the parameter it speaks of; the prompt names it."""
    run("workspace = 'web'")
    run("%%coder parameters\nworkspace: workspace")
    typed("web ")
    assert run("%%coder step 'Drain' --confirm \"type the workspace's name\"\n1") == 1
    assert the_step(current, "Drain").why == "confirmed: 'web' was typed"
    typed("all of it")
    assert run("%%coder step 'Wipe' --confirm 'all of it'\n1") == 1
    typed("web/3")
    assert run("%%coder step 'Scale' --confirm \"{workspace}/3\"\n1") == 1


def test_a_wrong_answer_declines_it_and_stops_the_book(
    connected: Embedded, run: Run, current: Current, typed: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """The deployment is as it was, and nothing after it runs."""
    typed("wbe")
    with pytest.raises(RunbookError, match="step 1, Stop, was declined: something else was typed"):
        run("%%coder step 'Stop' --confirm web\n%coder stop web --yes")
    assert "Type web to go on" in capsys.readouterr().out
    with pytest.raises(RunbookError, match="step 1, Stop, was declined"):
        run("%%coder step 'Start'\n%coder start web --yes")
    assert connected.faults.struck == 0
    assert (current.run.outcome, current.run.ended is not None) == ("declined", True)
    typed("web")
    run("%%coder step 'Stop' --confirm web\n1")
    assert current.run.outcome == "unfinished" or current.run.steps[0].status == "done"


def test_with_nobody_to_ask_nothing_is_done(run: Run, nobody: None, current: Current, shell: Shell) -> None:
    """It stays to come, and says how to answer in advance."""
    with pytest.raises(ConfirmationRequired, match="'web' be typed, and there is nobody") as caught:
        run("%%coder step 'Drain' --confirm web\nx = 1")
    assert "--yes" in caught.value.hint
    assert "x" not in shell.user_ns
    assert states(current) == [("Drain", "pending")]


@pytest.mark.parametrize("how", ["flag", "environment"])
def test_an_answer_in_advance_lets_it_run(
    how: str, run: Run, nobody: None, current: Current, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the line, or for the whole run."""
    if how == "environment":
        monkeypatch.setenv("CODER_NB_YES", "1")
    run(f"%%coder step 'Drain' --confirm web {'--yes' if how == 'flag' else ''}\n1")
    assert the_step(current, "Drain").why == "confirmed in advance"


def test_a_confirmation_that_speaks_of_nothing_is_refused(run: Run) -> None:
    """Nobody could type the right text."""
    with pytest.raises(InvalidCommand, match="there is no queue"):
        run("%%coder step 'Drain' --confirm \"type the queue's name\"\n1")


def test_a_true_expression_skips_it(run: Run, shell: Shell, current: Current) -> None:
    """And says why; a false one does not; one that fails is told, and one that is none is refused."""
    run("n = 1")
    assert run("%%coder step 'Scale' --skip-if 'n == 1'\nx = 1") is None
    assert "x" not in shell.user_ns
    assert (the_step(current, "Scale").status, the_step(current, "Scale").why) == ("skipped", "n == 1")
    assert run("%%coder step 'Again' --skip-if 'n == 2'\n5") == 5
    with pytest.raises(InvalidCommand, match="m == 2 raised NameError"):
        run("%%coder step 'Other' --skip-if 'm == 2'\n5")
    with pytest.raises(InvalidCommand, match="not a Python expression"):
        run("%%coder step 'Other' --skip-if 'n ='\n5")


def test_a_step_needs_a_body_and_a_title(run: Run) -> None:
    """What is missing is named."""
    with pytest.raises(InvalidCommand, match="has no body"):
        run("%coder step 'Look'")
    with pytest.raises(InvalidCommand, match="needs a TITLE"):
        run("%%coder step\n1")


def test_an_interrupt_fails_the_step(run: Run, current: Current) -> None:
    """It is over, and the book stops."""
    with pytest.raises(KeyboardInterrupt):
        run("%%coder step 'Wait'\nraise KeyboardInterrupt")
    assert the_step(current, "Wait").status == "failed"


def test_a_dry_run_runs_no_body_and_changes_nothing(
    connected: Embedded, run: Run, shell: Shell, current: Current, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each step says what it would do; connections made before and after refuse to change anything."""
    run("coder = get_ipython().magics_manager.registry['CoderMagics'].session.coder")
    run("%%coder parameters --dry-run\nn: int optional")
    run("%%coder step 'Stop' --confirm web --skip-if 'n == 1' -o status\n%coder stop web --yes")
    assert "step 1, Stop: would run, once 'web' is typed, unless n == 1" in capsys.readouterr().out
    with pytest.raises(RunbookError, match="step 1, Stop, was not run"):
        run("status.build")
    run("import coder_nb as cn\nother = cn.connect()")
    for line in ("coder.workspace('web').stop()", "other.workspace('web').stop()", "%coder run web -- true"):
        with pytest.raises(ConfirmationRequired, match="dry run"):
            run(line)
    run("%coder parameters")
    assert connected.faults.struck == 0
    assert (current.run.dry_run, states(current)) == (True, [("Stop", "skipped")])
    run("%%coder parameters\nn: int optional")
    run("%%coder step 'Stop'\n%coder stop web --yes\n1")
    assert connected.faults.struck == 1


def test_what_a_step_shows_is_kept(run: Run, current: Current) -> None:
    """In order: what it prints, a frame with its data, what was updated as it was in the end, its value."""
    run(
        "%%coder step 'Look'\nimport pandas as pd, sys\nfrom IPython.display import HTML, display\n"
        "print('one'); print('two', file=sys.stderr)\nframe = pd.DataFrame({'x': [1, 2]})\ndisplay(frame)\n"
        "handle = display(HTML('<b>before</b>'), display_id=True)\nhandle.update(HTML('<b>after</b>'))\n"
        "print('three')\nframe['x'].sum().item()"
    )
    step, folder = the_step(current, "Look"), Path(current.run.folder)
    assert [piece.kind for piece in step.evidence] == ["output", "frame", "display", "output", "display"]
    texts = [(folder / piece.files["text/plain"]).read_text(encoding="utf-8") for piece in step.evidence]
    assert texts[0] == "one\ntwo\n"
    assert texts[3:] == ["three\n", "3"]
    assert (folder / step.evidence[2].files["text/html"]).read_text(encoding="utf-8") == "<b>after</b>"
    import pandas as pd

    table = pd.read_parquet(folder / step.evidence[1].files["application/vnd.apache.parquet"])
    assert table["x"].tolist() == [1, 2]


def test_figures_are_kept_as_pictures(run: Run, current: Current) -> None:
    """Also where nothing would show them."""
    run(
        "%%coder step 'Plot'\nimport matplotlib; matplotlib.use('agg')\nfrom matplotlib import pyplot as plt\n"
        "plt.plot([1, 2]);"
    )
    step = the_step(current, "Plot")
    (piece,) = step.evidence
    assert piece.kind == "figure"
    assert (Path(current.run.folder) / piece.files["image/png"]).read_bytes().startswith(b"\x89PNG")
    run("plt.close('all')")


def test_what_is_kept_is_bounded(run: Run, current: Current) -> None:
    """The end of long output, and it says so; a page that is too large is left out."""
    run(
        "%%coder step 'Much'\nfrom IPython.display import HTML\n"
        "for n in range(300_000): print(n)\ndisplay(HTML('x' * 3_000_000));"
    )
    output, page = the_step(current, "Much").evidence
    text = (Path(current.run.folder) / output.files["text/plain"]).read_text(encoding="utf-8")
    assert len(text) <= 200_000 and text.endswith("299999\n")
    assert output.cut and page.cut
    assert set(page.files) == {"text/plain"}


def test_who_keeps_a_stream_of_a_step_is_heard_no_more(run: Run, current: Current) -> None:
    """What a log handler writes later still appears, and belongs to no step."""
    run("%%coder step 'Look'\nimport sys\nkept = sys.stdout\nprint('now')")
    run("kept.write('later\\n');")
    (piece,) = the_step(current, "Look").evidence
    assert (Path(current.run.folder) / piece.files["text/plain"]).read_text(encoding="utf-8") == "now\n"


def test_streams_are_given_back_whatever_happens(run: Run) -> None:
    """After a failure too."""
    before = sys.stdout, sys.stderr
    with pytest.raises(ZeroDivisionError):
        run("%%coder step 'Look'\n1/0")
    assert (sys.stdout, sys.stderr) == before


def test_the_journal_tells_it_all(run: Run, current: Current) -> None:
    """What was done where, when, by whom, and what it handed on."""
    run("%%coder step 'Look'\n{'a': 1}")
    found = journal.read(current.run.folder)
    step = found.steps[0]
    assert (step.status, step.value and step.value.text, step.error) == ("done", "dict of 1", "")
    assert step.started and step.ended and step.seconds is not None and step.seconds >= 0
    assert (found.user, found.outcome, found.ended is not None) == (current.run.user, "done", True)


def test_secrets_are_in_no_file_of_the_run(run: Run, current: Current) -> None:
    """Titles, values, evidence and errors are masked."""
    run("import coder_nb as cn\nword = 'planted-planted-' + '77'\ntoken = cn.Secret(word)")
    run(
        '%%coder step "Use {word}"\nprint(word)\nfrom IPython.display import HTML\n'
        "display(HTML(f'<b>{word}</b>'))\n[word]"
    )
    with pytest.raises(ValueError, match="planted"):
        run("%%coder step 'Fail'\nraise ValueError(word)")
    files = [path.read_bytes() for path in Path(current.run.folder).rglob("*") if path.is_file()]
    assert len(files) > 3
    assert not [data for data in files if b"planted-planted" in data]


def test_only_a_loaded_notebook_has_steps(bare: Shell) -> None:
    """A decorated function says what is missing; the function itself is there for tests."""
    bare.run_cell("import coder_nb as cn\n@cn.step('Look')\ndef look(): return 1").raise_error()
    assert bare.run_cell("look.__wrapped__()").result == 1
    with pytest.raises(RunbookError, match="has loaded coder_nb"):
        bare.run_cell("look()").raise_error()
