"""POST /workspaceagents/azure-instance-identity. What succeeds is in tests/within/test_identity.py: a real deployment
believes Azure only."""

from __future__ import annotations

import pytest

from coder_nb.api import Api
from coder_nb.errors import AuthenticationError
from coder_nb.transport.http import Http

from .conftest import Target
from .identity_routes import a_get_is_for_an_agent_of_that_name, refuses_what_is_incomplete


@pytest.mark.parametrize(
    ("signature", "encoding", "detail"),
    [
        ("***", "pkcs7", "decode base64: illegal base64 data at input byte 0"),
        ("aGVsbG8=", "pkcs7", "parse pkcs7: ber2der: BER tag length is more than available data"),
        ("aGVsbG8=", "zzz", "parse pkcs7: ber2der: BER tag length is more than available data"),
    ],
)
def test_what_azure_did_not_sign_is_refused(stranger: Http, signature: str, encoding: str, detail: str) -> None:
    """The encoding must be there and is not looked at."""
    with pytest.raises(AuthenticationError) as caught:
        Api(stranger).identity.azure(signature=signature, encoding=encoding)
    assert (caught.value.message, caught.value.detail) == ("Invalid Azure identity.", detail)


def test_what_is_incomplete_is_refused(target: Target) -> None:
    """Without any token: the document is the credential."""
    refuses_what_is_incomplete(target, "azure", "signature", "encoding")


def test_another_method_means_something_else(target: Target) -> None:
    """An agent, not an identity."""
    a_get_is_for_an_agent_of_that_name(target, "azure")
