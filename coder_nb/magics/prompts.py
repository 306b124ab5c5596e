"""Asking the person at the notebook: for a token without echo, and whether to go on. The one place that does.

With nobody to ask (nbclient, papermill, a script without a terminal) it refuses at once instead of waiting.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from coder_nb.errors import ConfigurationError, ConfirmationRequired

__all__ = ["ask_secret", "confirm"]


class _Nobody(Exception):
    """There is nobody to ask."""


def ask_secret(prompt: str) -> str:
    """Asks for a token without echo; in JupyterLab through the kernel's own input box.

    Raises:
        ConfigurationError: nobody to ask, or nothing was typed.
    """
    import getpass

    try:
        # Looked up at call time: a kernel puts its own function in this one's place.
        text = _answer(lambda: getpass.getpass(prompt)).strip()
    except _Nobody:
        raise ConfigurationError(
            "a token is needed and there is nobody to ask for one",
            hint="set CODER_URL and CODER_SESSION_TOKEN, or run %coder connect URL --save once where you can type",
        ) from None
    if not text:
        raise ConfigurationError(
            "no token was typed", hint="run the line again; the deployment's /cli-auth page shows one"
        )
    return text


def confirm(question: str, *, yes: bool = False) -> None:
    """Returns if the answer is yes.

    Args:
        question: names the thing and what happens to it, such as "Stop workspace dev?".
        yes: it was answered in advance.
    Raises:
        ConfirmationRequired: nobody to ask, or the answer was no.
    """
    if yes:
        return
    try:
        answer = _answer(lambda: input(f"{question} [y/N] ")).strip().lower()
    except _Nobody:
        raise ConfirmationRequired(f"not done, nobody answered: {question}", hint="add --yes to the line") from None
    if answer not in ("y", "yes"):
        raise ConfirmationRequired(f"not done, the answer was no: {question}", hint="add --yes to answer in advance")


def _answer(ask: Callable[[], str]) -> str:
    from IPython.core.error import StdinNotImplementedError
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    # A kernel knows by itself whether its frontend can ask; elsewhere only a terminal has somebody at it.
    if not hasattr(shell, "kernel") and not (sys.stdin is not None and sys.stdin.isatty()):
        raise _Nobody
    try:
        return ask()
    except (StdinNotImplementedError, EOFError) as error:
        raise _Nobody from error
