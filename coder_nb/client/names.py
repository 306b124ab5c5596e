"""What a person calls a workspace or an agent: `dev`, `dev.main`, `ada/dev.main` or a uuid. Pure; asks nobody."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from coder_nb.errors import InvalidCommand
from coder_nb.nearest import nearest

# Coder's own grammars: no name can hold a dot or a slash, which is what makes the forms unambiguous.
_NAME = re.compile(r"[a-zA-Z0-9]+(?:-[a-zA-Z0-9]+)*")
_AGENT = re.compile(r"[a-zA-Z0-9](?:-?[a-zA-Z0-9])*")


@dataclass(frozen=True, slots=True)
class Target:
    """A parsed name: either `uuid`, or an owner (`me` by default), a workspace and perhaps an agent."""

    owner: str = "me"
    workspace: str = ""
    agent: str | None = None
    uuid: str | None = None

    def __str__(self) -> str:
        if self.uuid:
            return self.uuid
        owner = "" if self.owner == "me" else f"{self.owner}/"
        return f"{owner}{self.workspace}" + (f".{self.agent}" if self.agent else "")


def parse(text: str) -> Target:
    """Takes a name apart.

    Args:
        text: `workspace`, `workspace.agent`, `owner/workspace`, `owner/workspace.agent`, or the uuid of either.
    Raises:
        InvalidCommand: none of these.
    """
    text = text.strip()
    if re.fullmatch(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text):
        return Target(uuid=str(UUID(text)))
    owner, slash, rest = text.rpartition("/")
    workspace, dot, agent = rest.partition(".")
    fits = (
        (not slash or _NAME.fullmatch(owner) or _is_uuid(owner))
        and _NAME.fullmatch(workspace)
        and (not dot or _AGENT.fullmatch(agent))
    )
    if not fits:
        raise InvalidCommand(
            f"not a workspace's name: {text!r}", hint="names look like dev, dev.main, ada/dev.main, or are a uuid"
        )
    return Target(owner=owner or "me", workspace=workspace, agent=agent or None)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def suggest(word: str, known: Mapping[str, str], otherwise: str) -> str:
    """A hint for a name that is not known.

    Args:
        known: the names it may have been, and how each is typed.
        otherwise: what helps where none is near.
    """
    close = [known[name] for name in nearest(word, known)]
    return f"did you mean {' or '.join(close)}? {otherwise}" if close else otherwise
