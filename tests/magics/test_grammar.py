"""Every declaration is complete and agrees with the function it declares."""

from __future__ import annotations

import inspect
import re

import pytest

from coder_nb.magics.commands import all_commands
from coder_nb.magics.grammar import COMMON, Command
from coder_nb.magics.parser import parse
from coder_nb.magics.words import split

COMMANDS = all_commands()


def test_the_commands_are_there_in_the_order_of_the_help_page() -> None:
    """A module in commands/ is all it takes to be listed."""
    expected = ["connect", "use", "whoami", "ls", "show", "containers", "logs", "ports", "help"]
    assert [name for name in COMMANDS if name in expected] == expected


@pytest.mark.parametrize("command", COMMANDS.values(), ids=lambda command: command.name)
class TestEachCommand:
    def test_takes_what_its_declaration_gives(self, command: Command) -> None:
        """The function's keyword parameters are the declared arguments and flags, no more and no less."""
        parameters = inspect.signature(command.run).parameters.values()
        keywords = {each.name for each in parameters if each.kind is inspect.Parameter.KEYWORD_ONLY}
        assert keywords == {each.name for each in command.arguments} | {flag.parameter for flag in command.flags}

    def test_is_explained(self, command: Command) -> None:
        """Everything a person can type has a help text, and there is an example that begins with the command."""
        explained = [command.summary, command.returns]
        explained += [argument.help for argument in command.arguments] + [flag.help for flag in command.flags]
        assert all(text.strip() for text in explained)
        assert command.examples

    def test_shows_examples_that_its_parser_takes(self, command: Command) -> None:
        """An example that could not be typed would be worse than none."""
        for example in command.examples:
            typed = re.fullmatch(r"(?:\w+ = |%)?%coder (.*)", example.line)
            assert typed, example.line
            assert parse(split(typed[1], expand=str), COMMANDS).command is command

    def test_does_not_take_a_common_flags_name(self, command: Command) -> None:
        """-o, -h, --json and --yes mean the same everywhere."""
        common = {name for flag in COMMON for name in flag.names}
        assert not common & {name for flag in command.flags for name in flag.names}
