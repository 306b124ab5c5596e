"""`%%coder parameters`: what a runbook's parameters are, checked and converted; a form for whoever can use one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coder_nb.magics.call import Call
from coder_nb.magics.grammar import Command, Example, Flag, Section

if TYPE_CHECKING:
    from coder_nb.runbooks.parameters import Parameters


@Command(
    "parameters",
    "declare and check a runbook's parameters",
    Section.RUNBOOKS,
    returns="the parameters: a form where somebody can fill it in, else a table.",
    flags=(
        Flag(("--resume",), "go on with the book's last run: steps that are done are not run again"),
        Flag(("--dry-run",), "run no step, and refuse every call that would change something"),
    ),
    body='a declaration a line, NAME: KIND "what it is"',
    notes=(
        "It stands after the cell tagged parameters, which gives each of them a value; papermill puts its own between.",
        "The kinds: workspace, agent, int, number, choice A B, bool, text, duration, date, secret, deployment; "
        "int 1..5 and duration 10s..1h have limits, text /[a-z]+/ a form, secret env=NAME a variable it comes from. "
        "optional after a kind: it may be None.",
        "All mistakes are told at once. %coder parameters alone checks and shows what was declared.",
        "A run begins here: its steps and what they show are kept, and --resume goes on with the last one.",
    ),
    examples=(
        Example("%%coder parameters", 'with lines under it such as: replicas: int 1..5 "how many stay"'),
        Example("%coder parameters", "shows them again"),
        Example("%%coder parameters --resume", "goes on where the last run stopped"),
    ),
)
def parameters(call: Call, *, resume: bool, dry_run: bool) -> Parameters:
    """Runs `%coder parameters`."""
    from coder_nb.runbooks.declarations import declarations
    from coder_nb.runbooks.here import here
    from coder_nb.runbooks.parameters import Parameters

    current = here()
    declares = call.body is not None and bool(call.body.strip())
    if declares:
        current.declare(Parameters(declarations(call.body or "")))
    current.settle(resume=resume, dry_run=dry_run, anew=declares)
    return current.parameters
