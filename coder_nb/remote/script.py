"""A person's script as a program for the line: what it says before, during and after. Text only; runs nothing.

The script, its variables and its input travel as typed data: none is ever on a command line there, and no file with a
name holds any of them while the script runs.
"""

from __future__ import annotations

import re
import shlex
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from coder_nb.credentials import Secret
from coder_nb.errors import Invalid

__all__ = ["Script"]

_PIECE = 48 * 1024
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

_PYTHON = """\
def _():
 import linecache,sys,traceback
 with open(9,encoding="utf-8") as f:t=f.read()
 linecache.cache["<script>"]=len(t),None,t.splitlines(True),"<script>"
 def h(k,e,b):
  while b and b.tb_frame.f_code.co_filename!="<script>":b=b.tb_next
  traceback.print_exception(k,e,b)
 sys.excepthook=h
 return compile(t,"<script>","exec")
exec(globals().pop("_")())"""
"""Runs descriptor 9 as the main module, with the working directory in its path and source lines in its tracebacks."""


@dataclass(frozen=True, slots=True)
class Script:
    """What is to be run.

    Args:
        text: the script.
        shell: its interpreter, with arguments: "sh", "bash -l", "python" for the Python 3 there is, or any program that
            takes a script's path.
        cwd: where it begins; "" for the agent's own directory. `~` is the home there.
        env: further variables.
        input: its standard input; None for nothing.
        separate: whether standard error is kept apart, and then comes at the end.
    Raises:
        Invalid: what no shell could be given: NUL, lone surrogates, names that variables cannot have.
    """

    text: str = field(repr=False)
    shell: str = "sh"
    cwd: str = ""
    env: Mapping[str, str | Secret] = field(default_factory=dict, repr=False)
    input: bytes | None = field(default=None, repr=False)
    separate: bool = False

    def __post_init__(self) -> None:
        if not _words(self.shell):
            raise _invalid(f"not an interpreter: {self.shell[:60]!r}", "for example shell='bash -l'")
        for what, text in (("the script", self.text), ("shell", self.shell), ("cwd", self.cwd)):
            _check(what, text)
        for name, value in self.env.items():
            if not _NAME.fullmatch(name):
                raise _invalid(f"not a name a variable can have there: {name[:60]!r}", "letters, digits and _ only")
            _check(f"the variable {name}", _clear(value))

    def program(self, nonce: str) -> str:
        r"""The program that runs it and tells by marks how far it is.

        P:pid when it is there whole; I and J when it waits for the input and for the proof that it is whole; C where
        `cwd` cannot be, C:0 where it is a directory that must not be entered; E:code when the script has ended, within
        its output; M where standard error follows; Z at the end. F: something is missing there, the reason comes before
        it, and the shell has ended.

        Args:
            nonce: the line's, which its marks have.
        """
        before, after = [_say("P", nonce, ":%d", "$$")], [_say("Z", nonce)]
        if self.input is not None:
            before += _receive(4 * -(-len(self.input) // 3), nonce)
            after.insert(0, "exec 6<&-")
        if self.separate:
            before += _temporary(nonce, 'exec 7<"$_p" 8>"$_p"')
            after[:0] = [_say("M", nonce), "cat <&7", "exec 7<&- 8>&-"]
        lines = [*before, "{ trap : INT TERM", *self._surroundings(nonce), self.command(nonce)]
        return "\n".join([*lines, f"{_say('E', nonce, ':%d', '$?')};}}|(trap '' INT TERM;exec cat)", *after])

    def typed_input(self) -> Iterator[str]:
        """What is typed when the program waits for the input."""
        view = memoryview(self.input or b"")
        for start in range(0, len(view), _PIECE):
            yield b64encode(view[start : start + _PIECE]).decode()

    def secrets(self) -> tuple[Secret, ...]:
        """What of it is never to be shown."""
        return tuple(value for value in self.env.values() if isinstance(value, Secret))

    def _surroundings(self, nonce: str) -> Iterator[str]:
        if self.cwd:
            home, rest = ('"$HOME"', self.cwd[1:]) if re.match(r"~(?:/|\Z)", self.cwd) else ("", self.cwd)
            path = f"{home}{shlex.quote(rest) if rest else ''}"
            yield f"CDPATH= cd -- {path} 2>/dev/null||{{ [ -d {path} ];{_say('C', nonce, ':%d', '$?')};exit;}}"
        for name, value in self.env.items():
            yield f"export {name}={shlex.quote(_clear(value))}"

    def command(self, nonce: str) -> str:
        """The shell command that runs it, within a program."""
        # A here-document is a pipe or a file without a name, whichever shell it is.
        stdin = "<&6 6<&-" if self.input is not None else "</dev/null"
        streams = f"{stdin} 2>&8 7<&- 8>&-" if self.separate else f"{stdin} 2>&1"
        script = f"9<<'S{nonce}'\n{self.text}\nS{nonce}"
        if self.shell == "python":
            found = "if command -v python3 >/dev/null;then _p=python3;else _p=python;fi"
            return f'{found}\n"$_p" -uc {shlex.quote(_PYTHON)} {streams} {script}'
        words = ["/bin/sh"] if self.shell == "sh" else _words(self.shell)
        return f"{' '.join(map(shlex.quote, words))} /dev/fd/9 {streams} {script}"


def _say(letter: str, nonce: str, form: str = "", value: str = "") -> str:
    return f"printf '\\036{letter}{nonce}{form}\\036' {value}".rstrip()


def _temporary(nonce: str, use: str) -> list[str]:
    """Descriptors on a temporary file that has lost its name before anything is in it."""
    return [f"_p=$(mktemp)||{{ {_say('F', nonce)};exit;}}", use, 'rm -f "$_p"']


def _receive(length: int, nonce: str) -> list[str]:
    """Input into descriptor 6. Some `head`s read ahead, so nothing is typed behind it before it has ended."""
    return [
        *_temporary(nonce, 'exec 5>"$_p" 6<"$_p"'),
        _say("I", nonce),
        f"head -c {length}|{{ base64 -d 2>/dev/null||base64 -D;}} >&5||{{ {_say('F', nonce)};exit;}}",
        _say("J", nonce),
        f'IFS= read -r _l;[ "$_l" = {nonce} ]||exit',
        "exec 5>&-",
    ]


def _words(shell: str) -> list[str]:
    try:
        return shlex.split(shell)
    except ValueError:
        return []


def _clear(value: str | Secret) -> str:
    return value.reveal() if isinstance(value, Secret) else value


def _check(what: str, text: str) -> None:
    if "\0" in text:
        raise _invalid(f"{what} has a NUL in it, which no shell can take", "bytes go in as input=")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise _invalid(f"{what} has a character that is none", "bytes go in as input=") from None


def _invalid(message: str, hint: str) -> Invalid:
    return Invalid(message, status=400, hint=hint)
