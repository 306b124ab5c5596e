"""How a `%coder` command is declared. From the declaration come its parser, its help, its completion and its reference.

Holds no command itself (see commands/) and runs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from enum import Enum

from coder_nb.magics.kinds import TEXT, VARIABLE, Kind

__all__ = ["COMMON", "Argument", "Command", "Example", "Flag", "Section"]

Function = Callable[..., object]
"""`f(call, *, argument=..., flag=...)`: the values of the line by their names, and what the command returns."""


def _undefined(*_: object, **__: object) -> object:
    raise NotImplementedError


class Section(Enum):
    """The headings of the help page, in their order."""

    CONNECTION = "Connection"
    WORKSPACES = "Workspaces"
    AGENTS = "Agents"
    INSIDE = "Inside a workspace"
    RUNBOOKS = "Runbooks"
    HELP = "Help"


@dataclass(frozen=True, slots=True)
class Argument:
    """A positional argument.

    Args:
        name: the name of the function's parameter.
        rest: takes all words that are left, joined by blanks.
        default: the value when it is left out, unless `required`.
    """

    name: str
    help: str
    kind: Kind = TEXT
    required: bool = False
    rest: bool = False
    default: object = None

    @property
    def usage(self) -> str:
        """How the usage line shows it."""
        return self.kind.name if self.required else f"[{self.kind.name}]"


@dataclass(frozen=True, slots=True)
class Flag:
    """A flag.

    Args:
        names: its spellings, the one that names the function's parameter last: `("-f", "--follow")`.
        kind: of its value; None for a switch.
        repeat: may be given several times, and gives a tuple.
        into: the function's parameter, where that is not the last of `names`.
    """

    names: tuple[str, ...]
    help: str
    kind: Kind | None = None
    default: object = None
    repeat: bool = False
    into: str = ""

    @property
    def parameter(self) -> str:
        """The name of the function's parameter."""
        return self.into or self.names[-1].lstrip("-").replace("-", "_")

    @property
    def usage(self) -> str:
        """How the usage line shows it, without brackets."""
        return f"{self.names[0]} {self.kind.name}" if self.kind else self.names[0]

    @property
    def unset(self) -> object:
        """Its value when it is left out."""
        if self.repeat:
            return ()
        return False if self.kind is None else self.default


@dataclass(frozen=True, slots=True)
class Example:
    """A line a person could type, and what it is for."""

    line: str
    about: str


@dataclass(frozen=True, slots=True)
class Command:
    """A command as declared; decorates the function that runs it and takes its place.

    Args:
        returns: what it returns, as a sentence's object; columns for a frame.
        json: a pattern for the path of the request whose answer `--json` returns; "" where the command has none.
        changes: it changes the deployment.
        tail: what follows `--`, as the help names it; "" where nothing may.
        body: what the cell under `%%coder` is; "" where there is none.
        guard: sees the words before anything else does, to refuse some without repeating them.
    """

    name: str
    summary: str
    section: Section
    returns: str
    arguments: tuple[Argument, ...] = ()
    flags: tuple[Flag, ...] = ()
    examples: tuple[Example, ...] = ()
    notes: tuple[str, ...] = ()
    json: str = ""
    changes: bool = False
    tail: str = ""
    body: str = ""
    guard: Callable[[tuple[str, ...]], None] | None = field(default=None, repr=False)
    run: Function = field(default=_undefined, repr=False)

    def __call__(self, run: Function) -> Command:
        """The declaration with the function that runs it."""
        return replace(self, run=run)

    @property
    def all_flags(self) -> tuple[Flag, ...]:
        """Its own flags and those every command has."""
        return (*self.flags, *(flag for flag in COMMON if flag is not JSON or self.json))

    @property
    def usage(self) -> str:
        """The line as the help shows it."""
        flags = (f"[{flag.usage}]" + ("…" if flag.repeat else "") for flag in self.flags)
        parts = [f"%coder {self.name}", *(argument.usage for argument in self.arguments), *flags]
        return " ".join([*parts, f"-- {self.tail}"] if self.tail else parts)

    def flag(self, name: str) -> Flag | None:
        """The flag of that spelling."""
        return next((flag for flag in self.all_flags if name in flag.names), None)

    def spellings(self) -> Iterator[str]:
        """Every spelling of every flag."""
        for flag in self.all_flags:
            yield from flag.names


JSON = Flag(("--json",), "return the JSON as the server sent it, instead of a frame or record")
COMMON = (
    Flag(("-o",), "also keep the value in the variable NAME", VARIABLE, into="output"),
    JSON,
    Flag(("--yes",), "answer yes to a question in advance"),
    Flag(("-h", "--help"), "show the command's page and do nothing"),
)
"""The flags every command has; `--json` where there is a request to show."""
