"""POST /workspaceagents/aws-instance-identity. What succeeds is in tests/within/test_identity.py: a real deployment
believes AWS only."""

from __future__ import annotations

import base64

import pytest

from coder_nb.api import Api
from coder_nb.errors import AuthenticationError
from coder_nb.transport.http import Http

from .conftest import Target
from .identity_routes import a_get_is_for_an_agent_of_that_name, refuses_what_is_incomplete

DOCUMENT = '{"instanceId": "i-0123456789abcdef0", "region": "us-east-1", "accountId": "123456789012"}'
SIGNATURE = base64.b64encode(b"x" * 128).decode()


@pytest.mark.parametrize(
    ("document", "signature", "detail"),
    [
        (DOCUMENT, SIGNATURE, "crypto/rsa: verification error"),
        (DOCUMENT, f"{SIGNATURE[:76]}\n{SIGNATURE[76:]}\n", "crypto/rsa: verification error"),
        (DOCUMENT, "***", "decode signature: illegal base64 data at input byte 0"),
        ("not json", SIGNATURE, "parse document: invalid character 'o' in literal null (expecting 'u')"),
        ("not json", "***", "parse document: invalid character 'o' in literal null (expecting 'u')"),
    ],
)
def test_what_aws_did_not_sign_is_refused(stranger: Http, document: str, signature: str, detail: str) -> None:
    """The document is looked at first, then the signature's form, then the signature."""
    with pytest.raises(AuthenticationError) as caught:
        Api(stranger).identity.aws(document=document, signature=signature)
    assert (caught.value.message, caught.value.detail) == ("Invalid AWS identity.", detail)


def test_what_is_incomplete_is_refused(target: Target) -> None:
    """Without any token: the document is the credential."""
    refuses_what_is_incomplete(target, "aws", "signature", "document")


def test_another_method_means_something_else(target: Target) -> None:
    """An agent, not an identity."""
    a_get_is_for_an_agent_of_that_name(target, "aws")
