"""One step: whether its body runs, what it hands on, what is recorded of it. The one place that decides.

In a dry run, after a step that failed or was declined, and without the answer it asks for, no body runs.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from coder_nb.credentials.seen import mask
from coder_nb.errors import CoderError, ConfirmationRequired, InvalidCommand, RunbookError
from coder_nb.look import dim, safe, state, visible
from coder_nb.runbooks import audit
from coder_nb.runbooks import journal as journals
from coder_nb.runbooks.current import YES, Current
from coder_nb.runbooks.evidence import PARQUET, Capture, Piece
from coder_nb.runbooks.journal import Evidence, StepRecord, Value
from coder_nb.runbooks.missing import Missing
from coder_nb.runbooks.values import load, store

__all__ = ["Step", "perform"]

_ENDINGS = {
    "text/plain": "txt",
    "text/html": "html",
    "text/markdown": "md",
    "text/latex": "tex",
    "image/svg+xml": "svg",
    "image/png": "png",
    "image/jpeg": "jpg",
    "application/json": "json",
    PARQUET: "parquet",
}
_PACKAGE = str(Path(__file__).parents[1])
_THE_NAME = re.compile(r"type (?:the )?(\w+)(?:'s name)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Step:
    """A step as its cell or function declares it.

    Attributes:
        confirm: what a person has to type; `type the workspace's name` means the value of that parameter.
        skip: tells whether to skip it.
        why: what `skip` asks, for people.
        yes: the confirmation was given in advance.
        told: what else it depends on: a function's arguments.
        function: it is a function's call.
    """

    title: str
    confirm: str = ""
    skip: Callable[[], object] | None = None
    why: str = ""
    yes: bool = False
    told: str = ""
    function: bool = False


def perform(current: Current, step: Step, body: Callable[[], Any]) -> Any:
    """Runs a step, or not.

    Returns:
        what the step hands on: of its body, or of the run it was done in.
    Raises:
        RunbookError: it was declined, a step before it has failed, or its value cannot be stored.
        ConfirmationRequired: it asks for a confirmation, and there is nobody to ask.
    """
    if current.busy is not None:
        raise RunbookError(
            f"{step.title!r} is a step within the step {current.busy.title!r}",
            hint="make them two steps, one after the other",
        )
    step = replace(step, title=mask(step.title))
    record = current.step(step.title, function=step.function)
    _refuse_after(current, record)
    current.check_names()
    if current.run.dry_run:
        return _dry(current, record, step)
    before = current.before(step.told)
    if current.owed(record, before):
        return _given_back(current, record)
    assert current.journal is not None
    current.journal.drop(record)
    record.before, record.why, record.error, record.deployment = before, "", "", current.deployment()
    record.started = record.ended = record.seconds = None
    if step.skip is not None and _skips(record, step):
        return _skipped(current, record, step)
    _confirm(current, record, step)
    return _done(current, record, body)


def _refuse_after(current: Current, record: StepRecord) -> None:
    for other in current.run.steps:
        if other is record:
            return
        if other.status in ("failed", "declined"):
            how = "failed" if other.status == "failed" else "was declined"
            raise RunbookError(
                f"step {record.number}, {record.title}, is not run: step {other.number}, {other.title}, {how}",
                hint=f"run step {other.number} again first",
            )


def _dry(current: Current, record: StepRecord, step: Step) -> Missing:
    record.status, record.why = "skipped", "dry run"
    asks = f", once {_expected(current, record, step)!r} is typed" if step.confirm else ""
    unless = f", unless {step.why}" if step.skip is not None else ""
    _close(current, record, f"would run{asks}{unless}")
    return Missing(record.number, record.title)


def _given_back(current: Current, record: StepRecord) -> Any:
    value = _loaded(Path(current.run.folder), record.value)
    record.why = "done before the run was resumed"
    _close(current, record, "done before; not run again")
    return value


def _loaded(folder: Path, value: Value | None) -> Any:
    if value is None or value.kind == "none":
        return None
    try:
        data = (folder / value.file).read_bytes()
    except OSError as error:
        raise RunbookError(
            f"a stored value cannot be read: {folder / value.file}: {error.strerror}",
            hint="run the book from its beginning, without --resume",
        ) from None
    return load(value.kind, data)


def _skips(record: StepRecord, step: Step) -> bool:
    assert step.skip is not None
    try:
        return bool(step.skip())
    except CoderError:
        raise
    except Exception as error:
        raise InvalidCommand(
            f"whether to skip step {record.number}, {record.title}, cannot be told: {step.why} raised "
            f"{type(error).__name__}: {mask(str(error))}",
            hint="correct --skip-if, a Python expression",
        ) from error


def _skipped(current: Current, record: StepRecord, step: Step) -> Any:
    """Skips it; its value is that of the latest run, with the same parameters and cells, that has done it."""
    record.status, record.why = "skipped", mask(step.why)
    run, value = current.run, None
    for folder in journals.runs(run.book or None)[:20]:
        if str(folder) == run.folder:
            continue
        other = journals.read(folder)
        same = other.parameters == run.parameters and not other.dry_run
        found = [one for one in other.steps if same and _is_done(one, record)]
        if found:
            value = _loaded(folder, found[0].value)
            record.why += f"; its value is that of {found[0].ended:%Y-%m-%d %H:%M} UTC"
            _keep_value(current, record, value)
            break
    _close(current, record, f"skipped: {mask(step.why)}")
    return value


def _is_done(one: StepRecord, record: StepRecord) -> bool:
    same = (one.title, one.call, one.deployment, one.before) == (
        record.title, record.call, record.deployment, record.before)  # fmt: skip
    return same and one.status == "done"


def _confirm(current: Current, record: StepRecord, step: Step) -> None:
    if not step.confirm:
        return
    if step.yes or os.environ.get(YES) == "1":
        record.why = "confirmed in advance"
        return
    expected = _expected(current, record, step)
    name = f"step {record.number}, {record.title}"
    where = f" at {record.deployment}" if record.deployment else ""
    answer = current.ask(f"{name[0].upper()}{name[1:]}{where}. Type {visible(expected)} to go on: ")
    if answer is None and record.deployment.startswith("replay:"):
        # A recording cannot be changed, so there is nothing anybody would have to answer for.
        record.why = "nobody was asked: a replay changes nothing"
        return
    if answer is None:
        current.changed()
        raise ConfirmationRequired(
            f"{name}, asks that {expected!r} be typed, and there is nobody to ask",
            hint="add --yes to answer in advance",
        )
    if answer.strip() != expected.strip():
        record.status, record.why = "declined", "something else was typed" if answer.strip() else "nothing was typed"
        record.started = record.ended = datetime.now(UTC)
        _close(current, record, f"declined: {record.why}")
        raise RunbookError(
            f"{name}, was declined: {record.why}", hint="nothing was done; run the cell again to be asked again"
        )
    record.why = f"confirmed: {expected!r} was typed"


def _expected(current: Current, record: StepRecord, step: Step) -> str:
    """What has to be typed: the text itself, or the value of the parameter it speaks of."""
    if (found := _THE_NAME.fullmatch(step.confirm.strip())) is None:
        return step.confirm
    name = found[1]
    value = current.parameters.values.get(name, current.namespace.get(name))
    if not isinstance(value, str | int | float) or value == "":
        raise InvalidCommand(
            f"step {record.number}, {record.title}, asks to {step.confirm}, and there is no {name}",
            hint=f"declare {name} under %%coder parameters, or write the text itself: --confirm TEXT",
        )
    return str(value)


def _done(current: Current, record: StepRecord, body: Callable[[], Any]) -> Any:
    # First of all: where the audit is required, nothing happens that is not in it.
    audit.record(current.run, record, "running")
    record.status, record.started = "running", datetime.now(UTC)
    current.busy = record
    current.changed()
    capture, began = Capture(current.shell), perf_counter()
    try:
        with capture:
            value = body()
            capture.value(value)
        _keep_value(current, record, value)
        record.status = "done"
    except BaseException as error:
        record.status = "failed"
        record.error = mask(f"{type(error).__name__}: {str(error).strip() or 'no message'}").partition("\n")[0]
        if not isinstance(error, CoderError | KeyboardInterrupt):
            error.add_note(f"in step {record.number}, {record.title}")
            _shorten(current.shell, error)
        raise
    finally:
        current.busy = None
        record.ended, record.seconds = datetime.now(UTC), perf_counter() - began
        _keep_evidence(current, record, capture.pieces)
        _close(current, record, "done" if record.status == "done" else "failed")
    return value


def _shorten(shell: Any, error: BaseException) -> None:
    """Lets IPython show the traceback from the step's own code on: what runs it is not what went wrong."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(_PACKAGE):
        trace = trace.tb_next
    if trace is None or hasattr(error, "_render_traceback_"):
        return
    with suppress(AttributeError, TypeError):  # An exception need not take attributes.
        render = shell.InteractiveTB.structured_traceback
        error._render_traceback_ = lambda: render(type(error), error, trace, tb_offset=0)  # type: ignore[attr-defined]


def _keep_value(current: Current, record: StepRecord, value: object) -> None:
    assert current.journal is not None
    stored = store(value)
    file = current.journal.keep("values", record, f"value.{stored.ending}", stored.data) if stored.ending else ""
    record.value = Value(kind=stored.kind, text=stored.text, file=file)


def _keep_evidence(current: Current, record: StepRecord, pieces: list[Piece]) -> None:
    assert current.journal is not None
    for number, piece in enumerate(pieces, 1):
        files = {
            mime: current.journal.keep("evidence", record, f"{number:03}.{_ENDINGS[mime]}", form)
            for mime, form in piece.forms.items()
            if form
        }
        record.evidence.append(Evidence(kind=piece.kind, title=piece.title, files=files, cut=piece.cut))


def _close(current: Current, record: StepRecord, said: str) -> None:
    """Writes how a step ended, and says so in its cell, in the same words whenever it goes the same way."""
    current.changed()
    audit.record(current.run, record, record.status)
    from IPython.display import display

    said = visible(said)
    data = {
        "text/plain": f"step {record.number}, {visible(record.title)}: {said}",
        "text/html": f"<div>{state(record.status)} {dim(f'step {record.number}')} {safe(record.title)}"
        + (f" {dim(said)}" if said != record.status else "")
        + "</div>",
    }
    display(data, raw=True)  # type: ignore[no-untyped-call]
