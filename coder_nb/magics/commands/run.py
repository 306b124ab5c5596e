"""`%coder run … -- COMMAND` and `%%coder run`: a command in a workspace, its output while it comes."""

from __future__ import annotations

from typing import Any

from coder_nb.credentials import Secret
from coder_nb.errors import InvalidCommand
from coder_nb.magics.call import Call
from coder_nb.magics.grammar import Argument, Command, Example, Flag, Section
from coder_nb.magics.kinds import CONTAINER, SECONDS, VARIABLE, WORKSPACE, Kind
from coder_nb.magics.screen import Screen
from coder_nb.nearest import nearest

FOLDER = Kind("DIRECTORY")
USER = Kind("USER")
SHELL = Kind("SHELL")


@Command(
    "run",
    "run a command or a script in a workspace",
    Section.AGENTS,
    returns="a RunResult: ok, code, output, seconds; its output is shown while it comes. With --bg a Job: wait, "
    "follow, interrupt, kill.",
    arguments=(
        Argument("workspace", "dev, dev.main, ada/dev.main or a uuid; by default what %coder use chose", WORKSPACE),
    ),
    flags=(
        Flag(("--container",), "in this container, by name or id", CONTAINER),
        Flag(("--user",), "as this user of the container", USER),
        Flag(("--cwd",), "begin in this directory of the workspace", FOLDER),
        Flag(
            ("-e", "--env"), "pass a Python variable on, as an environment variable of that name", VARIABLE, repeat=True
        ),
        Flag(("--shell",), "what runs it: sh, python, 'bash -l', or any other interpreter there", SHELL, default="sh"),
        Flag(("--timeout",), "for this long at most: 90s, 10m; then it is interrupted and ended", SECONDS),
        Flag(("--bg",), "in the background: it goes on by itself, and the value is its job"),
        Flag(("--ok",), "any exit code will do; else one that is not 0 is an error"),
    ),
    notes=(
        "What follows -- goes to the shell there as it is, and so does a cell: no {} and no $ is replaced, and what -e "
        "passes travels as data. A Secret is masked in the output that is shown.",
        "-o NAME keeps the result, of a command that failed too. Standard error is shown within the output.",
        "Ctrl-C is passed on to the command, which is waited for; a second one within 2 s ends it.",
        "It has nothing to read, and is over when nothing has its output open any more. What it leaves in the "
        "background is hung up on soon after, unless setsid or nohup began it; --bg is for what is to go on.",
    ),
    examples=(
        Example("%coder run dev -- uname -a", "one command"),
        Example("%coder run dev --cwd app --timeout 10m -o tests -- make test", "the result is kept in tests"),
        Example("%coder run dev -e TOKEN --ok -- ./deploy.sh | tail", "a Python variable travels along"),
    ),
    tail="COMMAND",
    body="the script, and then there is no COMMAND",
)
def run(
    call: Call,
    *,
    workspace: str | None,
    container: str | None,
    user: str | None,
    cwd: str | None,
    env: tuple[str, ...],
    shell: str,
    timeout: float | None,
    bg: bool,
    ok: bool,
) -> object:
    """Runs `%coder run`."""
    from coder_nb.remote.failed import failed
    from coder_nb.remote.shown import Masks

    script, variables = _script(call), {name: _value(call, name) for name in env}
    agent = call.agent(workspace)
    if bg:
        if timeout is not None:
            raise InvalidCommand(
                "a job in the background has no --timeout", hint="let the command end itself: timeout 600 …"
            )
        return agent.run(script, background=True, shell=shell, cwd=cwd, env=variables, container=container, user=user)
    masks = Masks(tuple(value for value in variables.values() if isinstance(value, Secret)))
    with Screen(masks, call.progress(f"run in {agent.title}")) as screen:
        how: dict[str, Any] = {"shell": shell, "cwd": cwd, "env": variables, "timeout": timeout}
        result = agent.run(
            script, container=container, user=user, check=False, on_output=screen.output, on_wait=screen.wait, **how
        )
    if not ok and not result.ok:
        raise failed(result, hint="--ok takes any exit code; -o NAME keeps the result")
    return result


def _script(call: Call) -> str:
    body = call.body if call.body is not None and call.body.strip() else None
    if body is not None and call.tail is not None:
        raise InvalidCommand("both a command after -- and a cell under it", hint="one of them is enough")
    script = call.tail if body is None else body
    if script is None or not script.strip():
        raise InvalidCommand("what is to be run?", hint="%coder run dev -- COMMAND, or %%coder run dev over a script")
    return script


def _value(call: Call, name: str) -> str | Secret:
    if name not in call.variables:
        close = nearest(name, call.variables)
        raise InvalidCommand(
            f"no variable {name!r} in this notebook, for -e {name}",
            hint=f"did you mean -e {' or -e '.join(close)}?" if close else f"{name} = … first",
        )
    value = call.variables[name]
    if isinstance(value, bool) or not isinstance(value, str | int | float | Secret):
        raise InvalidCommand(
            f"an environment variable is text, and {name} is a {type(value).__name__}",
            hint=f"{name} = str({name}), or write a file there: %coder put",
        )
    return value if isinstance(value, str | Secret) else str(value)
