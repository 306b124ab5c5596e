"""`%coder auth`: inside a workspace, its owner's login at a service outside, or the link to log in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coder_nb.errors import InvalidCommand
from coder_nb.magics.call import Call
from coder_nb.magics.grammar import Argument, Command, Example, Flag, Section
from coder_nb.magics.kinds import COUNT, Kind

if TYPE_CHECKING:
    from coder_nb.within import ExternalAuth

ID = Kind("ID")
URL = Kind("URL")


@Command(
    "auth",
    "your login at a service outside, such as GitHub",
    Section.INSIDE,
    returns="ExternalAuth: the login, or the link to log in; .env() and .askpass() are for programs. The token is "
    "never shown.",
    arguments=(Argument("service", "the service's id in the deployment's configuration", ID),),
    flags=(
        Flag(("--match",), "find the service by a URL or text instead: github.com, https://github.com/ada/app", URL),
        Flag(("--wait",), "where nobody has logged in, show the link and wait; Ctrl-C ends that"),
        Flag(("--timeout",), "with --wait: seconds to wait at most", COUNT),
    ),
    notes=("Only inside a workspace: it needs CODER_AGENT_URL and CODER_AGENT_TOKEN, which an agent sets.",),
    examples=(
        Example("%coder auth github", "logged in, or where to log in"),
        Example("github = %coder auth --match github.com --wait", "then subprocess.run(command, env=github.env())"),
    ),
)
def auth(call: Call, *, service: str | None, match: str | None, wait: bool, timeout: int | None) -> ExternalAuth:
    """Runs `%coder auth`."""
    if bool(service) == bool(match):
        raise InvalidCommand("name the service by its id or with --match, one of the two", hint=auth.usage)
    if timeout is not None and not wait:
        raise InvalidCommand("--timeout is for --wait", hint=auth.usage)
    from coder_nb.within import inside

    with inside() as me:
        return me.external_auth(match=match, id=service, wait=wait, timeout=timeout)
