"""Asking for the text that lets a step run. With nobody to ask it refuses, except at a recording."""

from __future__ import annotations

import os
import re
from typing import Final

from coder_nb.errors import ConfirmationRequired, InvalidCommand
from coder_nb.look import visible
from coder_nb.runbooks.current import YES, Current
from coder_nb.runbooks.journal import StepRecord

__all__ = ["confirmed", "expected"]

_THE_NAME: Final = re.compile(r"type (?:the )?(\w+)(?:'s name)?", re.IGNORECASE)


def confirmed(current: Current, step: StepRecord, confirm: str, *, yes: bool) -> tuple[bool, str]:
    """Whether a step may run, and why.

    Args:
        confirm: what its cell says is to be typed; "" for nothing.
        yes: it was answered in advance.
    Raises:
        ConfirmationRequired: nobody to ask.
        InvalidCommand: it speaks of a parameter there is not.
    """
    if not confirm:
        return True, ""
    if yes or os.environ.get(YES) == "1":
        return True, "confirmed in advance"
    text = expected(current, step, confirm)
    where = f" at {step.deployment}" if step.deployment else ""
    answer = current.ask(f"Step {step.number}, {step.title}{where}. Type {visible(text)} to go on: ")
    if answer is None and step.deployment.startswith("replay:"):
        return True, "nobody was asked: a replay changes nothing"
    if answer is None:
        raise ConfirmationRequired(
            f"step {step.number}, {step.title}, asks that {text!r} be typed, and there is nobody to ask",
            hint="add --yes to answer in advance",
        )
    if answer.strip() == text.strip():
        return True, f"confirmed: {text!r} was typed"
    return False, "something else was typed" if answer.strip() else "nothing was typed"


def expected(current: Current, step: StepRecord, confirm: str) -> str:
    """What has to be typed: the text itself, or the value of the parameter it speaks of.

    Raises:
        InvalidCommand: there is no such parameter.
    """
    if (found := _THE_NAME.fullmatch(confirm.strip())) is None:
        return confirm
    name = found[1]
    value = current.parameters.values.get(name, current.namespace.get(name))
    if not isinstance(value, str | int | float) or value == "":
        raise InvalidCommand(
            f"step {step.number}, {step.title}, asks to {confirm}, and there is no {name}",
            hint=f"declare {name} under %%coder parameters, or write the text itself: --confirm TEXT",
        )
    return str(value)
