"""Which relays there are, and how they are started in a workspace: values in, shell text out. Nothing is run here.

A relay needs what a workspace has anyhow; nothing is installed and no file is written.
"""

from __future__ import annotations

import re
import shlex
from importlib.resources import files as resources
from typing import Final

from coder_nb.remote.tunnel.protocol import Target

__all__ = ["KINDS", "LEAVE", "SHARED", "SQUEEZED", "STOP", "UNIT", "carrying", "starting"]

SHARED: Final = ("python3", "perl")
"""Relays that carry any number of connections over one terminal."""
SQUEEZED: Final = ("python3",)
"""Those of them that know zlib."""
KINDS: Final = (*SHARED, "socat", "busybox nc")
"""All of them, best first. The others carry one connection each over a terminal of its own."""

LEAVE: Final = "\n!\n"
"""What ends a relay that carries many, whatever it was told before: a line that is no base64."""
STOP: Final = ".\n"
"""What says that no more data comes for a connection that has a terminal of its own."""
UNIT: Final = 64
"""Characters of which such data is a multiple: it is read in units, so that nothing is read that is not meant."""

_TEXTS: Final = {
    "python3": ("python3_said.py", "python3_names.py", "python3_typed.py", "python3.py"),
    "perl": ("perl.pl",),
}
_FUTURE: Final = "from __future__ import annotations\n"
_OURS: Final = re.compile(r"^from (?:__future__|coder_nb\.)[^(\n]*(?:\([^)]*\))?\n", re.MULTILINE)
_RUN: Final = {"python3": 'python3 -I -S -c "$_r"', "perl": 'perl -e "$_r"'}
_TOOLS: Final = {
    "socat": "command -v socat&&command -v base64&&dd iflag=fullblock count=0",
    "busybox nc": "busybox nc --help 2>&1|grep -q Usage&&busybox base64&&busybox dd iflag=fullblock count=0",
}
_UP: Final = """\
_u(){{ while read -r _k&&case $_k in *[!0-9]*|'')false;;esac;do \
{box}dd bs={unit} count=$_k iflag=fullblock 2>/dev/null|{box}base64 -d;done; }}
exec 3>&1
printf '\\036T%s:%s\\036' $_N $$
_e=$({{ _u|{carrier}|{{ cat >&3;printf '\\036H%s\\036' $_N >&3; }}; }} 2>&1)
_e=${{_e##*: }}
exec 3>&-
printf '\\036E%s:%.40s\\036' $_N "$_e\""""
_MEANS_MORE: Final = re.compile(r"""[,:!"'\\()\[\]{}]""")


def starting(kind: str, patience: float) -> str:
    """The program that runs a relay, or finds out that one can be run.

    It says the mark T when it is ready, and F, with its exit code, when it has ended or cannot be run at all.

    Args:
        kind: one of `KINDS`.
        patience: seconds without a word of the client after which the relay ends.
    """
    if kind not in SHARED:
        said = f"printf '\\036T%s:{kind}\\036' $_N"
        return f"if {{ {_TOOLS[kind]}; }} </dev/null >/dev/null 2>&1;then {said};else printf '\\036F%s:1\\036' $_N;fi"
    texts = [resources(__name__).joinpath(name).read_text(encoding="utf-8") for name in _TEXTS[kind]]
    text = "".join(texts) if len(texts) == 1 else _FUTURE + "".join(_OURS.sub("", it) for it in texts)
    return f"_r={shlex.quote(text)}\n{_RUN[kind]} $_N {patience:g}\nprintf '\\036F%s:%s\\036' $_N $?\nunset _r"


def carrying(kind: str, target: Target) -> str:
    """The program that carries one connection, for the relays that carry one each.

    It says the mark T with its process' number when it reads, then the target's bytes as they are, H at their end, and
    E with what went wrong once all is over. It reads a number, as many units of base64, and so on; then `STOP`.

    Args:
        kind: one of `KINDS` that is not `SHARED`.
        target: what to connect to.
    Raises:
        ValueError: this relay does not reach it.
    """
    if kind == "socat":
        # What the target has said is at its end when socat closes its output; it may still be told more.
        carrier = f"socat -t 999999 STDIO,shut-close {shlex.quote(_address(target))}"
        return _UP.format(box="", unit=UNIT, carrier=carrier)
    if isinstance(target, str):
        raise ValueError("busybox nc reaches ports, but no unix sockets")
    carrier = f"busybox nc -- {shlex.quote(target[0])} {target[1]}"
    return _UP.format(box="busybox ", unit=UNIT, carrier=carrier)


def _address(target: Target) -> str:
    """As socat writes it."""
    if isinstance(target, str):
        return f"UNIX-CONNECT:{_MEANS_MORE.sub(_escaped, target)}"
    host, port = target
    return f"TCP6:[{host}]:{port}" if ":" in host else f"TCP:{_MEANS_MORE.sub(_escaped, host)}:{port}"


def _escaped(found: re.Match[str]) -> str:
    return f"\\{found[0]}"
