"""What a command runs."""

from __future__ import annotations

import pytest

from coder_nb.embedded.terminals.command import RELIABLE, arguments, travels


@pytest.mark.parametrize(
    ("command", "program"),
    [
        ("", ["/bin/zsh", "-l"]),
        ("echo hi", ["/bin/zsh", "-c", "echo hi"]),
        (" #!/bin/sh", ["/bin/zsh", "-c", " #!/bin/sh"]),
        ("#!/bin/sh\necho hi", ["/bin/sh", "-c", "#!/bin/sh\necho hi"]),
        ("#! /bin/sh -e\necho hi", ["/bin/sh", "-e", "-c", "#! /bin/sh -e\necho hi"]),
        ("#!/bin/sh 'a b'", ["/bin/sh", "a b", "-c", "#!/bin/sh 'a b'"]),
    ],
)
def test_a_command_is_for_the_login_shell_or_the_interpreter_it_names(command: str, program: list[str]) -> None:
    """The interpreter gets the whole text, its own line too."""
    assert arguments(command, "/bin/zsh") == program


@pytest.mark.parametrize("command", ["#!", "#! \t\necho hi", "#!/no/such/shell\nx", "#!/bin/sh 'open\nx"])
def test_what_cannot_run_is_not_run(command: str) -> None:
    """No interpreter, an unknown one, or a line that does not parse."""
    assert arguments(command, "/bin/sh") is None


def test_a_long_command_gets_lost_on_the_way() -> None:
    """By its length as JSON, in which some characters are six."""
    assert travels("x" * RELIABLE)
    assert not travels("x" * (RELIABLE + 1))
    assert not travels("<" * (RELIABLE // 6 + 1))
    assert not travels('"' * (RELIABLE // 2 + 1))
