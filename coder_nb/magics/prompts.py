"""Asking the person at the notebook: for a token without echo, and whether to go on. The one place that does.

With nobody to ask (nbclient, papermill, a script without a terminal) it refuses at once instead of waiting.
"""

from __future__ import annotations

import sys

from coder_nb.errors import ConfigurationError, ConfirmationRequired

__all__ = ["ask", "ask_secret", "confirm"]


def ask(prompt: str, *, hidden: bool = False) -> str | None:
    """Asks, and gives what was typed; None where there is nobody to ask.

    Args:
        hidden: without echo; in JupyterLab through the kernel's own input box.
    """
    import getpass

    from IPython.core.error import StdinNotImplementedError
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    # A kernel knows by itself whether its frontend can ask; elsewhere only a terminal has somebody at it.
    if not hasattr(shell, "kernel") and not (sys.stdin is not None and sys.stdin.isatty()):
        return None
    try:
        # Looked up at call time: a kernel puts its own functions in their place.
        return getpass.getpass(prompt) if hidden else input(prompt)
    except (StdinNotImplementedError, EOFError):
        return None


def ask_secret(prompt: str) -> str:
    """Asks for a token without echo; in JupyterLab through the kernel's own input box.

    Raises:
        ConfigurationError: nobody to ask, or nothing was typed.
    """
    text = ask(prompt, hidden=True)
    if text is None:
        raise ConfigurationError(
            "a token is needed and there is nobody to ask for one",
            hint="set CODER_URL and CODER_SESSION_TOKEN, or run %coder connect URL --save once where you can type",
        )
    if not text.strip():
        raise ConfigurationError(
            "no token was typed", hint="run the line again; the deployment's /cli-auth page shows one"
        )
    return text.strip()


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
    answer = ask(f"{question} [y/N] ")
    if answer is None:
        raise ConfirmationRequired(f"not done, nobody answered: {question}", hint="add --yes to the line")
    if answer.strip().lower() not in ("y", "yes"):
        raise ConfirmationRequired(f"not done, the answer was no: {question}", hint="add --yes to answer in advance")
