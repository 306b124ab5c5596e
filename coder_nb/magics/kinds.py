"""What a value on a `%coder` line can be: how it is checked, and where completion finds its values."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

__all__ = [
    "CASSETTE",
    "COMMAND",
    "CONTAINER",
    "COUNT",
    "DEVCONTAINER",
    "FILE",
    "HOST",
    "INTEGER",
    "LABEL",
    "LOCAL_PORT",
    "PORT",
    "QUERY",
    "REGEX",
    "REMOTE",
    "SECONDS",
    "SOURCE",
    "SPEED",
    "TARGET",
    "TEXT",
    "TIME",
    "USER",
    "VARIABLE",
    "WORKSPACE",
    "Kind",
    "choice",
    "remote_path",
]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value.

    Args:
        name: how the help names a value, such as `WORKSPACE`.
        convert: text to value; raises ValueError with what is wrong.
        values: which of the session's suggestions complete it, "" for none.
        choices: all values there are, where they are few.
        verbatim: takes the words as typed, quotes and all, to the end of the line.
    """

    name: str
    convert: Callable[[str], object] = str
    values: str = ""
    choices: tuple[str, ...] = ()
    verbatim: bool = False


def choice(name: str, *choices: str) -> Kind:
    """One of a few words."""
    return Kind(name, choices=choices)


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError("not a whole number") from None


def _count(text: str) -> int:
    number = _integer(text)
    if number < 0:
        raise ValueError("must not be negative")
    return number


def _port(text: str) -> int:
    number = _integer(text)
    if not 1 <= number <= 65535:
        raise ValueError("not a port: 1 to 65535")
    return number


def _ports(text: str) -> int | str:
    return text if text == "all" or text.startswith("/") else _port(text)


def _speed(text: str) -> float:
    speed = float(text)
    if not 0.01 <= speed <= 1000:
        raise ValueError("0.01 to 1000")
    return speed


def _regex(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from None
    return text


def _seconds(text: str) -> float:
    amounts = re.fullmatch(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s?)?", text, re.ASCII)
    if not text or amounts is None:
        raise ValueError("not a length of time, such as 90s, 10m or 1h30m")
    hours, minutes, seconds = (float(amount or 0) for amount in amounts.groups())
    return hours * 3600 + minutes * 60 + seconds


def _variable(text: str) -> str:
    from keyword import iskeyword

    if not text.isidentifier() or iskeyword(text):
        raise ValueError("not a name a variable can have")
    return text


def _label(text: str) -> str:
    if not text.partition("=")[0] or "=" not in text:
        raise ValueError("must look like KEY=VALUE")
    return text


def remote_path(text: str) -> tuple[str | None, str]:
    """The workspace and the path of `[WS:]REMOTE`; None for the default one. `./a:b` is a path alone."""
    from coder_nb.client.names import parse
    from coder_nb.errors import InvalidCommand

    name, colon, path = text.partition(":")
    if not colon:
        return None, text
    try:
        parse(name)
    except InvalidCommand:
        return None, text
    return name, path or "."


TEXT = Kind("TEXT")
INTEGER = Kind("N", _integer)
COUNT = Kind("N", _count)
WORKSPACE = Kind("WORKSPACE", values="names")
TARGET = Kind("URL|demo|PROFILE|replay:NAME", values="targets")
SPEED = Kind("SPEED", _speed)
CASSETTE = Kind("NAME", values="cassettes")
QUERY = Kind("QUERY", values="query", verbatim=True)
COMMAND = Kind("COMMAND", values="commands")
SOURCE = Kind("SOURCE", values="sources")
REGEX = Kind("REGEX", _regex)
TIME = Kind("TIME", values="times")
SECONDS = Kind("T", _seconds, values="lengths")
USER = Kind("USER", values="owners")
DEVCONTAINER = Kind("DEVCONTAINER", values="devcontainers")
CONTAINER = Kind("CONTAINER", values="containers")
LABEL = Kind("KEY=VALUE", _label)
PORT = Kind("PORT", _ports, values="ports")
HOST = Kind("HOST")
LOCAL_PORT = Kind("N", _port)
FILE = Kind("FILE", values="files")
REMOTE = Kind("[WS:]REMOTE", values="remotes")
VARIABLE = Kind("NAME", _variable, values="variables")
