"""`coder-nb check`: finds secrets in notebooks, recordings, reports and other texts. Exit code 1 if there are any."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from coder_nb.cli.arguments import FAILED, USAGE, say
from coder_nb.errors import ConfigurationError

HELP = "find secrets in notebooks and other files"
DESCRIPTION = (
    "Finds your own tokens, and anything of the shape of a token, in notebooks (sources, outputs, metadata, "
    "attachments, widgets), recordings, reports and other texts. Says where and of which kind, never the secret. "
    "A line that says `coder-nb: allow` is let through. Exit code 1 if anything is found."
)


def add(parser: argparse.ArgumentParser) -> None:
    """Its options."""
    parser.add_argument("paths", nargs="+", type=Path, metavar="NOTEBOOK", help="files, or folders of them")
    parser.add_argument("--fix", action="store_true", help="mask what is in outputs and metadata; sources never")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace) -> int:
    """Check, and print what was found."""
    from coder_nb.checking import check, files, known

    values = known()
    try:
        paths = list(dict.fromkeys(files(options.paths)))
        found = [finding for path in paths for finding in check(path, values, fix=options.fix)]
    except ConfigurationError as error:
        say(str(error))
        return USAGE
    if options.json:
        print(json.dumps([finding.record() for finding in found], indent=1))
        return FAILED if found else 0
    for finding in found:
        print(finding)
    if found:
        say(_advice(len(found), sum(finding.fixed for finding in found), any(f.fixable for f in found)))
    return FAILED if found else 0


def _advice(count: int, fixed: int, fixable: bool) -> str:
    said = f"{count} secret{'' if count == 1 else 's'} found" + (f", {fixed} of them masked" if fixed else "")
    how = "take the others out by hand" if fixed else "--fix masks those in outputs and metadata" if fixable else ""
    rest = f"{how}; " if how and fixed < count else ""
    return f"{said}\nhint: {rest}revoke what was ever committed or shared: a mask does not make it secret again"
