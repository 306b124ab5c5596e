"""Reports of runs: one file that anybody can open, HTML or Markdown, made of what the run has kept.

Takes nothing from a deployment and needs no kernel, so a report can be made whenever the run's folder is there.
"""

from __future__ import annotations

from pathlib import Path

from coder_nb.credentials.seen import mask
from coder_nb.errors import RunbookError

__all__ = ["ENDINGS", "write"]

ENDINGS = (".html", ".htm", ".md")
"""What a report's file name can end in; the ending says which it is."""


def write(folder: Path, to: Path) -> None:
    """Makes the report of the run kept in a folder.

    Args:
        to: the file to write; its ending says whether it is HTML or Markdown.
    Raises:
        RunbookError: an ending that is neither, no run, or the file cannot be written.
    """
    check(to)
    from coder_nb.runbooks.report.markdown import markdown
    from coder_nb.runbooks.report.page import html
    from coder_nb.runbooks.report.story import tell

    story = tell(folder)
    text = markdown(story) if to.suffix.lower() == ".md" else html(story)
    try:
        to.write_text(mask(text), encoding="utf-8", errors="replace")
    except OSError as error:
        raise RunbookError(f"cannot write the report {to}: {error.strerror}", hint="--report out.html") from None


def check(to: Path) -> None:
    """Refuses what no report can be written to, before anything is run.

    Raises:
        RunbookError: another ending, or no such folder.
    """
    if to.suffix.lower() not in ENDINGS:
        raise RunbookError(f"a report is HTML or Markdown, and {to.name} is neither", hint="--report out.html")
    if not to.absolute().parent.is_dir():
        raise RunbookError(f"there is no folder for the report: {to.absolute().parent}", hint="--report out.html")
