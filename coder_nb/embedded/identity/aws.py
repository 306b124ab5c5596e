"""AWS: an instance's identity document, and the signature that came with it."""

from __future__ import annotations

from collections.abc import Sequence

from coder_nb.embedded.identity.rsa import public_key
from coder_nb.embedded.identity.wrong import Wrong, read_base64, read_json

__all__ = ["aws_instance"]


def aws_instance(document: str, signature: str, certificates: Sequence[str]) -> str:
    """The id of the instance a signed document is about.

    Args:
        document: as the instance got it.
        signature: in base64.
        certificates: those that are believed, in PEM form.
    Raises:
        Wrong: no believed certificate has signed it.
    """
    try:
        fields = read_json(document)
    except Wrong as wrong:
        raise Wrong(f"parse document: {wrong}") from None
    try:
        signed = read_base64(signature)
    except Wrong as wrong:
        raise Wrong(f"decode signature: {wrong}") from None
    failure = Wrong("crypto/rsa: verification error")
    for pem in certificates:
        try:
            public_key(pem).verify(signed, document.encode())
        except Wrong as wrong:
            failure = wrong
        else:
            return str(fields.get("instanceId", ""))
    raise failure
