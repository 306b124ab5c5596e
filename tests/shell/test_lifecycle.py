"""Loading, reloading and unloading the extension: what comes, and that all of it goes."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from typing import Any

import pytest

from coder_nb import errors

Snapshot = dict[str, Any]
Shell = Any  # Most of IPython's shell has no types.


def snapshot(shell: Shell) -> Snapshot:
    """Everything in a shell, and in the process, that an extension could leave something in."""
    manager = shell.magics_manager
    formatters = shell.display_formatter.formatters if shell.display_formatter else {}
    return {
        "line magics": dict(manager.magics["line"]),
        "cell magics": dict(manager.magics["cell"]),
        "lazy magics": dict(manager.lazy_magics),
        "registry": dict(manager.registry),
        "configurables": [id(each) for each in shell.configurables],
        "matchers": [id(each) for each in shell.Completer.custom_matchers],
        "completers": list(shell.Completer.custom_completers.flat_matches("")),
        "disabled matchers": list(shell.Completer.disable_matchers),
        "transformers": (list(shell.input_transformers_cleanup), list(shell.input_transformers_post)),
        "line transforms": list(shell.input_transformer_manager.line_transforms),
        "token transforms": list(shell.input_transformer_manager.token_transformers),
        "cleanup transforms": list(shell.input_transformer_manager.cleanup_transforms),
        "syntax trees": list(shell.ast_transformers),
        "hooks": {name: str(hook) for name, hook in shell.hooks.items()},
        "events": {name: list(called) for name, called in shell.events.callbacks.items()},
        "exceptions": shell.custom_exceptions,
        "by type": {name: dict(each.type_printers) for name, each in formatters.items()},
        "by name": {name: dict(each.deferred_printers) for name, each in formatters.items()},
        "variables": {name for name in shell.user_ns if not name.startswith("_")},
        "loaded": set(shell.extension_manager.loaded),
        "traceback": errors.traceback,
        "threads": {thread.name for thread in threading.enumerate()},
        "hooks of Python": (sys.excepthook, sys.displayhook, list(sys.meta_path)),
    }


def test_loading_reloading_and_unloading_leaves_nothing(bare: Shell) -> None:
    """After use, with the option changed, the shell is what it was before."""
    bare.run_cell("%config").raise_error()  # IPython registers its own magics when they are first used.
    before = snapshot(bare)
    for line in ("%load_ext coder_nb", "%coder help", '%config CoderMagics.traceback = "full"', "%reload_ext coder_nb"):
        bare.run_cell(line).raise_error()
    bare.run_cell("%coder help").raise_error()
    assert snapshot(bare) != before
    bare.run_cell("%unload_ext coder_nb").raise_error()
    after = snapshot(bare)
    # A thread of a test before this one may end meanwhile.
    assert after.pop("threads") <= before.pop("threads")
    assert {what: after[what] for what in after if after[what] != before[what]} == {}


def test_reloading_registers_everything_once(shell: Shell) -> None:
    """A second load adds no second matcher and no second transformer."""
    once = snapshot(shell)
    shell.run_cell("%reload_ext coder_nb").raise_error()
    shell.run_cell("%load_ext coder_nb").raise_error()
    twice = snapshot(shell)
    for what in ("matchers", "transformers", "configurables", "events"):
        assert len(twice[what]) == len(once[what])


def test_after_unloading_the_magic_is_gone(shell: Shell) -> None:
    """Neither form is left, and unloading twice is no error."""
    shell.run_cell("%unload_ext coder_nb").raise_error()
    assert shell.find_line_magic("coder") is None
    assert shell.find_cell_magic("coder") is None
    shell.run_cell("%unload_ext coder_nb").raise_error()


def test_others_magics_of_the_same_name_stay(shell: Shell) -> None:
    """Who took the name after us keeps it."""

    def coder(line: str) -> str:
        return line

    shell.register_magic_function(coder, "line")
    shell.run_cell("%unload_ext coder_nb").raise_error()
    assert shell.find_line_magic("coder") is coder
    del shell.magics_manager.magics["line"]["coder"]
    del shell.magics_manager.user_magics.coder


def test_the_option_in_the_configuration_counts(bare: Shell) -> None:
    """`c.CoderMagics.traceback` in a configuration file works as `%config` does."""
    bare.config.CoderMagics.traceback = "full"
    try:
        bare.run_cell("%load_ext coder_nb").raise_error()
        assert snapshot(bare)["traceback"] == "full"
    finally:
        del bare.config["CoderMagics"]
        bare.run_cell("%unload_ext coder_nb").raise_error()
    assert snapshot(bare)["traceback"] == "short"


FRESH = """
import json, sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
before = set(sys.modules)
shell.run_cell("%load_ext coder_nb").raise_error()
shell.run_cell("%coder help;").raise_error()
print(json.dumps(sorted(set(sys.modules) - before)))
"""
HEAVY = (
    *("pandas", "numpy", "pyarrow", "ipywidgets", "anywidget", "google.protobuf", "tornado", "psutil", "websocket"),
    *("requests", "urllib3", "msgspec", "keyring", "platformdirs", "asyncio", "ssl", "email"),
)


def test_loading_imports_nothing_heavy() -> None:
    """A fresh shell with the extension and its help page has none of the libraries a connection or a frame needs."""
    done = subprocess.run([sys.executable, "-c", FRESH], capture_output=True, text=True, timeout=60, check=True)
    imported = json.loads(done.stdout.splitlines()[-1])
    assert "coder_nb.magics.extension" in imported
    assert [name for name in imported if name in HEAVY or name.startswith(tuple(f"{heavy}." for heavy in HEAVY))] == []
    assert not [name for name in imported if name.startswith(("coder_nb.client", "coder_nb.api", "coder_nb.frames"))]


@pytest.mark.parametrize("kind", ["line", "cell"])
def test_both_forms_are_registered(kind: str, shell: Shell) -> None:
    """`%coder` and `%%coder`."""
    assert "coder" in shell.magics_manager.magics[kind]
