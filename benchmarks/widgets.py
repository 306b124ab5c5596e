"""What live views send to the page, beside what a notebook has without them: bytes, messages, lines lost.

Bytes are those of comm messages, JSON and buffers, the opening with its JavaScript included; Jupyter's envelope is not.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

import ipywidgets  # type: ignore[import-untyped]

from coder_nb import frames
from coder_nb.api.logs import AgentLog
from coder_nb.api.ports import ListeningPort
from coder_nb.widgets.log_view import LogView
from coder_nb.widgets.table_view import TableView
from coder_nb.widgets.view import stop_all
from tests.widgets.line import Comm, Page, recorded
from tests.widgets.lines import NOW, Lines, texts
from tests.widgets.page import pushed

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["run"]

LINES = 3_000
PER_BYTE, PER_SECOND = 1.1, 20.0
SECONDS = 5
RATE = 10_000
ROWS, PER_ROW = 1_000, 300


@dataclass(frozen=True)
class Sent:
    """What one way sent."""

    bytes: int
    messages: int
    lost: int = 0


def run() -> None:
    """Prints the comparison."""
    lines = [f"2026-03-12T09:30:00Z request {n} took {n % 300} ms at /some/path/{n % 17}" for n in range(LINES)]
    server = sum(len(json.dumps(_record(n, line))) + 1 for n, line in enumerate(lines, 1))
    print(f"widgets: {LINES:,} log lines, one after the other; the server's JSON of them is {server / 1e6:.2f} MB")
    print(f"  {'':<28}{'bytes per byte':>16}{'messages':>12}{'lines lost':>12}")
    ways: dict[str, Callable[[list[str]], Sent]] = {
        "coder_nb log view": _log_view,
        "ipywidgets Output": _output,
        "ipywidgets HTML.value": _html,
        "Panel Terminal": _panel,
    }
    for name, way in ways.items():
        sent = way(lines)
        print(f"  {name:<28}{sent.bytes / server:>16,.2f}{sent.messages:>12,}{sent.lost:>12,}")
    print(f"  target: at most {PER_BYTE} bytes per byte, 0 lines lost")
    _rate()
    _row()


def _row() -> None:
    """A table in which one row of many changes."""
    print(f"widgets: one changed row of a table of {ROWS:,}, which changes {ROWS // 50} times")
    with recorded() as made, pushed() as (source, feed):
        TableView(feed, frame=lambda frame: frame, title="ports", key=["port"], first=_ports(-1))
        page = Page(made[-1])
        page.hello()
        page.wait(lambda: any(state["name"] == "live" for state in page.bodies("state")))
        before = made[-1].bytes
        for row in range(0, ROWS, 50):
            source.push(_ports(row))
            page.wait(partial(_told, page, f"{1000 + row}"))
        # Each time one row gets its new name and the one before gets its old one back.
        patches = (made[-1].bytes - before) / (2 * ROWS // 50 - 1)
        stop_all()
    with recorded() as made:
        shown = ipywidgets.HTML(_ports(-1).to_html())
        before = made[-1].bytes
        shown.value = _ports(0).to_html()
        whole = made[-1].bytes - before
    print(f"  {'coder_nb live table':<28}{patches:>10,.0f} bytes a changed row, reminders included")
    print(f"  {'itables update':<28}{_itables():>10,} bytes")
    print(f"  {'ipywidgets HTML.value':<28}{whole:>10,} bytes")
    print(f"  target: at most {PER_ROW} bytes")


def _itables() -> int:
    """What an update of an itables widget sends in which one row is another."""
    widget: Any = import_module("itables.widget")
    with recorded() as made:
        shown = widget.ITable(_ports(-1))
        before = sum(comm.bytes for comm in made)
        shown.update(_ports(0))
        return sum(comm.bytes for comm in made) - before


def _told(page: Page, key: str) -> bool:
    return any(key in rows for rows in page.bodies("set"))


def _ports(renamed: int) -> DataFrame:
    listening = [
        ListeningPort(process_name="renamed" if n == renamed else f"process-{n}", network="tcp", port=1000 + n)
        for n in range(ROWS)
    ]
    return frames.ports(listening, [], link=lambda _: None, app_link=lambda _: None, attrs={})


def _rate() -> None:
    """A source of 10,000 lines a second."""
    print(f"widgets: a source of {RATE:,} lines a second, for {SECONDS} s")
    with recorded() as made:
        source, page = _view(made)
        began = time.monotonic()
        for step in range(SECONDS * 100):
            source.push(*(f"request {n} took {n % 300} ms" for n in range(RATE // 100)))
            time.sleep(max(0.0, began + (step + 1) / 100 - time.monotonic()))
        total = SECONDS * RATE
        page.wait(lambda: len(page.batches) > 0 and sum(page.bodies("n")) == total)
        moments = [moment for moment, *_ in page.line.sent]
        lost = total - len(texts(page))
        stop_all()
    rate = (len(moments) - 1) / (moments[-1] - moments[0])
    print(f"  {'coder_nb log view':<28}{rate:>10.1f} messages a second, {lost:,} of {total:,} lines lost")
    print(f"  {'one message a line':<28}{RATE:>10,} messages a second; Jupyter Server drops what is above 1,000")
    print(f"  target: at most {PER_SECOND:.0f} a second, 0 lost")


def _log_view(lines: list[str]) -> Sent:
    with recorded() as made:
        source, page = _view(made)
        for line in lines:
            source.push(line)
        page.wait(lambda: sum(page.bodies("n")) == len(lines))
        lost = len(lines) - len(texts(page))
        stop_all()
        return Sent(sum(comm.bytes for comm in made), sum(comm.messages for comm in made), lost)


def _view(made: list[Comm]) -> tuple[Lines, Page]:
    source = Lines()
    LogView(source.feed, title="log")
    page = Page(made[-1])
    page.hello()
    return source, page


def _output(lines: list[str]) -> Sent:
    with recorded() as made:
        shown = ipywidgets.Output()
        for line in lines:
            shown.append_stdout(line + "\n")
        return Sent(sum(comm.bytes for comm in made), sum(comm.messages for comm in made))


def _html(lines: list[str]) -> Sent:
    with recorded() as made:
        shown = ipywidgets.HTML()
        text = ""
        for line in lines:
            text += line + "<br>"
            shown.value = text
        return Sent(sum(comm.bytes for comm in made), sum(comm.messages for comm in made))


def _panel(lines: list[str]) -> Sent:
    """Its messages are Bokeh's, not a comm's; its JavaScript comes from elsewhere and is not counted."""
    widgets: Any = import_module("panel.widgets")
    protocol: Any = import_module("bokeh.protocol").Protocol()
    sent: list[int] = []
    shown, document = widgets.Terminal(), import_module("bokeh.document").Document()
    document.add_root(shown.get_root(doc=document))
    document.on_change(lambda event: sent.append(len(protocol.create("PATCH-DOC", [event]).content_json)))
    for line in lines:
        shown.write(line + "\n")
    return Sent(sum(sent), len(sent))


def _record(n: int, line: str) -> dict[str, object]:
    """As the server writes it."""
    record = AgentLog(n, NOW, line, "info", "5a9c4f2e-0d0b-4c1e-9a44-7f7b2f6f5a10")
    return {
        "id": record.id,
        "created_at": record.created_at.isoformat(),
        "output": record.output,
        "level": record.level,
        "source_id": record.source_id,
    }
