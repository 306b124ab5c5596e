"""What `%load_ext coder_nb` puts into a shell and what `%unload_ext` takes out again, to the last piece."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from IPython.core.magic import Magics, line_cell_magic, magics_class, needs_local_scope, no_var_expand
from traitlets import Enum, observe

from coder_nb import errors
from coder_nb.magics import formatters
from coder_nb.magics.call import execute
from coder_nb.magics.commands import all_commands
from coder_nb.magics.completion import matcher
from coder_nb.magics.grammar import Command
from coder_nb.magics.pages import overview
from coder_nb.magics.prompts import ask
from coder_nb.magics.published import Published
from coder_nb.magics.session import Session
from coder_nb.magics.transform import final_question, final_semicolon
from coder_nb.runbooks.here import attach, detach

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["CoderMagics", "load", "unload"]


@magics_class
class CoderMagics(Magics):
    """`%coder` and `%%coder`.

    Args:
        commands: by name; all of coder_nb's by default.
    """

    traceback = Enum(
        ("short", "full"),
        default_value="short",
        help="How a CoderError shows: what happened and what to type next, or the whole traceback.",
    ).tag(config=True)

    def __init__(self, shell: InteractiveShell, commands: Mapping[str, Command] | None = None) -> None:
        super().__init__(shell)
        self.commands = all_commands() if commands is None else commands
        self.session = Session()

    @observe("traceback")
    def _traceback_chosen(self, change: dict[str, Any]) -> None:
        errors.traceback = change["new"]

    @no_var_expand
    @needs_local_scope
    @line_cell_magic
    def coder(self, line: str, cell: str | None = None, local_ns: Mapping[str, object] | None = None) -> object:
        """Replaced by the help page, which is made from the declarations."""
        assert self.shell is not None
        variables = self.shell.user_ns
        return execute(
            line,
            cell,
            session=self.session,
            commands=self.commands,
            variables=variables,
            namespace={**variables, **(local_ns or {})},
        )


CoderMagics.coder.__doc__ = overview(all_commands())


class Loaded:
    """What one shell has been given."""

    def __init__(self, shell: InteractiveShell, commands: Mapping[str, Command] | None = None) -> None:
        self.shell = shell
        self.traceback = errors.traceback
        self.magics = CoderMagics(shell, commands)
        self.matcher = matcher(shell.Completer, self.magics.commands, self.magics.session)
        shell.register_magics(self.magics)
        shell.Completer.custom_matchers.append(self.matcher)
        shell.input_transformers_cleanup.append(final_question)
        shell.input_transformers_post.append(final_semicolon)
        self.formatters = formatters.install(shell.display_formatter)
        attach(shell, ask, lambda: self.magics.session.coder)
        self.published = Published(shell)

    def remove(self) -> None:
        """Takes everything out again and ends the connection."""
        shell, manager = self.shell, self.shell.magics_manager
        self.published.remove()
        detach(shell)
        formatters.remove(self.formatters)
        shell.input_transformers_cleanup.remove(final_question)
        shell.input_transformers_post.remove(final_semicolon)
        shell.Completer.custom_matchers.remove(self.matcher)
        for kind in ("line", "cell"):
            if getattr(manager.magics[kind].get("coder"), "__self__", None) is self.magics:
                del manager.magics[kind]["coder"]
        manager.registry.pop("CoderMagics", None)
        shell.configurables.remove(self.magics)  # type: ignore[arg-type]
        errors.traceback = self.traceback
        if (views := sys.modules.get("coder_nb.widgets.view")) is not None:
            views.stop_all()
        self.magics.session.close()


_loaded: WeakKeyDictionary[InteractiveShell, Loaded] = WeakKeyDictionary()


def load(shell: InteractiveShell, commands: Mapping[str, Command] | None = None) -> CoderMagics:
    """Puts `%coder` into a shell; a second time does nothing."""
    if shell not in _loaded:
        _loaded[shell] = Loaded(shell, commands)
    return _loaded[shell].magics


def unload(shell: InteractiveShell) -> None:
    """Takes `%coder` out of a shell and ends its connection; where it is not loaded, does nothing."""
    loaded = _loaded.pop(shell, None)
    if loaded is not None:
        loaded.remove()
