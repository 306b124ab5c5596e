"""The demo as a person meets it: JupyterLab in a real Chromium, notebook 01, and this machine as a workspace."""

from __future__ import annotations

import platform
import socket

from tests.browser.lab import Lab, text


def test_notebook_01_runs(lab: Lab) -> None:
    """Run All finishes; only the two cells that show errors on purpose have one, and the frames arrive as tables."""
    cells = lab.run_all()
    failed = [cell for cell in cells if any(output["output_type"] == "error" for output in cell["outputs"])]
    assert all("raises-exception" in cell["metadata"].get("tags", ()) for cell in failed), text(failed[0]["outputs"])
    assert len(failed) == 2
    assert all(cell["execution_count"] for cell in cells)
    assert lab.page.locator(".jp-RenderedHTML table").count() >= 5


def test_the_startup_log_of_this_machine(lab: Lab) -> None:
    """`%coder logs here` has the lines that the startup script wrote on this very machine."""
    lab.run("%load_ext coder_nb\n%coder connect demo")
    said = text(lab.run("logs = %coder logs here\nprint(*logs.text, sep='\\n')"))
    machine = platform.uname()
    assert f"{machine.system} {machine.release} {machine.machine}" in said
    assert "ready" in said


def test_a_port_opened_now(lab: Lab) -> None:
    """A port this test listens on appears in `%coder ports here`."""
    lab.run("%load_ext coder_nb\n%coder connect demo")
    ask = "ports = %coder ports here\nprint(*ports.port)"
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        assert port in text(lab.run(ask)).split()


def test_an_error_is_two_lines_in_the_page(lab: Lab) -> None:
    """A person sees what happened and a hint, and no traceback."""
    lab.run("%load_ext coder_nb\n%coder connect demo")
    lab.run("%coder logs wbe")
    shown = lab.page.locator(".jp-Cell").last.locator(".jp-OutputArea").inner_text()
    assert "hint:" in shown
    assert "web" in shown
    assert "Traceback" not in shown


def test_dollars_are_no_mathematics(lab: Lab) -> None:
    """Variables of a shell in a frame stay as they are, while JupyterLab sets formulas of others."""
    lab.run("%load_ext coder_nb\n%coder connect demo")
    lab.run("frame = %coder logs web\nframe['text'] = 'from $HOME to $PATH'\nframe.head(2)")
    lab.run("from IPython.display import HTML\nHTML('<p>$x^2$</p>')")
    lab.page.locator("mjx-container").first.wait_for(state="attached")
    assert lab.page.locator("table mjx-container").count() == 0
    assert "from $HOME to $PATH" in lab.page.locator(".jp-RenderedHTML table").last.inner_text()


def test_kernels_share_one_deployment(lab: Lab) -> None:
    """What a kernel of the demo's JupyterLab joins is the deployment that `coder-nb demo` started."""
    ask = "import coder_nb\nprint(coder_nb.connect('demo').credentials.url)"
    first = text(lab.run(ask)).strip()
    lab.restart_kernel()
    assert first.startswith("http://127.0.0.1:")
    assert text(lab.run(ask)).strip() == first
