"""The commands of `%coder`, a module each. A module here with a declared Command in it is all a new one takes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from coder_nb.magics.grammar import Command, Section

__all__ = ["all_commands"]


@cache
def all_commands() -> Mapping[str, Command]:
    """All commands by name, in the order of the help page."""
    modules = [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)]
    found = {value.name: value for module in modules for value in vars(module).values() if isinstance(value, Command)}
    sections = list(Section)
    return dict(sorted(found.items(), key=lambda item: (sections.index(item[1].section), item[0])))
