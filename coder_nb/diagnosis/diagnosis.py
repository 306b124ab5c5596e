"""A diagnosis as people see it: text, HTML for light and dark grounds, and a frame. The same facts look the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from coder_nb import look
from coder_nb.diagnosis.cause import LEVELS, Cause
from coder_nb.diagnosis.facts import AgentFacts, Facts
from coder_nb.diagnosis.rules import diagnose
from coder_nb.diagnosis.telling import stamp

if TYPE_CHECKING:
    from pandas import DataFrame

    from coder_nb.frames.schema import Attrs

__all__ = ["Diagnosis"]


@dataclass(frozen=True)
class Diagnosis:
    """What is wrong, why, and what to type next.

    Attributes:
        title: what was looked at, as it is typed.
        facts: what was known; its `untold` says what was not.
        attrs: what `frame` says of itself.
    """

    title: str
    facts: Facts = field(repr=False)
    attrs: Attrs = field(repr=False)

    @cached_property
    def causes(self) -> tuple[Cause, ...]:
        """The causes, ranked: the gravest first, and causes before their consequences."""
        return diagnose(self.facts)

    @property
    def healthy(self) -> bool:
        """Whether there is neither a problem nor a warning; notes are no fault."""
        return all(cause.level == "note" for cause in self.causes)

    @cached_property
    def frame(self) -> DataFrame:
        """The causes as a frame: rank, level, rule, where, cause, evidence, since, next."""
        from coder_nb import frames

        return frames.causes(self.causes, attrs=self.attrs)

    def __repr__(self) -> str:
        return "\n".join(look.visible(line) for line in self._lines())

    def _repr_html_(self) -> str:
        word, told = self._state()
        head = (
            f'<div style="font-size:1.15em;margin:2px 0"><b>{look.safe(self.title)}</b>&ensp;{look.state(word)}'
            f"{look.dim(told)}</div><div>{look.safe(self._verdict())} {look.dim(self._as_of())}</div>"
        )
        causes = "".join(_html(rank, cause, self.title) for rank, cause in enumerate(self.causes, 1))
        return (
            f'<div {look.AS_IT_IS} style="line-height:1.5">{head}{causes}{look.dim(self._looked())}{_rest(self)}</div>'
        )

    def _lines(self) -> Iterator[str]:
        word, told = self._state()
        yield f"{self.title}: {word}{told}"
        yield f"{self._verdict()} {self._as_of()}"
        for rank, cause in enumerate(self.causes, 1):
            where = "" if cause.where == self.title else f"{cause.where}: "
            yield ""
            yield f"{rank:>2}  {cause.level:<8}  {where}{cause.what}"
            for one in cause.evidence:
                at = f"{stamp(one.at)}  " if one.at else ""
                yield f"      {one.what}: {at}{one.text}"
            yield f"    > {cause.next}"
        yield ""
        yield self._looked()
        for text in self.facts.untold:
            yield f"not looked at: {text}"

    def _state(self) -> tuple[str, str]:
        """The state of the build or agent as one word, and what the server says of its health."""
        agents = [it.agent for it in self.facts.live()]
        sick = [agent for agent in agents if not agent.health.healthy]
        told = ", ".join(dict.fromkeys(agent.health.reason or "unhealthy" for agent in sick))
        said = f", unhealthy: {told}" if sick else ", healthy" if agents else ""
        build = self.facts.build
        word = build.status if build else agents[0].status if agents else "unknown"
        return word, said

    def _verdict(self) -> str:
        counts = [(level, sum(cause.level == level for cause in self.causes)) for level in LEVELS]
        told = ", ".join(f"{count} {level}{'s' if count > 1 else ''}" for level, count in counts if count)
        if self.healthy:
            return f"Nothing is wrong that could be seen; {told}." if told else "Nothing is wrong that could be seen."
        return f"{told}."

    def _as_of(self) -> str:
        return f"As of {stamp(self.facts.now)} UTC."

    def _looked(self) -> str:
        return f"Looked at: {', '.join(_looked(self.facts))}."


def _looked(facts: Facts) -> Iterator[str]:
    if facts.build:
        yield f"build {facts.build.build_number}"
    yield from (f"{count} {word}{'s' if count > 1 else ''}" for word, count in _counts(facts.agents) if count)


def _counts(agents: Sequence[AgentFacts]) -> Iterator[tuple[str, int]]:
    yield "agent", len(agents)
    yield "script run", sum(len(it.timings) for it in agents)
    yield "log line", sum(len(it.logs) for it in agents)
    yield "measured value", sum(len(it.metadata) for it in agents)
    yield "app", sum(len(it.agent.apps) for it in agents)
    yield "container", sum(len((it.listing.containers if it.listing else None) or ()) for it in agents)
    yield "dev container", sum(len((it.listing.devcontainers if it.listing else None) or ()) for it in agents)


def _html(rank: int, cause: Cause, title: str) -> str:
    where = look.dim(f"{cause.where}: ") if cause.where != title else ""
    shown = [
        [look.dim(one.what), look.dim(stamp(one.at) if one.at else ""), look.safe(one.text)] for one in cause.evidence
    ]
    return (
        '<div style="border-left:3px solid #8888;padding-left:10px;margin:8px 0">'
        f"<div>{rank}.&ensp;{look.state(cause.level)}&ensp;{where}<b>{look.safe(cause.what)}</b></div>"
        f'{look.table(shown)}{look.dim("next")}&ensp;<code style="background:none">{look.safe(cause.next)}</code></div>'
    )


def _rest(diagnosis: Diagnosis) -> str:
    return "".join(f"<div>{look.dim(f'not looked at: {text}')}</div>" for text in diagnosis.facts.untold)
