"""A deployment and its token are looked for in a fixed order and never taken from two places."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from coder_nb.credentials import Credentials, Secret, resolve, save_profile
from coder_nb.errors import ConfigurationError
from tests.credentials.conftest import AGENT, OTHER_SESSION, PROXY, SESSION

HERE = "https://coder.example.com"
ELSEWHERE = "https://elsewhere.example.com"
TYPED = "TyPeDtYpEd-0123456789abcdefghij03"
SET = {"CODER_URL": HERE, "CODER_SESSION_TOKEN": SESSION}


def nobody(prompt: str) -> str:
    """Stands where a question would be a mistake."""
    raise AssertionError(f"asked: {prompt}")


def signed_in_cli(home: Path, url: str, session: str | None) -> dict[str, str]:
    """The environment of a machine where the Coder CLI is signed in."""
    (home / "cli").mkdir()
    (home / "cli" / "url").write_text(url)
    if session:
        (home / "cli" / "session").write_text(session)
    return {"CODER_CONFIG_DIR": str(home / "cli")}


def test_the_arguments_come_first() -> None:
    """Address and token given go together, whatever else is there."""
    found = resolve("elsewhere.example.com", token=OTHER_SESSION, environ=SET, ask=nobody)
    assert found == Credentials(ELSEWHERE, Secret(OTHER_SESSION), "the address and token given")


def test_then_the_environment() -> None:
    """CODER_URL and CODER_SESSION_TOKEN go before a saved profile and the CLI."""
    save_profile("work", Credentials(ELSEWHERE, Secret(OTHER_SESSION), "a test"))
    assert resolve(environ=SET, ask=nobody) == Credentials(HERE, Secret(SESSION), "CODER_URL and CODER_SESSION_TOKEN")


def test_then_the_profile_saved_last(home: Path) -> None:
    """It goes before the CLI's session."""
    save_profile("work", Credentials(HERE, Secret(SESSION), "a test"))
    save_profile("play", Credentials(ELSEWHERE, Secret(OTHER_SESSION), "a test", ca="/ca.pem"))
    found = resolve(environ=signed_in_cli(home, HERE, SESSION), ask=nobody)
    assert found == Credentials(ELSEWHERE, Secret(OTHER_SESSION), "the saved profile play", ca="/ca.pem")


def test_then_the_clis_session(home: Path) -> None:
    """It is the last place, and named with its folder."""
    found = resolve(environ=signed_in_cli(home, HERE, SESSION), ask=nobody)
    assert found == Credentials(HERE, Secret(SESSION), f"the Coder CLI's session in {home / 'cli'}")


def test_a_profile_can_be_named() -> None:
    """A name that was saved means its deployment and token, before the environment's."""
    save_profile("play", Credentials(ELSEWHERE, Secret(OTHER_SESSION), "a test"))
    save_profile("work", Credentials(HERE, Secret(SESSION), "a test"))
    assert resolve("play", environ=SET, ask=nobody).token == Secret(OTHER_SESSION)


def test_a_token_can_be_given_for_a_named_profile() -> None:
    """The profile then tells the deployment only."""
    save_profile("play", Credentials(ELSEWHERE, Secret(OTHER_SESSION), "a test"))
    found = resolve("play", token=Secret(SESSION), environ={}, ask=nobody)
    assert (found.url, found.token) == (ELSEWHERE, Secret(SESSION))
    assert found.source == "the saved profile play and the token given"


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    """One word that is no profile is not taken for a host."""
    save_profile("work", Credentials(HERE, Secret(SESSION), "a test"))
    with pytest.raises(ConfigurationError, match="no saved profile: wrok") as raised:
        resolve("wrok", environ=SET, ask=nobody)
    assert raised.value.hint.startswith("did you mean work?")


@pytest.mark.parametrize(
    "target", [ELSEWHERE, "http://coder.example.com", f"{HERE}:8443", "https://coder.example.com.evil.example"]
)
def test_no_token_goes_to_another_deployment(home: Path, target: str) -> None:
    """An address that no source has, by scheme, host and port, gets none of their tokens: it is asked for."""
    save_profile("work", Credentials(HERE, Secret(SESSION), "a test"))
    environ = {**SET, **signed_in_cli(home, HERE, SESSION)}
    asked: list[str] = []
    found = resolve(target, environ=environ, ask=lambda prompt: asked.append(prompt) or TYPED)  # type: ignore[func-returns-value]
    assert found == Credentials(target, Secret(TYPED), "the token you typed")
    assert asked == [f"Session token for {target} (from {target}/cli-auth): "]
    with pytest.raises(ConfigurationError, match=f"no token for {target}"):
        resolve(target, environ=environ)


def test_an_address_finds_its_own_token_wherever_it_is(home: Path) -> None:
    """Environment, profiles and the CLI are searched for the deployment, in this order."""
    save_profile("play", Credentials(ELSEWHERE, Secret(OTHER_SESSION), "a test"))
    environ = {**SET, **signed_in_cli(home, "http://localhost:3000", TYPED)}
    assert resolve(f"{HERE}/", environ=environ, ask=nobody).source == "CODER_URL and CODER_SESSION_TOKEN"
    assert resolve(ELSEWHERE, environ=environ, ask=nobody).source == "the saved profile play"
    assert resolve("localhost:3000", environ=environ, ask=nobody).token == Secret(TYPED)


def test_a_url_without_a_token_finds_or_asks_for_one(home: Path) -> None:
    """CODER_URL alone names the deployment: the CLI's session of the same one serves, of another it does not."""
    environ = {"CODER_URL": HERE, **signed_in_cli(home, HERE, SESSION)}
    assert resolve(environ=environ, ask=nobody).source == f"the Coder CLI's session in {home / 'cli'}"
    (home / "cli" / "url").write_text(ELSEWHERE)
    with pytest.raises(ConfigurationError, match="CODER_SESSION_TOKEN is not set"):
        resolve(environ=environ)
    assert resolve(environ=environ, ask=lambda prompt: f" {TYPED}\n").token == Secret(TYPED)


def test_a_token_without_a_url_is_an_error(home: Path) -> None:
    """It is not known where CODER_SESSION_TOKEN may go, and nothing else is used in its place."""
    environ = {"CODER_SESSION_TOKEN": OTHER_SESSION, **signed_in_cli(home, HERE, SESSION)}
    with pytest.raises(ConfigurationError, match="CODER_URL is not"):
        resolve(environ=environ, ask=nobody)
    with pytest.raises(ConfigurationError, match="without the deployment"):
        resolve(token=SESSION, environ=SET, ask=nobody)


def test_nothing_at_all_says_what_to_type() -> None:
    """The hint has an address to fill in and the demo; inside a workspace it has the deployment's own address."""
    with pytest.raises(ConfigurationError, match="no deployment to connect to") as raised:
        resolve(environ={}, ask=nobody)
    assert "%coder connect demo" in raised.value.hint
    with pytest.raises(ConfigurationError) as raised:
        resolve(environ={"CODER_AGENT_URL": f"{HERE}/", "CODER_AGENT_TOKEN": AGENT}, ask=nobody)
    assert f"%coder connect {HERE} " in raised.value.hint


@pytest.mark.parametrize("text", [AGENT, PROXY, "two words", "a\nb"])
def test_a_token_of_the_wrong_kind_is_caught_wherever_it_stands(home: Path, text: str) -> None:
    """The error says which place it came from, and does not repeat it."""
    places: list[tuple[str, dict[str, str]]] = [
        ("CODER_URL and CODER_SESSION_TOKEN", {"CODER_URL": HERE, "CODER_SESSION_TOKEN": text}),
        ("the Coder CLI's session", signed_in_cli(home, HERE, text)),
    ]
    for place, environ in places:
        with pytest.raises(ConfigurationError, match=place) as raised:
            resolve(environ=environ, ask=nobody)
        assert text not in str(raised.value)
    with pytest.raises(ConfigurationError, match="the token you typed"):
        resolve(ELSEWHERE, environ={}, ask=lambda prompt: text)


def test_nothing_typed_is_no_token() -> None:
    """An empty answer is the same as nobody to ask."""
    with pytest.raises(ConfigurationError, match="no token for"):
        resolve(ELSEWHERE, environ={}, ask=lambda prompt: " ")


def test_a_token_in_place_of_an_address_is_not_repeated() -> None:
    """What is typed after `connect` may be saved in a notebook, its error too."""
    for target in (SESSION, AGENT):
        with pytest.raises(ConfigurationError, match="a token where the address") as raised:
            resolve(target, environ={}, ask=nobody)
        assert target not in str(raised.value)


def test_the_keyring_of_newer_clis_is_explained(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On macOS and Windows a CLI that is signed in may have no session file."""
    monkeypatch.setattr("sys.platform", "darwin")
    with pytest.raises(ConfigurationError) as raised:
        resolve(environ=signed_in_cli(home, HERE, None))
    assert raised.value.hint.startswith("the Coder CLI keeps its token in the system's keyring")


def test_ca_and_insecure_go_before_the_profiles_own() -> None:
    """A CA given also takes back a profile's choice not to check."""
    save_profile("play", Credentials(ELSEWHERE, Secret(SESSION), "a test", insecure=True))
    assert resolve("play", environ={}).insecure
    found = resolve("play", ca="/ca.pem", environ={})
    assert (found.ca, found.insecure) == ("/ca.pem", False)
    assert resolve(HERE, token=SESSION, insecure=True, environ={}).insecure


def test_a_broken_profile_file_does_not_stand_in_the_environments_way(home: Path) -> None:
    """What is found first is used, without looking at the rest."""
    path = home / "config" / "coder-nb" / "profiles.json"
    path.parent.mkdir(parents=True)
    path.write_text("{")
    assert resolve(environ=SET).token == Secret(SESSION)
    assert resolve(HERE, environ=SET).token == Secret(SESSION)
    with pytest.raises(ConfigurationError, match=r"profiles\.json"):
        resolve(ELSEWHERE, environ=SET)


def test_the_signature_does_not_show_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """`resolve?` prints defaults: os.environ as one would print the token."""
    monkeypatch.setenv("CODER_SESSION_TOKEN", SESSION)
    assert SESSION not in str(inspect.signature(resolve))
