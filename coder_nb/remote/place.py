"""Whether a shell runs in a container or beside it: an agent that has no containers ignores that one was asked for.

What each place says of itself is compared; nothing is taken for granted of what answers.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import Final

from coder_nb.errors import ConnectionLost
from coder_nb.remote.line import Line

__all__ = ["Place", "is_inside", "look_around"]

_SECONDS: Final = 10.0
_ASK: Final = """\
_p=$(uname -n 2>/dev/null)
_l=$(readlink /proc/self/ns/mnt 2>/dev/null)
printf '\\036H%s\\036%s\\n%s\\n%s\\n' $_N "$HOSTNAME" "$_p" "$_l"
if [ -e /.dockerenv ]||[ -e /run/.containerenv ];then printf yes;fi
printf '\\036Z%s\\036' $_N"""


@dataclass(frozen=True, slots=True)
class Place:
    """What a shell says of where it is; "" where it cannot tell.

    Attributes:
        names: the host's name, from its variable and from the system.
        namespace: the mount namespace, which no two containers share.
        marked: whether container engines have left their mark.
    """

    names: tuple[str, ...] = ()
    namespace: str = ""
    marked: bool = False


def look_around(line: Line) -> Place:
    """Asks the shell on a line, on which nothing runs.

    Raises:
        ConnectionLost: the line broke, or says nothing.
    """
    line.send(_ASK)
    nonce, said, deadline = line.nonce.encode(), b"", time.monotonic() + _SECONDS
    answer = re.compile(rb"\x1eH" + nonce + rb"\x1e([^\x1e]*)\x1eZ" + nonce + rb"\x1e")
    while (found := answer.search(said)) is None:
        try:
            data = line.read(max(0.0, deadline - time.monotonic()))
        except TimeoutError:
            data = b""
        if not data:
            raise ConnectionLost("the shell in the workspace does not answer; nothing was run", hint="try again")
        said += data
    told: str = found[1].decode("utf-8", "replace")
    variable, system, namespace, marked = (told.split("\n") + [""] * 4)[:4]
    return Place((variable, system), namespace, marked == "yes")


def is_inside(container_id: str, there: Place, outside: Place) -> bool:
    """Whether a shell is in a container.

    Args:
        container_id: as the engine gives it; its beginning is the host's name inside, unless somebody chose another.
        there: where the shell is.
        outside: where the agent's other shells are.
    """
    if len(container_id) >= 12 and container_id[:12] in there.names:
        return True
    if there.namespace and outside.namespace:
        return there.namespace != outside.namespace
    return there.marked and not outside.marked
