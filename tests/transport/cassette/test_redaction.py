"""Nothing secret gets into a cassette: what was seen, what looks like one, and what is called one."""

from __future__ import annotations

import json
from base64 import b64encode

import pytest

from coder_nb.credentials import Secret
from coder_nb.credentials.seen import mask
from coder_nb.transport.cassette.names import Names
from coder_nb.transport.cassette.redaction import Redaction

KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----\n"


@pytest.fixture
def redaction() -> Redaction:
    """One that knows no names."""
    return Redaction(Names())


def test_a_secret_that_was_seen_is_hidden_in_every_spelling(redaction: Redaction) -> None:
    """As it is, within other text, and in base64, as input is typed."""
    secret = "correct-horse-7-battery"
    Secret(secret)
    kept = redaction.text(f"export T='{secret}' {b64encode(f'user:{secret}'.encode()).decode()}")
    assert secret not in kept and "Y29ycmVjdC1ob3JzZS03" not in kept and "export T=" in kept


@pytest.mark.parametrize(
    "secret",
    [
        "Ab3dEf6hIj-Ab3dEf6hIjKl9nOpQrStUv",
        KEY.strip(),
        KEY.partition("\n-----END")[0],
        "ghp_0123456789abcdefghijABCDEFGHIJ012345",
        "glpat-0123456789abcdefghij",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJlLW9mLWl0",
        "c0ffee00-0000-4000-8000-000000000001:" + "ab" * 32,
    ],
)
def test_what_has_the_form_of_a_secret_is_hidden_though_nobody_has_seen_it(redaction: Redaction, secret: str) -> None:
    """Tokens of Coder's users and proxies, of git's hosts, web tokens, private keys, whole and cut off."""
    kept = redaction.text(f"before {secret}\nafter")
    assert secret not in kept and secret[12:30] not in kept and kept.startswith("before ****")


def test_what_is_called_a_secret_is_hidden_and_from_then_on_everywhere(redaction: Redaction) -> None:
    """An agent's token has the form of a uuid, which everything else has too. Not so a word that anybody may use."""
    token = "5f0c9f0e-9a57-4f0e-8a9e-3c1d5a7b9e2f"
    said = {"auth_token": token, "id": "4fa808b2-295d-4d28-ba82-27578190b73c", "nested": [{"password": "s3cret-w0rd!"}]}
    assert redaction.value(said) == {"auth_token": "****", "id": said["id"], "nested": [{"password": "****"}]}
    assert redaction.text(f"printf {token}") == "printf ****" and mask(token) == token
    assert redaction.value({"token_type": "bearer"}) == {"token_type": "****"}
    assert redaction.text("a bearer of news") == "a bearer of news"


def test_a_listed_variable_is_hidden_by_its_name(redaction: Redaction) -> None:
    """As build parameters are listed: a name and a value."""
    said = [{"name": "API_KEY", "value": "abc"}, {"name": "region", "value": "eu"}]
    assert json.dumps(redaction.value(said)) == json.dumps(
        [{"name": "API_KEY", "value": "****"}, {"name": "region", "value": "eu"}]
    )


def test_ordinary_text_stays_as_it_is(redaction: Redaction) -> None:
    """Uuids, checksums, images and versions."""
    text = "4fa808b2-295d-4d28-ba82-27578190b73c sha256:9f86d081884c7d659a2feaa0c55ad015 node-exporter-v1.9.2"
    assert redaction.text(text) == text
