"""A Secret never shows, whatever it is put into, and tells what kind of token it is."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import traceback
import warnings
from dataclasses import asdict

import msgspec
import pytest

from coder_nb.credentials import Credentials, Secret, TokenKind, token_kind
from coder_nb.credentials.secret import check_agent_token, check_session_token
from coder_nb.errors import ConfigurationError
from tests.credentials.conftest import AGENT, PROXY, SESSION


def test_no_text_made_from_it_holds_it() -> None:
    """repr, str, format and a container's repr show stars."""
    secret = Secret(SESSION)
    shown = [repr(secret), str(secret), f"{secret}", f"{secret!r:>40}", f"{secret:>40}"]
    shown += [repr([secret]), repr({"token": secret}), repr(Credentials("https://a.b", secret, "a test"))]
    assert all("****" in text for text in shown)
    assert not any(SESSION in text for text in shown)


def test_copies_show_no_more_than_it_does() -> None:
    """A copy, deep or not, is the same Secret, so that dataclasses can be taken apart."""
    secret = Secret(SESSION)
    assert copy.copy(secret) is secret
    assert copy.deepcopy([secret])[0] is secret
    assert SESSION not in repr(asdict(Credentials("https://a.b", secret, "a test")))


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_it_cannot_be_pickled(protocol: int) -> None:
    """No protocol of pickle writes it down."""
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps({"token": Secret(SESSION)}, protocol)


def test_it_cannot_become_json() -> None:
    """Neither json nor msgspec writes it, not even inside other things."""
    for encode in (json.dumps, msgspec.json.encode, msgspec.to_builtins):
        with pytest.raises(TypeError) as raised:
            encode({"token": [Secret(SESSION)]})
        assert SESSION not in str(raised.value)


def test_it_has_no_attributes_to_look_into() -> None:
    """vars() finds nothing, and nothing can be put in."""
    secret = Secret(SESSION)
    with pytest.raises(TypeError):
        vars(secret)
    with pytest.raises(AttributeError):
        secret.other = 1  # type: ignore[attr-defined]


def test_logs_warnings_and_tracebacks_do_not_hold_it(caplog: pytest.LogCaptureFixture) -> None:
    """Logged, warned of, raised, or a variable of a failing function, it shows as stars."""
    secret = Secret(SESSION)
    with caplog.at_level(logging.DEBUG), warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        logging.getLogger("test").debug("token %s %r", secret, {"token": secret})
        warnings.warn(f"about {secret}", stacklevel=1)
    try:
        raise ValueError(secret)
    except ValueError as error:
        shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert "secret = Secret(****)" in shown
    assert SESSION not in shown + caplog.text + str(warned[0].message)


def test_equal_texts_are_equal_secrets() -> None:
    """Comparison looks at the text, and never equals the text itself."""
    assert Secret(SESSION) == Secret(SESSION)
    assert Secret(SESSION) != Secret(AGENT)
    assert Secret(SESSION) != SESSION
    assert Secret("pässwörd\ud800") == Secret("pässwörd\ud800")
    assert len({Secret(SESSION), Secret(SESSION), Secret(AGENT)}) == 2


def test_it_is_true_when_there_is_something_in_it() -> None:
    """An empty one is false, as an empty text is."""
    assert Secret("x")
    assert not Secret("")


def test_it_is_made_from_text_only() -> None:
    """None or bytes are refused at once, not when the text is needed."""
    with pytest.raises(TypeError, match="NoneType"):
        Secret(None)  # type: ignore[arg-type]


def test_it_can_be_blacked_out_of_another_text() -> None:
    """mask() replaces it wherever it occurs, and an empty one nowhere."""
    assert Secret(SESSION).mask(f"a {SESSION} b {SESSION}") == "a **** b ****"
    assert Secret("").mask("text") == "text"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (SESSION, "user"),
        (AGENT, "agent"),
        (AGENT.upper(), "agent"),
        (PROXY, "proxy"),
        ("", "unknown"),
        (f"{SESSION} ", "unknown"),
        (f"{SESSION}0", "unknown"),
        (AGENT.replace("-", ""), "unknown"),
    ],
)
def test_the_form_tells_the_kind(text: str, kind: TokenKind) -> None:
    """Session, agent and proxy tokens are told apart by their form alone."""
    assert token_kind(Secret(text)) == kind


@pytest.mark.parametrize("text", [AGENT, PROXY])
def test_other_tokens_are_no_session_tokens(text: str) -> None:
    """An agent's or a proxy's token is refused where a user's belongs, without repeating it."""
    with pytest.raises(ConfigurationError, match="where a session token belongs: here") as raised:
        check_session_token(Secret(text), "here")
    assert text not in str(raised.value)


@pytest.mark.parametrize("text", [SESSION, PROXY])
def test_other_tokens_are_no_agent_tokens(text: str) -> None:
    """A user's or a proxy's token is refused where an agent's belongs, without repeating it."""
    with pytest.raises(ConfigurationError, match="where an agent token belongs: here") as raised:
        check_agent_token(Secret(text), "here")
    assert text not in str(raised.value)


@pytest.mark.parametrize("text", ["", "a b", "a\r\nX-Evil: 1", "a\nb", "a\x00b", "tökén", "a\x7f"])
def test_what_cannot_be_a_header_is_no_token(text: str) -> None:
    """Line breaks, blanks and other letters are refused for either kind, without repeating them."""
    for check in (check_session_token, check_agent_token):
        with pytest.raises(ConfigurationError, match="not a token"):
            check(Secret(text), "here")


def test_a_form_we_do_not_know_is_let_through() -> None:
    """A later Coder may have other tokens: only what is surely wrong is refused."""
    check_session_token(Secret("some-future-token-form"), "here")
    check_agent_token(Secret("some-future-token-form"), "here")
