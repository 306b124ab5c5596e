"""A runbook's parameters: what is declared, checked against what the notebook holds, and put back converted.

All mistakes are told in one error. A secret comes from the environment or from whoever can be asked; one that stands in
the notebook in clear is refused, and no secret is ever shown.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coder_nb.credentials import Secret
from coder_nb.credentials.seen import mask
from coder_nb.errors import AgentUnavailable, CoderError, Invalid, InvalidCommand, NotFound, RunbookError
from coder_nb.look import dim, safe, table, visible
from coder_nb.runbooks.declarations import Declaration
from coder_nb.runbooks.journal import HIDDEN
from coder_nb.runbooks.kinds import Wrong

if TYPE_CHECKING:
    from coder_nb.client import Coder

__all__ = ["Mistake", "Parameters", "shown"]

Ask = Callable[[str], str | None]
"""Asks a person, without echo, given the prompt; None where nobody can be asked."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One parameter that cannot be.

    Attributes:
        value: as the notebook has it, for people; "" where nothing is to be shown.
        must: what it must be, and what is wrong.
        near: the values most like it.
    """

    name: str
    value: str
    must: str
    near: tuple[str, ...] = ()

    def __str__(self) -> str:
        near = f"; nearest: {', '.join(self.near)}" if self.near else ""
        return f"{self.name}{f' = {self.value}' if self.value else ''}: {self.must}{near}"


class Parameters:
    """The parameters of one runbook, as declared and as they are.

    Args:
        declared: what the book declares.
    Attributes:
        values: by name, converted; those that are right.
        mistakes: those that are not.
        live: makes a form where somebody can fill it in, and gives its widget's id.
    """

    def __init__(self, declared: Sequence[Declaration]) -> None:
        self.declared = tuple(declared)
        self.values: dict[str, object] = {}
        self.mistakes: list[Mistake] = []
        self.live: Callable[[], str | None] = lambda: None

    def settle(self, namespace: MutableMapping[str, object], ask: Ask) -> None:
        """Checks the notebook's values, converts them and puts them back. Nothing is changed where one is wrong.

        Raises:
            RunbookError: with every mistake.
        """
        values: dict[str, object] = {}
        mistakes: list[Mistake] = []
        for one in self.declared:
            given = namespace.get(one.name)
            try:
                values[one.name] = _secret(one, given, ask) if one.kind.secret else checked(one, given)
            except Wrong as wrong:
                if one.kind.secret:
                    namespace.pop(one.name, None)
                mistakes.append(Mistake(one.name, _given(one, namespace), str(wrong), wrong.near))
        self.values, self.mistakes = values, mistakes
        refuse(mistakes)
        namespace.update(values)

    def put(self, one: Declaration, value: object, namespace: MutableMapping[str, object]) -> None:
        """Gives one parameter a value that is right; once all are, the notebook has them all.

        Args:
            value: converted.
        """
        self.values[one.name] = namespace[one.name] = value
        self.mistakes = [mistake for mistake in self.mistakes if mistake.name != one.name]
        if not self.mistakes:
            namespace.update(self.values)

    def check_names(self, coder: Coder) -> None:
        """Asks the deployment whether the workspaces and agents exist that the parameters name.

        Raises:
            RunbookError: with every one that does not.
        """
        named = [one for one in self.declared if one.kind.name in ("workspace", "agent") and self.values.get(one.name)]
        refuse([mistake for one in named for mistake in unknown(one, str(self.values[one.name]), coder)])

    def texts(self) -> dict[str, str]:
        """The values as they would be typed, without secrets."""
        return {one.name: shown(one, self.values.get(one.name)) for one in self.declared}

    def _rows(self) -> Iterator[tuple[str, str, str]]:
        for one, text in zip(self.declared, self.texts().values(), strict=True):
            said = " · ".join(
                part for part in (one.help, one.kind.told, "may be left out" if one.optional else "") if part
            )
            yield one.name, text or "–", said

    def __repr__(self) -> str:
        rows = [tuple(map(visible, row)) for row in self._rows()]
        if not rows:
            return "this runbook has no parameters"
        wide = [max(len(row[column]) for row in rows) for column in (0, 1)]
        lines = (f"  {name:<{wide[0]}}  {text:<{wide[1]}}  {about}".rstrip() for name, text, about in rows)
        return "\n".join(["parameters", *lines])

    def _repr_html_(self) -> str:
        rows = [(f"<b>{safe(name)}</b>", safe(text), dim(about)) for name, text, about in self._rows()]
        return table(rows, head=("parameter", "value", "")) if rows else dim("this runbook has no parameters")

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, object], dict[str, object]]:
        data: dict[str, object] = {"text/plain": repr(self), "text/html": self._repr_html_()}
        if (widget := self.live()) is not None:
            data["application/vnd.jupyter.widget-view+json"] = {
                "version_major": 2,
                "version_minor": 0,
                "model_id": widget,
            }
        return data, {}


def checked(one: Declaration, given: object) -> object:
    """One value, converted.

    Raises:
        Wrong: it cannot be.
    """
    if one.optional and (given is None or given == ""):
        return None
    return one.kind.check(given)


def shown(one: Declaration, value: object) -> str:
    """A converted value as it would be typed; "" where there is none."""
    if one.kind.secret:
        return HIDDEN if value else ""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else mask(str(value))


def unknown(one: Declaration, name: str, coder: Coder) -> list[Mistake]:
    """What is wrong with a name, as far as the deployment tells: nothing where there is such a workspace or agent."""
    try:
        if one.kind.name == "agent":
            coder.agent(name)
        else:
            coder.workspace(name)
    except (NotFound, Invalid, InvalidCommand) as error:
        return [Mistake(one.name, repr(name), f"{error.message}" + (f" ({error.hint})" if error.hint else ""))]
    except AgentUnavailable:
        # A stopped workspace has no agent, and may be what the runbook is about.
        return []
    return []


def refuse(mistakes: Sequence[Mistake]) -> None:
    """Raises for mistakes, all at once.

    Raises:
        RunbookError: there are any.
    """
    if not mistakes:
        return
    hint = "set it in the cell of the parameters, or with -p NAME=VALUE"
    if len(mistakes) == 1:
        raise RunbookError(f"a parameter is wrong: {mistakes[0]}", hint=hint)
    lines = "\n".join(f"  {mistake}" for mistake in mistakes)
    raise RunbookError(f"{len(mistakes)} parameters are wrong:\n{lines}", hint=hint.replace("it", "them", 1))


def _given(one: Declaration, namespace: Mapping[str, object]) -> str:
    if one.kind.secret or namespace.get(one.name) is None:
        return ""
    try:
        text = repr(namespace[one.name])
    except Exception:
        return f"a {type(namespace[one.name]).__name__}"
    return text if len(text) <= 60 else text[:59] + "…"


def _secret(one: Declaration, given: object, ask: Ask) -> Secret | None:
    if isinstance(given, Secret):
        return given
    if given is not None and given != "":
        # Known from here on as a secret, so that it is masked wherever else it stands.
        _ = Secret(given) if isinstance(given, str) else None
        raise Wrong(
            "is a secret and stands in the notebook in clear, which keeps it; take it out"
            + (f" and set ${one.kind.env}" if one.kind.env else ", and it will be asked for")
        )
    if one.kind.env and os.environ.get(one.kind.env):
        return Secret(os.environ[one.kind.env])
    if one.optional:
        return None
    try:
        answer = ask(f"{one.name}{f', {one.help}' if one.help else ''}: ")
    except CoderError as error:
        raise Wrong(str(error)) from None
    if not answer:
        nobody = "and nobody can be asked for it" if answer is None else "and nothing was typed"
        raise Wrong(f"is a secret, {nobody}" + (f"; set ${one.kind.env}" if one.kind.env else ""))
    return Secret(answer)
