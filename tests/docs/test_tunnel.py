"""docs/tunnel.md: what it tells people to type does what it says."""

from __future__ import annotations

import re
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import coder_nb as cn
from coder_nb.embedded import launch
from coder_nb.magics.commands import all_commands
from coder_nb.magics.parser import parse
from coder_nb.magics.words import split

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "tunnel.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)


class App(BaseHTTPRequestHandler):
    """Says that all is well."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


def test_every_block_runs() -> None:
    """Its own assertions included; the workspace is on this machine."""
    assert len(BLOCKS) >= 2
    with ThreadingHTTPServer(("127.0.0.1", 0), App) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with launch.start(here=False) as demo, cn.connect(demo.url, token=demo.token) as coder:
            names = {"agent": coder.agent("web"), "port": server.server_address[1], "socket": socket}
            for block in BLOCKS:
                exec(block, names)
        server.shutdown()


def test_every_line_is_a_line() -> None:
    """Of the magic: its flags exist, and its values are good."""
    lines = [
        line.partition("%coder ")[2].partition("#")[0]
        for line in PAGE.splitlines()
        if re.match(r"(db = )?%coder", line)
    ]
    assert len(lines) >= 6
    for line in lines:
        assert parse(split(line), all_commands()).command.name == "forward"
