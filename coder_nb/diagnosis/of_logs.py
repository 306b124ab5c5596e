"""Rules about lines that mean the same whoever writes them: a table of patterns, and who refuses connections.

Only lines of level warn and error are looked at, and a line counts for the first pattern that finds it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from coder_nb.diagnosis.cause import Evidence, Found, Level
from coder_nb.diagnosis.facts import AgentFacts, Facts, Line
from coder_nb.diagnosis.telling import evidence, long, shorter, times

__all__ = ["SIGNATURES", "Signature", "error_lines", "overflowed", "refused", "signed"]


@dataclass(frozen=True, slots=True)
class Signature:
    """A pattern for lines, and what they mean.

    Attributes:
        pattern: for `re.search`, in any case.
        what: the cause, as a sentence.
        next: the line to type; `{where}` is the agent.
    """

    name: str
    pattern: str
    what: str
    next: str


SIGNATURES: tuple[Signature, ...] = (
    Signature(
        "file-watchers",
        r"limit for number of file watchers|max_user_watches|inotify.*(?:ENOSPC|limit)",
        "the system's limit of watched files is reached",
        "%coder run {where} -- sysctl fs.inotify",
    ),
    Signature(
        "memory-out",
        r"out of memory|OutOfMemory|\boom[-_ ]?kill|MemoryError|cannot allocate memory",
        "memory ran out",
        "%coder metadata {where}",
    ),
    Signature(
        "disk-out",
        r"no space left on device|\bENOSPC\b|disk quota exceeded",
        "a disk is full",
        "%coder run {where} -- df -h ~ /tmp",
    ),
    Signature(
        "name-unknown",
        r"could not resolve host|\bENOTFOUND\b|\bEAI_AGAIN\b|temporary failure in name resolution|no such host",
        "a host's name could not be resolved",
        "%coder run {where} -- cat /etc/resolv.conf",
    ),
    Signature(
        "rate-limited",
        r"\b429\b.{0,20}too many requests|rate limit(?:ed| exceeded)",
        "a service let it wait: too many requests",
        "%coder logs {where} --grep 429",
    ),
    Signature(
        "refused",
        r"ECONNREFUSED|connection refused",
        "",
        "%coder ports {where}",
    ),
)

_PATTERNS = [(signature.name, re.compile(signature.pattern, re.IGNORECASE)) for signature in SIGNATURES]
_ADDRESS = re.compile(r"(?P<host>\[[0-9a-fA-F:]+\]|::1|[\w.-]+)(?::|,? port )(?P<port>\d{2,5})\b")
_LAST = 3
_LOCAL = ("localhost", "127.0.0.1", "[::1]", "::1", "0.0.0.0")  # noqa: S104 - a name in a log


def signed(name: str) -> Callable[[Facts], Iterator[Found]]:
    """The rule for one signature."""
    return partial(_signed, next(signature for signature in SIGNATURES if signature.name == name))


def _signed(signature: Signature, facts: Facts) -> Iterator[Found]:
    for it in facts.agents:
        lines = _matching(it, signature.name)
        if lines:
            yield Found(
                it.title,
                signature.what,
                _first_and_last(lines),
                signature.next.format(where=it.title) if it.live else f"%coder logs {it.title} --level warn",
                at=lines[0].at,
            )


def refused(facts: Facts) -> Iterator[Found]:
    """Connections were refused. Where nothing listens on that port now, that is what everything else waits for."""
    for it in facts.agents:
        by: dict[tuple[str, int], list[Line]] = {}
        for line in _matching(it, "refused"):
            address = _ADDRESS.search(line.text)
            if address and 0 < int(address["port"]) < 65536:
                by.setdefault((address["host"], int(address["port"])), []).append(line)
        for (host, port), lines in by.items():
            what, level, more = _answers(it, host, port)
            yield Found(
                it.title,
                f"{what} on {host}:{port}",
                (*_first_and_last(lines), *more),
                f"%coder ports {it.title}",
                at=lines[0].at,
                level=level,
            )


def _answers(it: AgentFacts, host: str, port: int) -> tuple[str, Level, list[Evidence]]:
    """How it is there now, as far as that can be told."""
    # The server tells of no port that an app has.
    if host not in _LOCAL or it.ports is None or port in it.app_ports:
        return "connections were refused", "warning", []
    if port in it.ports:
        return "connections were refused for a time; something listens now", "note", []
    more = [Evidence("listening", ", ".join(map(str, sorted(it.ports))) or "nothing")]
    for container in (it.listing.containers if it.listing else None) or []:
        published = [f"{p.host_port}" for p in container.ports or () if p.host_port]
        if published and container.running:
            more.append(Evidence(f"container {container.name}", f"{container.image} publishes {', '.join(published)}"))
    return "nothing listens", "problem", more


def error_lines(facts: Facts) -> Iterator[Found]:
    """Lines of level error no other rule tells of. What goes to standard error is one, so that many mean nothing."""
    for it in facts.agents:
        told = {run.display_name for run in it.timings if run.status != "ok"}
        errors = [one for one in it.loud if one.level == "error" and one.text and one.source not in told]
        errors = [one for one in errors if not _sort(one.text)]
        if not errors:
            continue
        by = {line.source: line for line in errors if not line.text[0].isspace()}
        count = f"{len(errors):,} lines" if len(errors) > 1 else "one line"
        yield Found(
            it.title,
            f"{count} of level error in its log" + (f", by {len(by)} sources" if len(by) > 1 else ""),
            evidence(sorted(by.values(), key=lambda line: line.at, reverse=True)[:_LAST]),
            f"%coder logs {it.title} --level error",
            at=errors[-1].at,
        )


def overflowed(facts: Facts) -> Iterator[Found]:
    """The log is full: the server has thrown away all that came later."""
    for it in facts.agents:
        if not it.agent.logs_overflowed:
            continue
        last = it.last(1)
        since = f": nothing for {long((facts.now - last[0].at).total_seconds())}" if last else ""
        count = Counter(log.source_id for log in it.logs)
        names = {source.id: source.display_name for source in it.agent.log_sources}
        most = [Evidence("most lines", f"{n:,}, by {names.get(id, id)}") for id, n in count.most_common(1)]
        yield Found(
            it.title,
            f"its log is full, and what came later is lost{since}",
            (
                Evidence("stored", f"{it.agent.logs_length:,} bytes, {len(it.logs):,} lines"),
                *most,
                *(Evidence("last line", line.text[:80], line.at) for line in last),
            ),
            f"%coder restart {facts.title} --wait",
            at=last[0].at if last else None,
        )


def _matching(it: AgentFacts, name: str) -> list[Line]:
    return [line for line in it.loud if _sort(line.text) == name]


def _sort(text: str) -> str:
    return next((name for name, pattern in _PATTERNS if pattern.search(text)), "")


def _first_and_last(lines: list[Line]) -> tuple[Evidence, ...]:
    first, last = lines[0], lines[-1]
    what = f"log, {first.source}" if first.source else "log"
    if len(lines) == 1:
        return (Evidence(what, shorter(first.text), first.at),)
    until = Evidence("last of them", shorter(last.text), last.at)
    return (Evidence(f"{what}, {times(len(lines))}", shorter(first.text), first.at), until)
