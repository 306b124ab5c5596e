"""Usual tokens are known by their shapes, and what only looks a little like one is not."""

from __future__ import annotations

import pytest

from coder_nb.credentials.shapes import SHAPES, shaped, starred
from tests.checking.planted import SHAPED


@pytest.mark.parametrize("kind", SHAPED)
def test_a_token_is_known_by_its_shape(kind: str) -> None:
    """All of it, and of its own kind alone."""
    token = SHAPED[kind]
    text = f"it is '{token}', she said"
    assert [(text[begin:end], found) for begin, end, found in shaped(text)] == [(token, kind)]
    assert starred(text) == "it is '****', she said"


def test_every_kind_has_an_example() -> None:
    """Those that are known by what stands before them have theirs below."""
    named = {"a token in CODER_AGENT_TOKEN or CODER_SESSION_TOKEN", "a Slack webhook", "an Authorization header",
             "an address with a password"}  # fmt: skip
    assert {shape.kind for shape in SHAPES} == set(SHAPED) | named


AGENT = "0d6b4a52-1c5e-4a51-9f0e-2f6f1e1a7b3c"


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"CODER_AGENT_TOKEN={AGENT}", AGENT),
        (f'{{"CODER_AGENT_TOKEN": "{AGENT}"}}', AGENT),
        (f'"{{\\"CODER_AGENT_TOKEN\\": \\"{AGENT}\\"}}"', AGENT),
        (f"Authorization: Bearer {AGENT}", AGENT),
        (f"headers = {{'Authorization': 'token {AGENT}'}}", AGENT),
        (f"curl -H 'Coder-Session-Token: {AGENT}'", AGENT),
        ("psql postgres://ada:s3cr3t+@db/app", "s3cr3t+"),
        ("https://oauth2:abc@github.com/a/b.git", "abc"),
        ("https://hooks.slack.com/services/T0123456/B0123456/abcdefgh01234567", "T0123456/B0123456/abcdefgh01234567"),
    ],
)
def test_a_secret_is_known_by_what_stands_before_it(text: str, secret: str) -> None:
    """Also in JSON within JSON."""
    assert [text[begin:end] for begin, end, _ in shaped(text)] == [secret]


@pytest.mark.parametrize(
    "text",
    [
        f"agent {AGENT} of workspace {AGENT[::-1]}",
        "background-attachmentposition12345",
        "0123456789-0123456789012345678901",
        "ghp_short", "sk-learn", "hf_hub_download", "sk-something-that-is-only-a-long-identifier-name",
        "postgres://ada:****@db/app", "http://user:password@host:3128", "https://x:$TOKEN@github.com", "http://a:8080/@b",
        "Authorization: Bearer $TOKEN", 'headers["Authorization"] = credentials', "Authorization: Bearer <token>",
        "-----BEGIN PUBLIC KEY-----\nAAAA", "CODER_AGENT_TOKEN=****", "sha256:" + "0a" * 32,
    ],
)  # fmt: skip
def test_what_only_looks_like_one_is_none(text: str) -> None:
    """A uuid least of all: every id is one."""
    assert list(shaped(text)) == []
