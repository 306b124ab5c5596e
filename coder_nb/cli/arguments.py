"""What the commands' command lines share: exit codes, a parser with errors of two lines, and kinds of arguments."""

from __future__ import annotations

import argparse
import sys
from typing import NoReturn

__all__ = ["FAILED", "INTERRUPTED", "USAGE", "Parser", "port", "say"]

USAGE, FAILED, INTERRUPTED = 2, 1, 130


class Parser(argparse.ArgumentParser):
    """An argparse parser whose errors are two lines: what is wrong, and what to type."""

    def error(self, message: str) -> NoReturn:
        self.exit(USAGE, f"{self.prog}: {message}\nhint: {self.prog} --help\n")


def port(text: str) -> int:
    """A port's number, for `type=`."""
    if text.isdecimal() and int(text) <= 65535:
        return int(text)
    raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535, not {text!r}")


def say(line: str) -> None:
    """Tell a person how it goes, on standard error."""
    print(f"coder-nb: {line}", file=sys.stderr)
