"""`@step("Drain the queue")`: a function each of whose calls is a step of the notebook's runbook."""

from __future__ import annotations

import functools
import inspect
import string
from collections.abc import Callable, Mapping
from typing import ParamSpec, TypeVar

from coder_nb.errors import InvalidCommand, RunbookError

__all__ = ["step"]

P = ParamSpec("P")
R = TypeVar("R")


def step(
    title: str, *, confirm: str = "", skip_if: bool | Callable[P, object] = False
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Makes a step of each call of a function.

    >>> @step("Drain {queue}", confirm="{queue}")
    ... def drain(queue: str, workers: int = 2) -> int:
    ...     return workers

    Args:
        title: what the step does. `{queue}` in it is the function's argument of that name, or the notebook's variable.
        confirm: what a person has to type before it runs; `{…}` as in the title. `type the workspace's name` means the
            value of the parameter `workspace`.
        skip_if: whether to skip it, or a function of the same arguments that tells.
    Returns:
        a decorator. The function is called as before and its value is what the step hands on; `function.__wrapped__`
        is the function itself, for tests.
    Raises:
        InvalidCommand: no title.
    """
    if not isinstance(title, str) or not title.strip():
        raise InvalidCommand("a step needs a title", hint='@step("Drain the queue")')

    def decorated(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def called(*args: P.args, **kwargs: P.kwargs) -> R:
            from coder_nb.runbooks.here import here
            from coder_nb.runbooks.steps import Step, perform

            current = here()
            bound = inspect.signature(function).bind(*args, **kwargs)
            bound.apply_defaults()
            names = {**current.namespace, **bound.arguments}
            skips = skip_if if callable(skip_if) else lambda *_, **__: skip_if
            one = Step(
                title=_filled(title, names),
                confirm=_filled(confirm, names),
                skip=(lambda: skips(*args, **kwargs)) if skip_if is not False else None,
                why=f"{function.__name__} says so" if callable(skip_if) else f"skip_if={skip_if!r}",
                told=_told(function, bound.arguments),
                function=True,
            )
            value: R = perform(current, one, lambda: function(*args, **kwargs))
            return value

        return called

    return decorated


def _filled(text: str, names: Mapping[str, object]) -> str:
    try:
        return string.Formatter().vformat(text, (), names) if "{" in text else text
    except (KeyError, IndexError, AttributeError, ValueError) as error:
        raise InvalidCommand(
            f"a step's text cannot be filled in: {text!r}: {type(error).__name__}: {error}",
            hint="{…} names an argument of the function or a variable of the notebook; {{ and }} are braces",
        ) from None


def _told(function: Callable[..., object], arguments: Mapping[str, object]) -> str:
    """What a call depends on: the function's text and its arguments, as far as they can be told apart."""
    try:
        source = inspect.getsource(function)
    except (OSError, TypeError):
        source = function.__qualname__
    said = ", ".join(f"{name}={_argument(value)}" for name, value in arguments.items())
    return f"{function.__name__}({said})\n{source}"


def _argument(value: object) -> str:
    from coder_nb.runbooks.values import store

    if value is None or isinstance(value, str | int | float | bool):
        return repr(value)
    try:
        stored = store(value)
    except RunbookError:
        # What has no text of its own that is the same in another kernel is told by its type.
        return f"<{type(value).__qualname__}>"
    from coder_nb.runbooks.cells import digest

    return f"<{stored.text}, {digest(stored.data.hex())}>"
