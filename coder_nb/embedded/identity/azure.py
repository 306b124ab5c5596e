"""Azure: an attested document, PKCS #7 signed data whose signer is a metadata service that an authority certifies."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import Final

from coder_nb.embedded.identity.der import INTEGER, OCTETS, OID, SEQUENCE, SET, Value, oid, read_der
from coder_nb.embedded.identity.rsa import Certificate, certificates
from coder_nb.embedded.identity.wrong import Wrong, read_base64, read_json
from coder_nb.embedded.wire.text import quote

__all__ = ["azure_instance"]

_SIGNED_DATA: Final = oid("1.2.840.113549.1.7.2")
_MESSAGE_DIGEST: Final = oid("1.2.840.113549.1.9.4")
_SHA256: Final = oid("2.16.840.1.101.3.4.2.1")
_TAG_0: Final = 0xA0
_SIGNERS: Final = re.compile(r"(.*\.)?metadata\.(azure\.(com|us|cn)|microsoftazure\.de)")


def azure_instance(signature: str, authorities: Sequence[str]) -> str:
    """The id of the virtual machine an attested document is about.

    Args:
        signature: the document, in base64.
        authorities: certificates in PEM form; one of them must have certified the signer.
    Raises:
        Wrong: not such a document, or not signed by such a signer.
    """
    try:
        data = read_base64(signature)
    except Wrong as wrong:
        raise Wrong(f"decode base64: {wrong}") from None
    try:
        document = _Signed(data)
    except Wrong as wrong:
        raise Wrong(f"parse pkcs7: {wrong}") from None
    signer = document.signer
    if not _SIGNERS.fullmatch(signer.common_name):
        raise Wrong(f"unmatched common name of signer: {quote(signer.common_name)}")
    believed = [one for pem in authorities for one in certificates(pem)]
    if not any(signer.certified_by(one) for one in believed):
        raise Wrong("verify certificates: x509: certificate signed by unknown authority")
    document.verify()
    try:
        return str(read_json(document.content).get("vmId", ""))
    except Wrong as wrong:
        raise Wrong(f"unmarshal metadata: {wrong}") from None


class _Signed:
    """Signed data: what is signed, by whose certificate, and the proof."""

    def __init__(self, data: bytes) -> None:
        outer = read_der(data)
        if outer.part(0, OID).body != _SIGNED_DATA:
            raise Wrong("the content is not signed data")
        body = outer.part(1, _TAG_0).part(0, SEQUENCE)
        self.content = body.part(2, SEQUENCE).part(1, _TAG_0).part(0, OCTETS).body
        signers = body.parts[-1].parts
        if len(signers) != 1:
            raise Wrong(f"expected one signer, found {len(signers)}")
        self._signer = signers[0]
        self.signer = self._find(body)

    def _find(self, body: Value) -> Certificate:
        named = self._signer.part(1, SEQUENCE)
        issuer, serial = named.part(0, SEQUENCE).whole, named.part(1, INTEGER).integer
        for group in body.parts:
            if group.tag == _TAG_0:
                for one in map(Certificate.read, group.parts):
                    if (one.issuer, one.serial) == (issuer, serial):
                        return one
        raise Wrong("the signer's certificate is not in the document")

    def verify(self) -> None:
        """Returns if the signer has signed the content."""
        if self._signer.part(2, SEQUENCE).part(0, OID).body != _SHA256:
            raise Wrong("pkcs7: unsupported digest")
        signed = self.content
        attributes = self._signer.part(3)
        if attributes.tag == _TAG_0:
            if hashlib.sha256(self.content).digest() not in _digests(attributes):
                raise Wrong("pkcs7: Message digest mismatch")
            # What is signed is the attributes as a plain set, without the tag that makes them optional.
            signed = bytes([SET]) + attributes.whole[1:]
        signature = next((part.body for part in reversed(self._signer.parts) if part.tag == OCTETS), b"")
        self.signer.key.verify(signature, signed)


def _digests(attributes: Value) -> Iterator[bytes]:
    for attribute in attributes.parts:
        if attribute.part(0, OID).body == _MESSAGE_DIGEST:
            yield from (value.body for value in attribute.part(1, SET).parts)
