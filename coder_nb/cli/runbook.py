"""`coder-nb runbook`: run one, report on a run, make one, and see which there are.

Exit codes of `run`: 0 all steps done or skipped, 1 one failed, 2 the command line or a parameter is wrong and nothing
was run, 3 a confirmation was declined, 130 Ctrl-C.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from coder_nb.cli.arguments import FAILED, INTERRUPTED, USAGE
from coder_nb.errors import CoderError, ConfigurationError, RunbookError

if TYPE_CHECKING:
    from coder_nb.runbooks.book import Book
    from coder_nb.runbooks.running import Order, Outcome
    from coder_nb.runbooks.shelf import Shelf

HELP = "run, report on, make and list runbooks"
DESCRIPTION = "Runbooks are notebooks with parameters and steps, which anybody can run and resume from here."
DECLINED = 3


def add(parser: argparse.ArgumentParser) -> None:
    """Its commands and their options."""
    commands = parser.add_subparsers(dest="action", metavar="COMMAND", required=True, parser_class=type(parser))
    _add_run(commands)
    report = commands.add_parser("report", help="make the report of a run, afterwards")
    report.add_argument("run", metavar="RUN|BOOK", help="the folder of a run, or a book: its latest run")
    report.add_argument("-o", "--output", type=Path, metavar="FILE", help="out.html or out.md (default: BOOK.html)")
    new = commands.add_parser("new", help="make a runbook from a template")
    new.add_argument("path", type=Path, metavar="NAME.ipynb")
    new.add_argument("--template", default="check", metavar="NAME", help="check (the default) or change")
    new.add_argument("--title", default="", metavar="TEXT", help="what it is for (default: made of the name)")
    listing = commands.add_parser("list", help="the runbooks of a folder and below, and those of coder_nb")
    listing.add_argument("folder", nargs="?", type=Path, metavar="DIR")
    audit = commands.add_parser("audit", help="who ran which step of which book, when, where, and what became of it")
    audit.add_argument("book", nargs="?", type=Path, metavar="BOOK", help="of this book only")
    audit.add_argument("--json", action="store_true", help="print its lines as they are")
    show = commands.add_parser("show", help="what a runbook is for, its parameters and how to run it")
    show.add_argument("book", metavar="BOOK", help="a path, or a name that `coder-nb runbook list` shows")


def _add_run(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    run = commands.add_parser(
        "run",
        help="run a runbook in a fresh kernel",
        description="Runs a runbook in a fresh kernel. Exit codes: 0 all steps done or skipped, 1 one failed, 2 the "
        "command line or a parameter is wrong, 3 a confirmation was declined.",
    )
    run.add_argument("book", metavar="BOOK", help="a path, or a name that `coder-nb runbook list` shows")
    run.add_argument("-p", dest="given", action="append", default=[], metavar="NAME=VALUE", help="set a parameter")
    run.add_argument("--dry-run", action="store_true", help="do no step and change nothing; say what would be done")
    run.add_argument("--resume", action="store_true", help="go on with the run that broke off or failed")
    run.add_argument("--yes", action="store_true", help="answer every confirmation in advance")
    run.add_argument("--record", default="", metavar="NAME", help="record all exchanges, beside the notebook")
    run.add_argument("--report", type=Path, metavar="FILE", help="write a report in the end: out.html or out.md")
    run.add_argument("--output", type=Path, metavar="FILE", help="copy the executed notebook there")
    run.add_argument("--kernel", default="", metavar="NAME", help="an installed kernel (default: this Python)")


def run(options: argparse.Namespace) -> int:
    """Do one of them."""
    match options.action:
        case "run":
            return _run(options)
        case "report":
            return _report(options.run, options.output)
        case "new":
            from coder_nb.runbooks.opening import new

            print(new(options.path, template=options.template, title=options.title))
        case "audit":
            _audit(options.book, as_json=options.json)
        case "list":
            print(_shelf(options.folder))
        case _:
            from coder_nb.runbooks.opening import Opened

            print(Opened(_book(options.book)))
    return 0


def _audit(book: Path | None, *, as_json: bool) -> None:
    import msgspec

    from coder_nb.runbooks import audit

    of_book = str(book.resolve()) if book else ""
    for entry in audit.entries():
        if not of_book or entry.book == of_book:
            print(msgspec.json.encode(entry).decode() if as_json else entry)


def _run(options: argparse.Namespace) -> int:
    try:
        order = _order(options)
    except CoderError as error:
        print(f"coder-nb: {error}", file=sys.stderr)
        return USAGE
    try:
        from coder_nb.runbooks.running import asking, run
    except ImportError as error:
        raise ConfigurationError(
            f"running a runbook needs {error.name}, which is not installed", hint="pip install 'coder-nb[lab]'"
        ) from None
    outcome = run(order, ask=asking.at_the_terminal if asking.somebody() else None)
    if options.report:
        _write(outcome.folder, options.report)
    return _told(order, outcome, options.report)


def _order(options: argparse.Namespace) -> Order:
    """What is to be run, with everything checked that can be checked before."""
    from coder_nb.runbooks import report
    from coder_nb.runbooks.running.given import given
    from coder_nb.runbooks.running.order import Order

    if options.dry_run and options.resume:
        raise RunbookError("--dry-run does no step, so there is nothing to resume with it", hint="leave one out")
    if options.report:
        report.check(options.report)
    if options.output and not options.output.absolute().parent.is_dir():
        raise RunbookError(f"there is no folder for the notebook: {options.output}", hint="--output out.ipynb")
    book = _book(options.book)
    return Order(
        book,
        given(book, options.given),
        dry_run=options.dry_run,
        resume=options.resume,
        yes=options.yes,
        record=options.record,
        kernel=options.kernel,
        output=options.output,
    )


def _told(order: Order, outcome: Outcome, report: Path | None) -> int:
    """Says how it came out, and where everything is; gives the exit code."""
    code = _code(outcome)
    where = {"notebook": order.output or outcome.notebook, "report": report, "kernel said": outcome.log}
    for what, path in where.items():
        if path is not None:
            print(f"{what}: {path}")
    if code == 0:
        print(f"done: {order.book.title}" + (" (a dry run)" if order.dry_run else ""))
        return code
    failure = outcome.ended.failure
    where_it_was = f" cell {failure.number}, {failure.source}" if failure is not None else ""
    if outcome.ended.interrupted:
        print(f"coder-nb: interrupted{where_it_was and ' in' + where_it_was}", file=sys.stderr)
    elif failure is not None:
        # Errors of ours bring a hint along; anything else is in the notebook.
        print(f"coder-nb:{where_it_was}\n{failure}", file=sys.stderr)
    if code != USAGE and not order.dry_run:
        print(f"to go on: coder-nb runbook run {order.book.path} --resume", file=sys.stderr)
    return code


def _code(outcome: Outcome) -> int:
    if outcome.ended.interrupted:
        return INTERRUPTED
    if outcome.declined:
        return DECLINED
    if outcome.wrong_parameters:
        return USAGE
    return FAILED if outcome.failed else 0


def _report(name: str, output: Path | None) -> int:
    from coder_nb.runbooks import journal

    folder = Path(name)
    stem = folder.name
    if not (folder / journal.FILE).is_file():
        book = _book(name)
        stem, found = book.name, journal.runs(book.path)
        if not found:
            raise RunbookError(f"no run of {book.name} is known here", hint=f"coder-nb runbook run {book.path}")
        folder = found[0]
    to = output or Path(f"{stem}.html")
    _write(folder, to)
    print(f"report: {to}")
    return 0


def _write(folder: Path, to: Path) -> None:
    from coder_nb.runbooks import report

    report.write(folder, to)


def _shelf(folder: Path | None) -> Shelf:
    from coder_nb.runbooks.shelf import shelf

    return shelf(folder)


def _book(name: str) -> Book:
    from coder_nb.runbooks.book import read

    path = Path(name)
    return read(path if path.is_file() else _shelf(None).find(name))
