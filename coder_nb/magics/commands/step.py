"""`%%coder step`: a cell that is one step of a runbook."""

from __future__ import annotations

from coder_nb.errors import InvalidCommand
from coder_nb.magics.call import Call
from coder_nb.magics.grammar import Argument, Command, Example, Flag, Section
from coder_nb.magics.kinds import Kind


def _expression(text: str) -> str:
    try:
        compile(text, "--skip-if", "eval")
    except (SyntaxError, ValueError) as error:
        raise ValueError(f"not a Python expression: {getattr(error, 'msg', error)}") from None
    return text


TITLE = Kind("TITLE")
TYPED = Kind("TEXT")
EXPRESSION = Kind("EXPR", _expression)


@Command(
    "step",
    "run a cell as one step of a runbook",
    Section.RUNBOOKS,
    returns="what the cell's last expression gives; nothing where it ends in ;.",
    arguments=(Argument("title", "what the step does, such as 'Drain the queue'", TITLE, required=True),),
    flags=(
        Flag(("--confirm",), 'ask first that this text be typed; "type the workspace\'s name" means its value', TYPED),
        Flag(("--skip-if",), "do not run it where this Python expression is true", EXPRESSION),
    ),
    body="the step, as any cell: code, magics, a last value",
    notes=(
        "The body runs once: a run that is resumed gives back what a done step handed on, after checking that the "
        "parameters, the deployment and the cells before are the same.",
        "What it hands on is stored: None, text, numbers, lists, dictionaries, a frame, a RunResult. Anything else is "
        "refused; end the last line in ; to hand on nothing.",
        "What it prints and shows is kept with it, for the report.",
        "After a step that failed or was declined no other runs. In a dry run none does.",
        "For a function there is @coder_nb.step('Drain the queue').",
    ),
    examples=(
        Example("%%coder step 'Look at the queue' -o queue", "its value is kept in queue"),
        Example("%%coder step 'Drain the queue' --confirm \"type the workspace's name\"", "asks for that name first"),
        Example("%%coder step 'Scale down' --skip-if 'replicas == 1'", "runs only where it has to"),
    ),
)
def step(call: Call, *, title: str, confirm: str | None, skip_if: str | None) -> object:
    """Runs `%%coder step`."""
    from coder_nb.runbooks.body import run_body
    from coder_nb.runbooks.here import here
    from coder_nb.runbooks.steps import Step, perform

    body = call.body
    if body is None or not body.strip():
        raise InvalidCommand(
            "a step has no body", hint="%%coder step 'TITLE' in the first line of a cell, code under it"
        )
    current = here()
    one = Step(
        title=title,
        confirm=confirm or "",
        # The person at the keyboard wrote this expression, as they write every other line of their notebook.
        skip=(lambda: eval(skip_if, current.namespace)) if skip_if else None,  # noqa: S307
        why=skip_if or "",
        yes=call.yes,
    )
    return perform(current, one, lambda: run_body(current.shell, body))
