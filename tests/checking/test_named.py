"""What is given to a name such as `password` is found where it looks like a secret."""

from __future__ import annotations

import pytest

from coder_nb.checking.named import named


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ('password = "hunter22+Xy"', "hunter22+Xy"),
        ("db_password: 'hunter22+Xy'", "hunter22+Xy"),
        ("PGPASSWORD=k3J8sd92Kd0aPq31\nX=1", "k3J8sd92Kd0aPq31"),
        ('os.environ["API_TOKEN"] = "k3J8sd92Kd0aPq31"', "k3J8sd92Kd0aPq31"),
        ('{"client_secret": "k3J8sd92Kd0aPq31"}', "k3J8sd92Kd0aPq31"),
        ('"{\\"apiKey\\": \\"k3J8sd92Kd0aPq31\\"}"', "k3J8sd92Kd0aPq31"),
        ("connect(url, token='k3J8sd92Kd0aPq31')", "k3J8sd92Kd0aPq31"),
        ("aws_secret_access_key = wJalrXUtnFEMI7K7MDENGbPxRfiCYzzzKEY", "wJalrXUtnFEMI7K7MDENGbPxRfiCYzzzKEY"),
    ],
)
def test_a_random_value_is_found(text: str, secret: str) -> None:
    """In code, in YAML, in JSON, in what `env` prints."""
    assert [text[begin:end] for begin, end, _ in named(text)] == [secret]


@pytest.mark.parametrize(
    "text",
    [
        "password = getpass()", 'token = os.environ["TOKEN"]', "token=self._token", 'token="****"',
        'password = "your-password-1"', "password: <password>", 'token = "$TOKEN_12345"', "max_tokens = 4096",
        'token_id = "k3J8sd92Kd0aPq31"', 'password="correct horse battery"', "secret: Secret = Secret('')",
        'api_key = "example-key-0123456789"', 'monkey = "k3J8sd92Kd0aPq31"', "tokenizer='bert-base-uncased-2019x'",
        'secret_name = "prod/db-2024"', 'key = "k3J8sd92Kd0aPq31"', "if token == expected_token:",
        'token = secrets.token_hex(16)', 'TOKEN_URL = "https://example.com/oauth2/v1"', 'next_token: str = "page2"',
    ],
)  # fmt: skip
def test_what_stands_for_a_value_is_none(text: str) -> None:
    """A placeholder, a variable, a call, words, what is about a secret."""
    assert list(named(text)) == []
