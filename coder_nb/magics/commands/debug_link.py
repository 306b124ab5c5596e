"""`%coder debug-link`: what the identity provider said of a user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coder_nb.magics.call import Call
from coder_nb.magics.grammar import Argument, Command, Example, Flag, Section
from coder_nb.magics.kinds import USER

if TYPE_CHECKING:
    from coder_nb.client.claims import Claims


@Command(
    "debug-link",
    "the claims of a user who signs in by OpenID Connect",
    Section.CONNECTION,
    returns="a record: name, value and origin of each claim; .link has the values as the provider sent them.",
    arguments=(Argument("user", "a user name or uuid; by default you", USER, default="me"),),
    flags=(Flag(("--show",), "show personal data, which a saved notebook then keeps"),),
    notes=(
        "For owners of the deployment only. Without --show, values that are about the person are masked.",
        "There is no --json here, since that could not be masked.",
    ),
    examples=(Example("%coder debug-link grace", "which claims there are, and where they come from"),),
)
def debug_link(call: Call, *, user: str, show: bool) -> Claims:
    """Runs `%coder debug-link`."""
    return call.coder.debug_link(user, show=show)
