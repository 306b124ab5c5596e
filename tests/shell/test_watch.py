"""`%coder watch`: in a terminal a line for each change until Ctrl-C; else a table."""

from __future__ import annotations

from pathlib import Path

from coder_nb.client import connect
from coder_nb.embedded import launch
from tests.shell.test_live import terminal


def test_a_start_elsewhere_is_a_line(tmp_path: Path) -> None:
    """IPython on a pseudo-terminal: all workspaces, then what changes, and Ctrl-C leads back to the prompt."""
    with launch.start(here=False) as demo, connect(demo.url, token=demo.token) as elsewhere:
        with terminal(demo, tmp_path) as screen:
            screen.type("%load_ext coder_nb\n%coder watch\n")
            screen.until(b"+ archive  stopped")
            assert b"+ web  running  healthy  connected  ready" in screen.seen
            elsewhere.workspace("archive").start()
            screen.until(b"~ archive  running  healthy  connected  ready")
            screen.type("\x03")
            screen.type("print('back', 'again')\n")
            screen.until(b"back again")
        assert b"KeyboardInterrupt" not in screen.seen and b"Traceback" not in screen.seen


def test_without_a_terminal_it_is_a_table() -> None:
    """With the columns and rows of %coder ls, and a snapshot as text."""
    with launch.start(here=False) as demo, connect(demo.url, token=demo.token) as coder:
        view = coder.watch_workspaces()
        listed = coder.workspaces("owner:me")
        assert list(view.frame.columns) == list(listed.columns) and list(view.frame["id"]) == list(listed["id"])
        bundle = view._repr_mimebundle_()
        assert isinstance(bundle, tuple) and "archive" in str(bundle[0])
        view.stop()
