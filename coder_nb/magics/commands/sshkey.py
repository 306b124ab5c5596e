"""`%coder sshkey`: inside a workspace, its owner's SSH key for git. The private half is never shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coder_nb.magics.call import Call
from coder_nb.magics.grammar import Command, Example, Flag, Section
from coder_nb.magics.kinds import FILE

if TYPE_CHECKING:
    from coder_nb.within import SSHKey


@Command(
    "sshkey",
    "your SSH key for git",
    Section.INSIDE,
    returns="SSHKey: .public_key is the line that git services are given; the private half is never shown.",
    flags=(
        Flag(("--write",), "write the private key to this file, for you only; never over another one", FILE),
        Flag(("--add",), "give the private key to the ssh-agent that runs"),
    ),
    notes=("Only inside a workspace: it needs CODER_AGENT_URL and CODER_AGENT_TOKEN, which an agent sets.",),
    examples=(
        Example("%coder sshkey", "the public key, to be copied to a git service"),
        Example("%coder sshkey --write ~/.ssh/coder", "then ssh -i ~/.ssh/coder"),
    ),
)
def sshkey(call: Call, *, write: str | None, add: bool) -> SSHKey:
    """Runs `%coder sshkey`."""
    from coder_nb.within import inside

    with inside() as me:
        key = me.git_ssh_key()
    if write:
        print(f"written: {key.write(write)}")
    if add:
        key.add_to_agent()
        print("added to ssh-agent")
    return key
