"""`%coder connect`: to which deployment, and as whom. Never takes a token from the line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from coder_nb.errors import InvalidCommand
from coder_nb.magics.call import Call
from coder_nb.magics.grammar import Argument, Command, Example, Flag, Section
from coder_nb.magics.kinds import FILE, SPEED, TARGET

if TYPE_CHECKING:
    from coder_nb.client import Coder

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_SESSION = re.compile(r"[A-Za-z0-9]{10}-[A-Za-z0-9]{22}")


def refuse_token(words: tuple[str, ...]) -> None:
    """Refuses a token on the line, without repeating it.

    Raises:
        InvalidCommand: a word looks like a token, or names one.
    """
    named = any(re.match(r"-{1,2}(t|token|session-token|password)(=|$)", word) for word in words)
    if named or any(_SESSION.search(word) or _UUID.search(word) for word in words):
        raise InvalidCommand(
            "a token is never typed on a %coder line, since a notebook keeps what is typed",
            hint="delete it from the cell and revoke it; %coder connect URL asks for one without showing it",
        )


@Command(
    "connect",
    "connect to a deployment",
    Section.CONNECTION,
    returns="Coder: the connection, which says where it is to, as whom, and where the token came from.",
    arguments=(
        Argument(
            "target",
            "a URL, demo, a saved profile, or replay:NAME for a recording; without one: CODER_URL and "
            "CODER_SESSION_TOKEN, else the saved profile, else the Coder CLI's session",
            TARGET,
        ),
    ),
    flags=(
        Flag(
            ("--save",),
            "keep URL and token for next time: in the keyring where there is one, else in a file only you can read",
        ),
        Flag(("--ca",), "trust the certificates in this PEM file", FILE),
        Flag(("--insecure",), "accept any certificate; only for a deployment you could not trust otherwise"),
        Flag(
            ("--tempo",),
            "how fast a recording is replayed: 1 as it was, 2 twice as fast; else as fast as can be",
            SPEED,
        ),
    ),
    notes=(
        "A token is never an argument: it is asked for without echo. With nobody to ask, that is an error.",
        "demo joins the demo deployment that is running on this machine, or starts one that ends with the kernel.",
    ),
    examples=(
        Example("%coder connect", "to what the environment, a profile or the Coder CLI names"),
        Example("%coder connect https://coder.example.com --save", "asks for a token and keeps it"),
        Example("%coder connect demo", "to a deployment that needs nothing else"),
        Example("%coder connect replay:disk-usage", "to a recording, without a network or a token"),
    ),
    guard=refuse_token,
)
def connect(
    call: Call, *, target: str | None, save: bool, ca: str | None, insecure: bool, tempo: float | None
) -> Coder:
    """Runs `%coder connect`."""
    if save and target == "demo":
        raise InvalidCommand(
            "the demo needs no saving: it has another token each time it starts", hint="%coder connect demo"
        )
    replay = (target or "").startswith("replay:")
    if replay and (save or ca or insecure):
        raise InvalidCommand("a recording has no token and no certificate", hint=f"%coder connect {target}")
    if tempo is not None and not replay:
        raise InvalidCommand("--tempo is for recordings", hint="%coder connect replay:NAME --tempo 1")
    coder = call.session.connect(target, ca=ca, insecure=insecure, tempo=tempo or 0.0)
    if save:
        from coder_nb.credentials import profiles, save_profile

        name = target if target in profiles() else coder.deployment
        print(f"saved: {save_profile(name, coder.credentials)}")
    return coder
