"""`%coder forward` in a real shell: the tunnel it gives, what it lists and stops; nothing outlives the session."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from coder_nb.errors import Conflict, InvalidCommand, NotFound
from coder_nb.magics.commands import all_commands
from coder_nb.magics.completion import complete
from coder_nb.magics.extension import CoderMagics
from tests.remote.tunnel.ends import listening, said

Run = Callable[[str], Any]
Shell = Any  # Most of IPython's shell has no types.

pytestmark = pytest.mark.usefixtures("environment")


@pytest.fixture
def port() -> Iterator[int]:
    """A port of the workspace whose server says hello."""
    with listening(lambda connection: connection.sendall(b"hello")) as port:
        yield port


def test_it_gives_a_tunnel(shell: object, run: Run, port: int) -> None:
    """What connects to its port here speaks with the server there; it shows a link, and what it leads to."""
    tunnel = run(f"tunnel = %coder forward {port} web\ntunnel")
    assert said(tunnel.port) == b"hello"
    assert f'href="http://127.0.0.1:{tunnel.port}"' in tunnel._repr_html_()
    assert f"127.0.0.1:{port} in web.main" in repr(tunnel)


def test_the_same_line_again_gives_the_same_tunnel(shell: object, run: Run, port: int) -> None:
    """Until it is stopped; another port here is another tunnel."""
    first = run(f"%coder forward {port} web")
    assert run(f"%coder forward {port} web.main") is first
    with socket.create_server(("127.0.0.1", 0)) as free:
        other = free.getsockname()[1]
    second = run(f"%coder forward {port} web --local-port {other}")
    assert second is not first and second.port == other
    run(f"%coder forward --stop {first.port}")
    assert run(f"%coder forward {port} web") is second


def test_a_port_that_is_taken_here_names_a_free_one(shell: object, run: Run, port: int) -> None:
    """And the line of the hint works."""
    with pytest.raises(Conflict) as refused:
        run(f"%coder forward {port} web --local-port {port}")
    free = re.search(r"\d{4,5}", refused.value.hint)
    assert free is not None
    assert said(run(f"%coder forward {port} web --local-port {free[0]}").port) == b"hello"


def test_the_list_says_what_went_through(shell: object, run: Run, port: int) -> None:
    """A row a tunnel, oldest first, those of Python among them."""
    assert len(run("%coder forward --list")) == 0
    tunnel = run(f"%coder use web\n%coder forward {port}")
    said(tunnel.port)
    run(f"coder = %coder connect {'{'}__import__('os').environ['CODER_URL']{'}'}")
    other = run(f"coder.agent('docs').forward({port}, host='localhost')")
    listed = run("%coder forward --list")
    assert list(listed.workspace) == ["web", "docs"]
    assert list(listed.local) == [tunnel.url, other.url]
    assert list(listed.target) == [f"127.0.0.1:{port}", f"localhost:{port}"]
    assert (listed.connections[0], listed.bytes_in[0], listed.state[0]) == (1, 5, "open")


def test_stop_ends_one_or_all(shell: object, run: Run, port: int) -> None:
    """By either port, by its workspace too; where several are meant, it says which there are."""
    with pytest.raises(NotFound, match="no tunnel is open"):
        run("%coder forward --stop")
    one, two = run(f"%coder forward {port} web"), run(f"%coder forward {port} docs")
    with pytest.raises(InvalidCommand) as several:
        run(f"%coder forward --stop {port}")
    assert str(one.port) in several.value.hint and str(two.port) in several.value.hint
    with pytest.raises(NotFound, match=r"no tunnel to 9 is open") as unknown:
        run("%coder forward 9 --stop")
    assert "of docs.main" in unknown.value.hint
    stopped = run(f"%coder forward {port} docs --stop")
    assert list(stopped.state) == ["closed"] and two.closed and not one.closed
    run("%coder forward --stop")
    assert one.closed
    again = [run(f"%coder forward {port} {name}") for name in ("web", "docs")]
    assert len(run("%coder forward --stop all")) == 2
    assert all(tunnel.closed for tunnel in again)


def test_unloading_ends_them(shell: Shell, run: Run, port: int) -> None:
    """The port here is free again, and no thread is left."""
    tunnel = run(f"%coder forward {port} web")
    run("%unload_ext coder_nb")
    assert tunnel.closed
    with pytest.raises(ConnectionRefusedError):
        said(tunnel.port)
    assert [thread.name for thread in threading.enumerate() if "tunnel" in thread.name] == []


@pytest.mark.parametrize(
    "line", ["", "all", "0", "70000", "web", "8000 web --local-port 0", "8000 --list", "--list --stop", "8000 --list=x"]
)
def test_what_cannot_be_meant_is_refused(line: str, shell: object, run: Run) -> None:
    """Before anything is opened."""
    with pytest.raises(InvalidCommand):
        run(f"%coder forward {line}")
    assert len(run("%coder forward --list")) == 0


def test_the_ports_table_leads_there(shell: object, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what to type for a port without a link, and has the address here once that was typed; live, too."""
    monkeypatch.setenv("CODER_NB_LIVE", "0")
    before = run("%coder ports web")
    assert before.local.isna().all()
    assert "%coder forward 5173 web.main" in run("from coder_nb.frames import display\ndisplay.text(_)")
    tunnel = run("%coder forward 5173 web")
    after = run("%coder ports web")
    assert after.set_index("port").local.dropna().to_dict() == {5173: tunnel.url}
    assert "%coder forward 5173" not in run("display.text(_)")
    live = run("%coder ports web -w")
    assert f'href="{tunnel.url}"' in live._repr_mimebundle_()[0]["text/html"]


def test_ports_complete(shell: object, run: Run, magics: CoderMagics, port: int) -> None:
    """Those that were listed, and those that tunnels lead to."""
    run("%coder ports web")
    run(f"%coder forward {port} web")
    _, found = complete("forward ", all_commands(), magics.session)
    offered = [text for text, _ in found]
    assert {"5173", str(port), "all", "--local-port", "--stop"} <= set(offered)
    _, found = complete("forward 5173 we", all_commands(), magics.session)
    assert "web" in [text for text, _ in found]
