"""What a parameter's value can be: how it is written in a declaration, checked, converted, and written back as text.

Pure; asks nobody. Whether a workspace exists is asked in parameters.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from coder_nb.credentials import Secret
from coder_nb.errors import ConfigurationError, InvalidCommand
from coder_nb.nearest import nearest
from coder_nb.runbooks.length import length

__all__ = ["KINDS", "Kind", "Wrong", "kind"]

_RANGE = re.compile(r"(?P<low>.*?)\.\.(?P<high>.*)")


class Wrong(ValueError):
    """A value that cannot be. Its text completes `NAME = VALUE: …`.

    Attributes:
        near: the values most like it.
    """

    def __init__(self, must: str, *, near: Sequence[str] = ()) -> None:
        super().__init__(must)
        self.near = tuple(near)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value, with the limits one declaration gives it.

    Attributes:
        name: the word that declares it.
        must: what a value must be, for people: `a whole number from 1 to 5`.
        convert: any value to the one the notebook gets; raises Wrong.
        choices: all values there are, where they are few.
        low, high: limits of a number or a length of time; None for none.
        env: the environment variable of a secret; "" for none.
    """

    name: str
    must: str
    convert: Callable[[object], object]
    choices: tuple[str, ...] = ()
    low: object = None
    high: object = None
    env: str = ""

    @property
    def secret(self) -> bool:
        """Whether its value is never shown or stored."""
        return self.name == "secret"

    @property
    def told(self) -> str:
        """What a value must be, where that is not plain from the parameter's name and value."""
        plain = ("workspace", "agent", "deployment", "secret", "bool")
        return "" if self.name in plain or self.must == self.name else self.must

    def check(self, value: object) -> object:
        """The value as the notebook gets it.

        Raises:
            Wrong: it cannot be.
        """
        if isinstance(value, str):
            value = value.strip() if self.name != "text" else value
            if not value and self.name not in ("text", "deployment"):
                raise Wrong(f"needs a value: {self.must}")
        elif value is None:
            raise Wrong(f"needs a value: {self.must}")
        return self.convert(value)


def kind(name: str, words: Sequence[str]) -> Kind:
    """A kind from its declaration.

    Args:
        name: `int`, `choice`, …
        words: what followed it.
    Raises:
        Wrong: no such kind, or its words make no sense.
    """
    if name not in KINDS:
        raise Wrong(f"there is no kind {name!r}: one of {', '.join(KINDS)}", near=nearest(name, KINDS))
    return KINDS[name](list(words))


def _plain(name: str, must: str, convert: Callable[[object], object]) -> Callable[[list[str]], Kind]:
    def made(words: list[str]) -> Kind:
        if words:
            raise Wrong(f"{name} takes nothing after it, and here is {words[0]!r}")
        return Kind(name, must, convert)

    return made


def _text_of(value: object, must: str) -> str:
    if not isinstance(value, str):
        raise Wrong(must)
    return value


def _target(value: object, agent: bool) -> str:
    from coder_nb.client.names import parse

    must = "the name of an agent: dev, dev.main or ada/dev.main" if agent else "a workspace's name: dev or ada/dev"
    try:
        target = parse(_text_of(value, f"must be {must}"))
    except InvalidCommand:
        raise Wrong(f"must be {must}") from None
    if target.agent and not agent:
        raise Wrong(f"must be {must}; {target.agent} is an agent of it")
    return str(target)


def _deployment(value: object) -> str:
    from coder_nb.credentials import profiles
    from coder_nb.credentials.urls import normalise_url

    must = '"" for your own, a URL, a profile, demo or replay:NAME'
    text = _text_of(value, f"must be {must}")
    if text in ("", "demo"):
        return text
    if text.startswith("replay:"):
        if not re.fullmatch(r"replay:[\w.-]+", text):
            raise Wrong(f"must be {must}; a recording's name has letters, digits, dots and dashes")
        return text
    saved = profiles()
    if text in saved:
        return text
    try:
        if "." not in text and ":" not in text and text != "localhost":
            raise ConfigurationError(text)
        return normalise_url(text)
    except ConfigurationError:
        raise Wrong(f"must be {must}", near=nearest(text, [*saved, "demo"])) from None


def _choice(words: list[str]) -> Kind:
    choices = tuple(word.rstrip(",") for word in words if word != ",")
    if len(choices) < 2 or len(set(choices)) != len(choices):
        raise Wrong("choice needs at least two different words: choice info warn error")
    must = f"one of {', '.join(choices)}"

    def convert(value: object) -> str:
        if not isinstance(value, str) or value not in choices:
            raise Wrong(f"must be {must}", near=nearest(str(value), choices))
        return value

    return Kind("choice", must, convert, choices=choices)


def _whole(value: object) -> int:
    if isinstance(value, str) and re.fullmatch(r"[+-]?\d{1,100}", value, re.ASCII):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return int(value)
    raise ValueError


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError
    number = float(value)
    # Not a number, and without an end: nothing a limit could hold.
    if number != number or number in (float("inf"), float("-inf")):
        raise ValueError
    return number


def _bounded(name: str, what: str, convert: Callable[[object], object]) -> Callable[[list[str]], Kind]:
    """A kind whose values are in an order, and may be limited: `int 1..5`, `duration 10s..1h`."""

    def made(words: list[str]) -> Kind:
        low, high = _limits(name, what, words, convert)
        between = f" from {low} to {high}" if low is not None and high is not None else ""
        from_ = f", at least {low}" if low is not None and not between else ""
        to = f", at most {high}" if high is not None and not between else ""
        must = f"{what}{between}{from_}{to}"

        def checked(value: object) -> object:
            try:
                converted = convert(value)
                fits = (low is None or converted >= low) and (high is None or converted <= high)  # type: ignore[operator]
            except (ValueError, OverflowError):
                fits = False
            if not fits:
                raise Wrong(f"must be {must}")
            return converted

        return Kind(name, must, checked, low=low, high=high)

    return made


def _limits(name: str, what: str, words: list[str], convert: Callable[[object], object]) -> tuple[object, object]:
    if not words:
        return None, None
    found = _RANGE.fullmatch(words[0]) if len(words) == 1 else None
    try:
        if found is None:
            raise ValueError
        low, high = (convert(found[side]) if found[side] else None for side in ("low", "high"))
        if low is not None and high is not None and low > high:  # type: ignore[operator]
            raise ValueError
    except (ValueError, OverflowError):
        example = "10s..1h" if what == "a length of time" else "1..5"
        raise Wrong(f"{name} takes limits such as {example}, and here is {' '.join(words)!r}") from None
    return low, high


def _bool(value: object) -> bool:
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in words:
        return words[value.lower()]
    raise Wrong("must be true or false")


def _date(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(_text_of(value, ""))
    except ValueError:
        raise Wrong("must be a date such as 2026-03-01") from None


def _text(words: list[str]) -> Kind:
    if not words:
        return Kind("text", "text", lambda value: _text_of(value, "must be text"))
    form = words[0]
    if len(words) > 1 or len(form) < 2 or not (form.startswith("/") and form.endswith("/")):
        raise Wrong(f"text takes a regular expression such as /[a-z]+/, and here is {' '.join(words)!r}")
    try:
        pattern = re.compile(form[1:-1])
    except re.error as error:
        raise Wrong(f"not a regular expression: {form}: {error}") from None
    must = f"text that all of {form} fits"

    def convert(value: object) -> str:
        if pattern.fullmatch(text := _text_of(value, f"must be {must}")) is None:
            raise Wrong(f"must be {must}")
        return text

    return Kind("text", must, convert)


def _secret(words: list[str]) -> Kind:
    env = ""
    for word in words:
        if not (found := re.fullmatch(r"env=([A-Za-z_]\w*)", word, re.ASCII)) or env:
            raise Wrong(f"secret takes env=NAME, and here is {word!r}")
        env = found[1]

    def convert(value: object) -> Secret:
        if not isinstance(value, Secret):
            raise Wrong("must be a Secret")
        return value

    return Kind("secret", "a secret", convert, env=env)


KINDS: Final[Mapping[str, Callable[[list[str]], Kind]]] = {
    "workspace": _plain("workspace", "a workspace's name: dev or ada/dev", lambda value: _target(value, False)),
    "agent": _plain("agent", "the name of an agent: dev, dev.main or ada/dev.main", lambda value: _target(value, True)),
    "int": _bounded("int", "a whole number", _whole),
    "number": _bounded("number", "a number", _number),
    "choice": _choice,
    "bool": _plain("bool", "true or false", _bool),
    "text": _text,
    "duration": _bounded("duration", "a length of time", length),
    "date": _plain("date", "a date such as 2026-03-01", _date),
    "secret": _secret,
    "deployment": _plain("deployment", "a deployment", _deployment),
}
"""By the word that declares it."""
