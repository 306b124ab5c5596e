"""From words to the values a command is called with."""

from __future__ import annotations

import pytest

from coder_nb.errors import InvalidCommand
from coder_nb.magics.commands import all_commands
from coder_nb.magics.grammar import Argument, Command, Flag, Section
from coder_nb.magics.kinds import TEXT, WORKSPACE, choice
from coder_nb.magics.parser import Parsed, parse
from coder_nb.magics.words import split

# What later commands need of the grammar: a verbatim command, a body, short flags, flags that repeat.
RUN = Command(
    "run",
    "run a command",
    Section.AGENTS,
    returns="nothing",
    arguments=(Argument("workspace", "where", WORKSPACE),),
    flags=(
        Flag(("-e",), "pass a variable", TEXT, repeat=True, into="environment"),
        Flag(("-w", "--watch"), "watch"),
        Flag(("--for",), "what to wait for", choice("STATE", "ready", "stopped"), into="state", default="ready"),
    ),
    tail="COMMAND",
    body="the script",
)
SAY = Command(
    "say",
    "say something",
    Section.AGENTS,
    returns="nothing",
    arguments=(Argument("state", "which", required=True), Argument("message", "what", required=True, rest=True)),
)
COMMANDS = {**all_commands(), "run": RUN, "say": SAY}


def read(text: str, **variables: str) -> Parsed:
    return parse(split(text, expand=variables.__getitem__), COMMANDS)


def refused(text: str, **variables: str) -> InvalidCommand:
    with pytest.raises(InvalidCommand) as caught:
        read(text, **variables)
    return caught.value


def test_flags_may_stand_anywhere_and_take_values_both_ways() -> None:
    """`--level warn` and `--level=warn` are the same, before and after the workspace."""
    expected = read("logs dev --level warn --tail 5").values
    assert expected["level"] == "warn"
    assert expected["tail"] == 5
    assert read("logs --level=warn --tail=5 dev").values == expected


def test_what_is_left_out_has_its_default() -> None:
    """Every parameter of the command's function is always given."""
    values = read("logs").values
    assert values["workspace"] is None
    assert values["provisioner"] is False
    assert read("containers").values["label"] == ()
    assert read("run").values["state"] == "ready"


def test_a_repeated_flag_gives_all_its_values() -> None:
    """`--label` collects."""
    assert read("containers --label a=1 --label b=2").values["label"] == ("a=1", "b=2")
    assert read("run dev -e A -e B").values["environment"] == ("A", "B")


def test_common_flags_are_not_the_commands_business() -> None:
    """-o, --json and --yes are understood by every command and passed to none."""
    parsed = read("ls -o df --json --yes")
    assert (parsed.output, parsed.json, parsed.yes) == ("df", True, True)
    assert set(parsed.values) == {"query"}


@pytest.mark.parametrize("text", ["logs -h", "logs --help", "logs dev --nonsense -h"])
def test_help_wins_over_everything_else(text: str) -> None:
    """A person who asks for help is not told of mistakes."""
    assert read(text).help


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("ls owner:me status:running", "owner:me status:running"),
        ('ls last_used_after:"2024-01-01T00:00:00Z" -o x', 'last_used_after:"2024-01-01T00:00:00Z"'),
        ('ls param:"Region=us east" name:a', 'param:"Region=us east" name:a'),
        ("ls 'owner:me status:running'", "owner:me status:running"),
        ('ls "owner:me status:running"', "owner:me status:running"),
        ("ls owner:{who}", "owner:ada"),
        ("ls", ""),
    ],
)
def test_a_query_goes_as_typed(text: str, query: str) -> None:
    """Quotes inside the query belong to the query language."""
    assert read(text, who="ada").values["query"] == query


def test_what_follows_two_dashes_is_the_command_to_run() -> None:
    """No flag is looked for after --."""
    parsed = read("run dev -- ls --level -o x")
    assert parsed.tail == "ls --level -o x"
    assert parsed.output is None


def test_words_of_a_message_are_joined() -> None:
    """The last argument may take all that is left."""
    assert read("say working training, epoch 3").values == {"state": "working", "message": "training, epoch 3"}


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("lgos dev --level warn", "no such command: 'lgos'", "%coder logs dev --level warn"),
        ("logs dev --levle warn", "has no flag '--levle'", "%coder logs dev --level warn"),
        ("logs dev --levle=warn", "has no flag '--levle'", "%coder logs dev --level=warn"),
        ("logs dev -w", "has no flag '-w'", "-h lists its flags"),
        ("logs dev --level wran", "--level cannot be 'wran'", "did you mean warn"),
        ("logs dev --tail x", "--tail cannot be 'x': not a whole number", "usage: %coder logs"),
        ("logs dev --tail -5", "must not be negative", "usage"),
        ("logs dev --grep [", "not a regular expression", "usage"),
        ("logs dev --level", "--level needs a value", "trace, debug, info, warn, error"),
        ("logs dev --level --tail 5", "--level needs a value", "one of"),
        ("logs dev --level warn --level info", "--level is given twice", "usage"),
        ("logs dev --provisioner=yes", "--provisioner takes no value", "usage"),
        ("logs dev web", "one word too many for %coder logs: 'web'", "usage"),
        ("use", "%coder use needs a WORKSPACE", "dev, dev.main"),
        ("containers --label x", "must look like KEY=VALUE", "usage"),
        ("ls -o 1x", "not a name a variable can have", "usage"),
        ("ls -o class", "not a name a variable can have", "usage"),
        ("ls -- owner:me", "%coder ls takes nothing after --", "%coder ls [QUERY]"),
        ("help --json", "has no flag '--json'", ""),
    ],
)
def test_a_mistake_is_said_with_what_to_type(text: str, message: str, hint: str) -> None:
    """The message names the thing, the hint is the next thing to type."""
    error = refused(text)
    assert message in error.message
    assert hint in error.hint
    assert error.hint


def test_a_negative_number_is_a_value() -> None:
    """`--build -1` needs no quotes."""
    assert read("logs dev --build -1").values["build"] == -1


def test_a_value_that_was_put_in_is_never_a_flag() -> None:
    """A workspace called --yes by somebody else answers no question."""
    parsed = read("show {name}", name="--yes")
    assert parsed.yes is False
    assert parsed.values["workspace"] == "--yes"


TOKEN = "Abcdefghij-0123456789abcdefghijkl"


@pytest.mark.parametrize(
    "text",
    [
        f"connect {TOKEN}",
        f"connect https://coder.example.com {TOKEN}",
        f"connect https://coder.example.com --token {TOKEN}",
        f"connect https://coder.example.com --token={TOKEN}",
        f"connect -t {TOKEN}",
        f"connect https://coder.example.com?coder_session_token={TOKEN}",
        "connect 3f2504e0-4f89-11d3-9a0c-0305e82c3301",
        f"connect --insecure={TOKEN}",
        f"ls --{TOKEN}",
        f"{TOKEN}",
        f"ls -o {TOKEN}",
        f"show dev {TOKEN}",
        f"cnnect {TOKEN}",
    ],
)
def test_a_token_on_the_line_is_refused_and_not_repeated(text: str) -> None:
    """Neither message nor hint holds it."""
    error = refused(text)
    assert TOKEN not in str(error)
    assert "3f2504e0" not in str(error)
    assert "****" in str(error) or "never typed" in str(error) or "takes no value" in str(error)
