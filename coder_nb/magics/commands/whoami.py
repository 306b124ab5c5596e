"""`%coder whoami`: the user, the deployment, and the token's origin and end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coder_nb.magics.call import Call
from coder_nb.magics.grammar import Command, Example, Section

if TYPE_CHECKING:
    from coder_nb.client import Whoami


@Command(
    "whoami",
    "who you are on which deployment",
    Section.CONNECTION,
    returns="a record: user, url, version of the server, source of the token, and when it expires.",
    examples=(Example("%coder whoami", "asks the deployment"),),
    json=r"/users/me",
)
def whoami(call: Call) -> Whoami:
    """Runs `%coder whoami`."""
    return call.coder.whoami()
