"""Asking for a token and for a yes, with somebody there and with nobody."""

from __future__ import annotations

import getpass
import io
import sys
from collections.abc import Callable

import pytest

from coder_nb.errors import ConfigurationError, ConfirmationRequired
from coder_nb.magics.prompts import ask_secret, confirm


class Terminal(io.StringIO):
    """What somebody types, at what calls itself a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Gives a function that types at the terminal."""

    def type_(text: str) -> None:
        monkeypatch.setattr(sys, "stdin", Terminal(text))

    return type_


def test_with_nobody_to_ask_a_token_is_a_configuration_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """It fails at once and says what to set instead."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("secret\n"))
    with pytest.raises(ConfigurationError, match="nobody to ask") as caught:
        ask_secret("Token: ")
    assert "CODER_SESSION_TOKEN" in caught.value.hint


def test_a_token_is_asked_for_without_echo(monkeypatch: pytest.MonkeyPatch, typed: Callable[[str], None]) -> None:
    """getpass is what asks, found when it is needed, so that a kernel's own is used."""
    typed("")
    monkeypatch.setattr(getpass, "getpass", lambda prompt: f" {prompt}secret \n")
    assert ask_secret("Token: ") == "Token: secret"


def test_an_empty_token_is_refused(monkeypatch: pytest.MonkeyPatch, typed: Callable[[str], None]) -> None:
    """Return alone is no token."""
    typed("")
    monkeypatch.setattr(getpass, "getpass", lambda prompt: "")
    with pytest.raises(ConfigurationError, match="no token was typed"):
        ask_secret("Token: ")


def test_with_nobody_to_ask_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the question and the flag that answers it."""
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(ConfirmationRequired, match="Stop workspace dev") as caught:
        confirm("Stop workspace dev?")
    assert "--yes" in caught.value.hint


@pytest.mark.parametrize("answer", ["y\n", "YES\n", " yes \n"])
def test_yes_goes_on(answer: str, typed: Callable[[str], None]) -> None:
    """Upper and lower case, short and long."""
    typed(answer)
    confirm("Stop workspace dev?")


@pytest.mark.parametrize("answer", ["n\n", "\n", "yess\n", ""])
def test_anything_else_does_not(answer: str, typed: Callable[[str], None]) -> None:
    """No, nothing, a typing error and the end of input."""
    typed(answer)
    with pytest.raises(ConfirmationRequired):
        confirm("Stop workspace dev?")


def test_yes_in_advance_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """With --yes not even a closed input matters."""
    monkeypatch.setattr(sys, "stdin", None)
    confirm("Stop workspace dev?", yes=True)
