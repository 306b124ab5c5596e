"""A script as a background job: the program that starts it, as text. Runs nothing.

Its variables are never on a command line; the file they are in is gone before the script begins.
"""

from __future__ import annotations

import shlex
from typing import Final

from coder_nb.credentials import Secret
from coder_nb.remote.files_protocol import word
from coder_nb.remote.script import Script

__all__ = ["starting", "summary"]

_SHOWN: Final = 80

_BEFORE: Final = """\
{
_j=$1 _n=$2 _u=$(umask)
rm -f "$0"
umask 077
_y=- _g=group
if read -r _x <"/proc/$$/stat";then set -- ${_x##*) };_y=${20};[ "$3" = $$ ]||_g=;fi 2>/dev/null
printf '%s %s %s\\n' $$ "$_y" "$_g" >"$_j/pid"
printf '\\036A%s\\036\\036Z%s\\036' "$_n" "$_n"
exec </dev/null >"$_j/out" 2>&1
trap : INT TERM
trap '' HUP
(
umask "$_u"
"""
_AFTER: Final = """
)
printf '%s %s\\n' $? "$(date +%s)" >"$_j/c"&&mv "$_j/c" "$_j/code"
exit
}
"""


def summary(text: str) -> str:
    """A script's first line that does something."""
    lines = [" ".join(line.split()) for line in text.splitlines()]
    first = next((line for line in lines if line and not line.startswith(("#", "set -"))), "")
    return first if len(first) <= _SHOWN else f"{first[: _SHOWN - 1]}…"


def starting(id: str, script: Script, nonce: str, label: str) -> str:
    """The program for jobs.sh that starts a job.

    Args:
        id: the job's.
        script: what it is.
        nonce: the line's.
        label: one line that says what it is.
    """
    exports = [
        f"export {name}={shlex.quote(value.reveal() if isinstance(value, Secret) else value)}"
        for name, value in script.env.items()
    ]
    run = _BEFORE + "\n".join([*exports, script.command(nonce)]) + _AFTER
    there = (
        f"[ -d {word(script.cwd)} ] && cd -- {word(script.cwd)} 2>/dev/null || {{ no cwd; false; }}"
        if script.cwd
        else ":"
    )
    return f"i={id} w={shlex.quote(label)}\nif {{ {there}; }} && prepare <<'J{nonce}'\n{run}J{nonce}\nthen start\nfi"
