"""Reads a log as a scenario file tells it, one line of the file for one or many lines of the log.

    at     source   level  [xCOUNT/SECONDS]  | pattern
    0.8    setup    info                     | {green}ok{off} home directory mounted
    1m5    trainer  info   x3600/1h          | step {n}/{of} loss {decay:2.3:0.4:4}

`at` counts from the agent's first connection, or the build's start. It refuses a line it cannot read, by its number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import groupby
from random import Random
from typing import Final, NamedTuple

from coder_nb.embedded.scenario.text import Moment, Pattern, PatternError, compile_pattern, render

__all__ = ["Line", "LogError", "Stretch", "parse_log", "parse_seconds", "received", "written"]

LEVELS: Final = frozenset({"trace", "debug", "info", "warn", "error"})
_ENTRY: Final = re.compile(r"\s*(\S+)\s+(\S+)\s+(\S+)(?:\s+x(\d+)/(\S+))?\s*\|(?: (.*)|)$")
_DURATION: Final = re.compile(r"(-?)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s?)?$")


class LogError(ValueError):
    """A line of a log script that cannot be read; the text says which one and why."""


class Stretch(NamedTuple):
    """One line of the file: `times` log lines spread evenly over `over` seconds from `at` on."""

    at: float
    source: str
    level: str
    times: int
    over: float
    pattern: Pattern


class Line(NamedTuple):
    """One line of the log, `seconds` after the script's beginning."""

    seconds: float
    source: str
    level: str
    output: str


def parse_seconds(text: str) -> float:
    """Seconds meant by `12.5`, `3m12`, `1h5m` or `-2d3h`.

    Raises:
        LogError: the text is no such duration.
    """
    found = _DURATION.match(text)
    if not text or not found or not any(found.groups()[1:]):
        raise LogError(f"{text!r} is no duration such as 12.5, 3m12, 1h5m or -2d3h")
    days, hours, minutes, seconds = (float(part or 0) for part in found.groups()[1:])
    total = days * 86400 + hours * 3600 + minutes * 60 + seconds
    return -total if found[1] else total


def parse_log(text: str, sources: frozenset[str]) -> list[Stretch]:
    """The stretches of a log script, in the file's order.

    Args:
        text: the script; empty lines and lines that begin with `#` say nothing.
        sources: the source names that may be used.

    Raises:
        LogError: names the first line that cannot be read.
    """
    stretches = []
    for number, entry in enumerate(text.splitlines(), 1):
        if not entry.strip() or entry.lstrip().startswith("#"):
            continue
        try:
            stretches.append(_parse_entry(entry, sources))
        except (LogError, PatternError) as error:
            raise LogError(f"log line {number}: {error}") from None
    return stretches


def _parse_entry(entry: str, sources: frozenset[str]) -> Stretch:
    found = _ENTRY.match(entry)
    if not found:
        raise LogError(f"{entry.strip()[:60]!r} does not read as `at source level [xCOUNT/SECONDS] | text`")
    at, source, level, count, over, pattern = found.groups()
    if source not in sources:
        raise LogError(f"unknown source {source!r}; known: {', '.join(sorted(sources))}")
    if level not in LEVELS:
        raise LogError(f"unknown level {level!r}; known: {', '.join(sorted(LEVELS))}")
    start, span = parse_seconds(at), parse_seconds(over) if over else 0.0
    if start < 0 or span < 0:
        raise LogError("a log does not begin before its beginning")
    return Stretch(start, source, level, int(count or 1), span, compile_pattern(pattern or ""))


def written(stretches: list[Stretch], base: datetime, seed: str) -> list[Line]:
    """Every line of the log, in the order it was written.

    Args:
        stretches: what `parse_log` read.
        base: the instant that second 0 is.
        seed: makes the random parts; the same seed gives the same lines.
    """
    lines = [line for index, one in enumerate(stretches) for line in _lines(one, base, _rng(seed, index))]
    lines.sort(key=lambda line: line.seconds)
    return lines


def _rng(seed: str, index: int) -> Random:
    return Random(f"{seed}/{index}")  # noqa: S311 - has to be repeatable, not secret


def _lines(one: Stretch, base: datetime, rng: Random) -> Iterator[Line]:
    step = one.over / one.times
    at = Moment(n=0, of=one.times, seconds=one.at, base=base, rng=rng)
    for n in range(one.times):
        at.n, at.seconds = n + 1, one.at + n * step
        yield Line(at.seconds, one.source, one.level, render(one.pattern, at))


def received(lines: list[Line], base: datetime) -> Iterator[tuple[datetime, str, list[tuple[str, str]]]]:
    """The lines in the batches a server gets: about one a second for each source, one time for the whole batch.

    Args:
        lines: in the order they were written.
        base: the instant that second 0 is.

    Yields:
        When the batch arrived, its source, and its lines as (level, output).
    """
    for second, group in groupby(lines, key=lambda line: int(line.seconds)):
        batches: dict[str, list[tuple[str, str]]] = {}
        for line in group:
            batches.setdefault(line.source, []).append((line.level, line.output))
        for place, (source, batch) in enumerate(batches.items()):
            # A fixed scatter instead of a clock's: batches never arrive on the whole second.
            micros = 21_000 + 3_713 * place + (second * 7919) % 9_973
            yield base + timedelta(seconds=second + 1, microseconds=micros), source, batch
