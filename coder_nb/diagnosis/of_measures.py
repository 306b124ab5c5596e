"""Rules about what an agent measures: values at a threshold, scripts that fail, values that stay the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from coder_nb.api.metadata import NEVER, MetadataItem
from coder_nb.api.resource import happened
from coder_nb.diagnosis.cause import Evidence, Found
from coder_nb.diagnosis.facts import Facts
from coder_nb.diagnosis.telling import long, shorter
from coder_nb.frames.escapes import plain

__all__ = ["THRESHOLDS", "Threshold", "at_threshold", "failing", "share", "stale"]


@dataclass(frozen=True, slots=True)
class Threshold:
    """From which share on a value is worth telling.

    Attributes:
        words: one of them is in the item's key or name.
        warn: per cent from which on it is a warning.
        bad: per cent from which on it is a problem; above 100 for never.
        next: the line to type; `{where}` is the agent.
    """

    name: str
    words: tuple[str, ...]
    what: str
    warn: float
    bad: float
    next: str


THRESHOLDS: tuple[Threshold, ...] = (
    Threshold(
        "disk-full",
        ("disk", "storage", "volume", "home"),
        "full",
        90,
        95,
        "%coder run {where} -- du -xh -d 2 ~ | sort -rh | head -20",
    ),
    Threshold(
        "memory-high",
        ("memory", "mem", "ram"),
        "used",
        90,
        101,
        "%coder run {where} -- ps -eo pid,rss,comm --sort=-rss | head",
    ),
    Threshold("cpu-busy", ("cpu",), "used", 90, 101, "%coder run {where} -- ps -eo pid,pcpu,comm --sort=-pcpu | head"),
)

STALE, STALE_BY = 10, 600
"""A value is stale that is older than so many of its intervals, and than so many seconds."""

_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s?%")
_PAIR = re.compile(r"(\d+(?:\.\d+)?)\s*/\s*(\d+(?:\.\d+)?)\s*[KMGT]i?B?\b")


def share(value: str) -> float | None:
    """The per cent a value tells of: as such, or as a part of a whole in bytes.

    >>> share("3.4/8 GiB (42%)"), share("97 %"), share("6/8 GiB"), share("3/5"), share("main")
    (42.0, 97.0, 75.0, None, None)
    """
    found = _PERCENT.search(value)
    if found:
        return float(found[1])
    pair = _PAIR.search(value)
    return 100 * float(pair[1]) / float(pair[2]) if pair and float(pair[2]) else None


def at_threshold(name: str) -> Callable[[Facts], Iterator[Found]]:
    """The rule for one threshold."""
    return partial(_at_threshold, next(one for one in THRESHOLDS if one.name == name))


def _at_threshold(threshold: Threshold, facts: Facts) -> Iterator[Found]:
    for it in facts.connected():
        for item in it.metadata:
            value, percent = _value(item), share(item.result.value)
            if percent is None or percent < threshold.warn or item.result.error or not _about(item, threshold):
                continue
            yield Found(
                it.title,
                f"{_name(item)}: {percent:g}% {threshold.what}",
                (Evidence(_name(item), value, happened(item.result.collected_at)),),
                threshold.next.format(where=it.title),
                level="problem" if percent >= threshold.bad else None,
            )


def failing(facts: Facts) -> Iterator[Found]:
    """A script that measures something fails; what it says often names what is missing."""
    for it in facts.connected():
        for item in it.metadata:
            if not item.result.error:
                continue
            said = [Evidence("wrote", _value(item))] if _value(item) else []
            yield Found(
                it.title,
                f"metadata {_name(item)} cannot be measured",
                (Evidence("error", shorter(item.result.error), happened(item.result.collected_at)), *said),
                f"%coder metadata {it.title}",
            )


def stale(facts: Facts) -> Iterator[Found]:
    """A value was not measured for long, although the agent is there: its script hangs, or the agent is too busy."""
    for it in facts.connected():
        for item in it.metadata:
            every, age = item.description.interval, item.result.age
            if not every or not STALE_BY < age < NEVER or age <= STALE * every:
                continue
            yield Found(
                it.title,
                f"metadata {_name(item)} was not measured for {long(age)}",
                (
                    Evidence("due", f"every {every} s"),
                    Evidence("last value", _value(item), happened(item.result.collected_at)),
                ),
                f"%coder metadata {it.title} -w",
                at=happened(item.result.collected_at),
            )


def _about(item: MetadataItem, threshold: Threshold) -> bool:
    told = f"{item.description.key} {item.description.display_name}".lower()
    return any(word in threshold.words for word in re.findall(r"[a-z]+", told))


def _name(item: MetadataItem) -> str:
    return item.description.display_name or item.description.key


def _value(item: MetadataItem) -> str:
    return shorter(plain(item.result.value))
