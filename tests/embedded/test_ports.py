"""The server's own filter of listening ports."""

from __future__ import annotations

from coder_nb.embedded.ports import visible_ports
from coder_nb.embedded.state import App, ListeningPort


def test_services_low_ports_and_ports_of_apps_are_hidden() -> None:
    """What is on the block list, below 9, or named in an app's URL is left out; the order is kept."""
    wanted = [9, 65535, 8888, 8080, 80, 443]
    hidden = [7, 8, 20, 22, 53, 587, 3306, 3389, 5432, 27019, 28017, 8765]
    apps = [
        App("id", "web", url="http://localhost:8765/?a=b"),
        App("id", "odd", url="http://localhost:x"),
        App("id", "t"),
    ]
    listening = [ListeningPort("p", "tcp", port) for port in (*wanted, *hidden)]
    assert [it.port for it in visible_ports(listening, apps)] == wanted
