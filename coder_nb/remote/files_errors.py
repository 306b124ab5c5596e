"""What files.sh refuses, as errors that name the file and what to do. Pure."""

from __future__ import annotations

from coder_nb.errors import AgentUnavailable, CoderError, Conflict, NotFound, PermissionDenied, TooLarge
from coder_nb.look import visible

__all__ = ["refused"]


def refused(kind: str, text: str, path: str) -> CoderError:
    """The error for a refusal.

    Args:
        kind: its word.
        text: what goes with it: a folder, a tool's own words, a number.
        path: what was asked for.
    """
    path, text = visible(path), visible(" ".join(text.split()))[:600]
    match kind:
        case "missing":
            return NotFound(f"no such file or folder in the workspace: {path}", status=404, hint=_LIST)
        case "folder":
            where = text if text.rstrip("/") == path.rstrip("/") else f"{text}, for {path}"
            return NotFound(f"no such folder in the workspace: {where}", status=404, hint=f"make it: mkdir -p {text}")
        case "denied" | "readonly":
            what = "not allowed" if kind == "denied" else "not writable"
            said = f" ({text})" if text and text != path else ""
            return PermissionDenied(f"{what} in the workspace: {path}{said}", status=403, hint=_WHOSE)
        case "room":
            return TooLarge(
                f"no room in the workspace for {path}: {text} KiB are free", status=413, hint="make room, or see df -h"
            )
        case "space":
            return TooLarge(
                f"no room left in the workspace for {path} ({text})", status=413, hint="make room, or see df -h"
            )
        case "isfolder":
            return Conflict(
                f"a folder is in the way in the workspace: {path}", status=409, hint="a file in it has another name"
            )
        case "notfolder":
            return Conflict(f"a file is in the way in the workspace: {path}", status=409, hint="choose another folder")
        case "notfile":
            return Conflict(
                f"neither a file nor a folder in the workspace: {path}",
                status=409,
                hint="devices and sockets stay there",
            )
        case "tool":
            return AgentUnavailable(f"the workspace has no {text}, which {path} needs", hint="install it there")
        case "temp":
            return AgentUnavailable(
                f"the workspace has no room for temporary files ({text})", hint="see df -h /tmp, or set TMPDIR there"
            )
        case _:
            return Conflict(f"it failed in the workspace: {path} ({text or 'no reason given'})", status=409)


_LIST = "agent.ls() shows what is there; relative paths begin at the agent's directory, ~ is home"
_WHOSE = "agent.ls() shows owners and modes"
