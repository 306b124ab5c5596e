"""The reference page of `%coder`, made from the declarations: `python -m coder_nb.magics.reference FILE` writes it."""

from __future__ import annotations

import sys
from pathlib import Path

from coder_nb.magics.commands import all_commands
from coder_nb.magics.pages import Page, markdown

__all__ = ["reference"]

HEAD = """\
<!-- Made by `python -m coder_nb.magics.reference docs/reference/magics.md`; edit coder_nb/magics/commands. -->

# `%coder`: every command

`%load_ext coder_nb` registers `%coder` (a line) and `%%coder` (a cell). `%coder help COMMAND` shows the same pages in a
notebook.
"""


def reference() -> str:
    """The whole page."""
    commands = all_commands()
    pages = [markdown(Page(commands), heading="## The line")]
    for name, command in commands.items():
        pages.append(markdown(Page(commands, command), heading=f"## `%coder {name}`: {command.summary}"))
    return "\n\n".join([HEAD.rstrip(), *pages]) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(reference(), encoding="utf-8")
