"""A recording as a cassette's text: JSON objects, in an order that does not depend on chance.

First what was said, then all that is another each time: times, and readings of clocks. So a diff shows what changed.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import Any, Final

from coder_nb.transport.cassette.bodies import pack
from coder_nb.transport.cassette.exchange import Exchange
from coder_nb.transport.cassette.layout import spread
from coder_nb.transport.cassette.recorder import Recording
from coder_nb.transport.cassette.redaction import Redaction
from coder_nb.transport.cassette.terminal_text import in_words

__all__ = ["FORMAT", "VERSION", "text_of"]

FORMAT: Final = "coder_nb cassette"
VERSION: Final = 1


def text_of(recording: Recording, about: Mapping[str, str]) -> str:
    """The text of a cassette.

    Args:
        recording: what was taken down; it may go on.
        about: what else is to be known, such as the deployment's name and address.
    """
    redaction = Redaction(recording.names)
    exchanges, settled = recording.taken()
    ordered, usual = _in_order(exchanges, recording), _usual(exchanges)
    lines, times = _lines(ordered, redaction, usual, recording)
    if redaction.learned:
        lines, times = _lines(ordered, redaction, usual, recording)
    head = {"format": FORMAT, "version": VERSION, **redaction.value(dict(about)), "headers": usual}
    if recording.full:
        head["full"] = True
    begun = {"begun": recording.begun.isoformat(timespec="milliseconds")}
    values = [{"settled": redaction.text(what), "values": redaction.value(settled[what])} for what in sorted(settled)]
    return "".join(map(spread, [head, *lines, begun, *times, *values]))


def _lines(
    exchanges: Sequence[Exchange], redaction: Redaction, usual: Mapping[str, str], recording: Recording
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What was said, and when."""
    recording.names.begin_anew()
    said: list[dict[str, Any]] = []
    times: list[dict[str, Any]] = []
    answers: dict[str, Any] = {}
    for exchange in exchanges:
        lines, at = _exchange(exchange, redaction, usual)
        if "answer" in lines[0]:
            _shorten(lines[0], answers)
        said += lines
        times.append(at)
    return said, times


def _in_order(exchanges: list[Exchange], recording: Recording) -> list[Exchange]:
    """In the order in which one thread asked; what others asked meanwhile between, by what it was."""
    mains, keyed = 0, []
    for exchange in exchanges:
        if not exchange.status and exchange.failure is None:
            continue  # It was still under way.
        what = ""
        if exchange.aside:
            what = recording.names.strip(json.dumps([exchange.path, exchange.kind, exchange.query], sort_keys=True))
        else:
            mains += 1
        keyed.append(((mains, exchange.aside, what, exchange.begun), exchange))
    return [exchange for _, exchange in sorted(keyed, key=lambda it: it[0])]


def _usual(exchanges: list[Exchange]) -> dict[str, str]:
    """The headers that most answers have; only others are told of each."""
    usual = {}
    for name in ("Content-Type", "X-Coder-Build-Version"):
        found = Counter(it.headers[name] for it in exchanges if it.kind == "call" and name in it.headers)
        if found:
            usual[name] = found.most_common(1)[0][0]
    return usual


def _exchange(
    exchange: Exchange, redaction: Redaction, usual: Mapping[str, str]
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The lines of one exchange, and that of its times."""
    terminal = exchange.kind == "websocket" and _has_names(exchange, redaction)
    frames = list(in_words(exchange.frames, redaction) if terminal else _as_they_are(exchange, redaction))
    lines = [dict(_head(exchange, redaction, usual)), *(line for _, line in frames)]
    if exchange.end == "eof":
        lines.append({"end": "eof"})
    elif exchange.end == "closed":
        lines.append({"end": "closed", "code": exchange.code, "reason": redaction.text(exchange.reason)})
    times: dict[str, Any] = {"times": [round(exchange.begun, 3), round(exchange.ended, 3)]}
    if date := _date(exchange.headers.get("Date", "")):
        times["date"] = date
    if frames:
        times["frames"] = [round(at, 3) for at, _ in frames]
    return lines, times


def _shorten(line: dict[str, Any], answers: dict[str, Any]) -> None:
    """Leaves out an answer that says the same as the one before it to the same question."""
    question = json.dumps([line["call"], line.get("query")]) if "call" in line else ""
    if question and answers.get(question) == line["answer"]:
        del line["answer"]
        line["again"] = True
    else:
        answers[question] = line.get("answer")


def _head(exchange: Exchange, redaction: Redaction, usual: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    path = redaction.text(exchange.path)
    yield exchange.kind, f"{exchange.method} {path}" if exchange.kind == "call" else path
    if exchange.query:
        yield "query", redaction.value(exchange.query)
    if exchange.body:
        yield "body", pack(exchange.body, redaction)
    if exchange.aside:
        yield "aside", True
    if exchange.failure is not None:
        kind, message, hint = exchange.failure
        yield "failed", [kind, redaction.text(message), redaction.text(hint)]
        return
    if exchange.kind != "call" and not exchange.headers:
        return  # It became a stream.
    if exchange.status != 200 or exchange.kind != "call":
        yield "status", exchange.status
    headers = {name: value for name, value in exchange.headers.items() if name != "Date" and usual.get(name) != value}
    headers |= dict.fromkeys((name for name in usual if name not in exchange.headers), "")
    if headers:
        yield "headers", redaction.value(headers)
    if exchange.answer:
        yield "answer", pack(exchange.answer, redaction)


def _as_they_are(exchange: Exchange, redaction: Redaction) -> Iterator[tuple[float, dict[str, Any]]]:
    for frame in exchange.frames:
        line: dict[str, Any] = {"sent" if frame.sent else "got": pack(frame.data, redaction)}
        if frame.text and exchange.kind == "websocket":
            line["as"] = "text"
        yield frame.at, line


def _has_names(exchange: Exchange, redaction: Redaction) -> bool:
    query = json.dumps(exchange.query, ensure_ascii=False)
    return "⟨" in redaction.text(query) and "⟨" not in query


def _date(text: str) -> int:
    try:
        return int(parsedate_to_datetime(text).timestamp())
    except (ValueError, OverflowError):
        return 0
