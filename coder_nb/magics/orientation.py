"""What `%coder` alone shows: where we are connected, as whom, the default target, what to type next. Asks nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coder_nb.look import dim, pairs, safe, table

if TYPE_CHECKING:
    from coder_nb.magics.session import Session

__all__ = ["Orientation"]


class Orientation:
    """Where we are; taken when it was made, so that it tells the same whenever it is shown."""

    def __init__(self, session: Session) -> None:
        coder = session.coder
        self.rows = [("connected to", coder.deployment if coder else "nothing yet")]
        if coder:
            self.rows.append(("as", coder.user().username))
        self.rows.append(("default target", session.target or "none; %coder use WORKSPACE sets it"))
        target = "" if session.target else " WORKSPACE"
        self.next = [
            ("%coder ls", "the workspaces you can see"),
            (f"%coder show{target}", "one at a glance"),
            (f"%coder logs{target}", "what its agent's scripts wrote, as a DataFrame"),
            (f"%coder ports{target}", "what listens there"),
            ("%coder help", "all commands"),
        ]
        if not coder:
            first = [
                ("%coder connect", "to your deployment"),
                ("%coder connect demo", "to one that needs nothing else"),
            ]
            self.next = [*first, self.next[-1]]

    def __repr__(self) -> str:
        width = max(len(line) for line, _ in self.next)
        where = [f"{label:<14}  {value}" for label, value in self.rows]
        return "\n".join([*where, "", *(f"  {line:<{width}}  {about}" for line, about in self.next)])

    def _repr_html_(self) -> str:
        code = "<code style='background:none;color:inherit;padding:0'>{}</code>"
        return pairs(self.rows) + table((code.format(safe(line)), dim(about)) for line, about in self.next)
