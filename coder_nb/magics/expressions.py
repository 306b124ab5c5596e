"""The value of a `{expr}` or `$name` in a `%coder` line, from the notebook's variables.

An unknown variable and an expression that fails are InvalidCommand: a line is never run with a hole in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import CodeType

from coder_nb.errors import InvalidCommand
from coder_nb.nearest import nearest

__all__ = ["compiled", "value"]


def compiled(source: str) -> CodeType | None:
    """The code of an expression such as `name`, `d["key"]`, `x!r` or `x:.2f`; None where it is not one."""
    for text in (f"({source}\n)", f'f"""{{{source}}}"""'):
        try:
            return compile(text, f"%coder {{{source}}}", "eval")
        except (SyntaxError, ValueError):
            continue
    return None


def value(source: str, namespace: Mapping[str, object]) -> str:
    """The text that stands for an expression.

    Args:
        source: what was between the braces, or after the `$`.
        namespace: the notebook's variables.
    Raises:
        InvalidCommand: an unknown variable, or the expression raised.
    """
    code = compiled(source)
    try:
        # The person at the keyboard wrote this expression, as they write every other line of their notebook.
        return str(eval(code, dict(namespace))) if code else source  # noqa: S307
    except NameError as error:
        name = error.name or source
        close = nearest(name, namespace)
        hint = f"did you mean {' or '.join(close)}? " if close else ""
        raise InvalidCommand(
            f"no variable {name!r} in this notebook, for {{{source}}}",
            hint=hint + "'…' around it keeps the text itself",
        ) from None
    except Exception as error:
        raise InvalidCommand(
            f"{{{source}}} raised {type(error).__name__}: {error}", hint="'…' around it keeps the text itself"
        ) from error
