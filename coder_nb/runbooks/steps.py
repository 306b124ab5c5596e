"""One step: whether its body runs, what it hands on, what is recorded of it. The one place that decides.

In a dry run, after a step that failed or was declined, and without the answer it asks for, no body runs.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from coder_nb.credentials.seen import mask
from coder_nb.errors import CoderError, InvalidCommand, RunbookError
from coder_nb.look import dim, safe, state, visible
from coder_nb.runbooks import audit
from coder_nb.runbooks.confirming import confirmed, expected
from coder_nb.runbooks.current import Current
from coder_nb.runbooks.earlier import earlier, handed_on
from coder_nb.runbooks.evidence import Capture
from coder_nb.runbooks.journal import StepRecord
from coder_nb.runbooks.missing import Missing

__all__ = ["Step", "perform"]

_PACKAGE = str(Path(__file__).parents[1])


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
    record.status, record.started, record.ended, record.seconds = "pending", None, None, None
    if step.skip is not None and _skips(record, step):
        return _skipped(current, record, step)
    may, record.why = confirmed(current, record, step.confirm, yes=step.yes)
    if not may:
        raise _declined(current, record)
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
    asks = f", once {expected(current, record, step.confirm)!r} is typed" if step.confirm else ""
    unless = f", unless {step.why}" if step.skip is not None else ""
    _close(current, record, f"would run{asks}{unless}")
    return Missing(record.number, record.title)


def _given_back(current: Current, record: StepRecord) -> Any:
    value = handed_on(Path(current.run.folder), record.value)
    record.why = "done before the run was resumed"
    _close(current, record, "done before; not run again")
    return value


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
    """Skips it; its value is that of the latest run that has done the same step, where there is one."""
    assert current.journal is not None
    record.status, record.why, value = "skipped", mask(step.why), None
    if (found := earlier(current.run, record)) is not None:
        folder, one = found
        value = handed_on(folder, one.value)
        record.why += f"; its value is that of {one.ended:%Y-%m-%d %H:%M} UTC"
        current.journal.keep_value(record, value)
    _close(current, record, f"skipped: {mask(step.why)}")
    return value


def _declined(current: Current, record: StepRecord) -> RunbookError:
    record.status = "declined"
    record.started = record.ended = datetime.now(UTC)
    _close(current, record, f"declined: {record.why}")
    return RunbookError(
        f"step {record.number}, {record.title}, was declined: {record.why}",
        hint="nothing was done; run the cell again to be asked again",
    )


def _done(current: Current, record: StepRecord, body: Callable[[], Any]) -> Any:
    assert current.journal is not None
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
        current.journal.keep_value(record, value)
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
        current.journal.keep_evidence(record, capture.pieces)
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
