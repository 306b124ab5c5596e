"""RSA signatures, PKCS #1 version 1.5: checked, never made, so that nothing here is a secret.

Keys come from PEM, as certificates or alone.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hmac import compare_digest
from typing import Final

from coder_nb.embedded.identity.der import INTEGER, NULL, OCTETS, OID, SEQUENCE, Value, oid, read_der
from coder_nb.embedded.identity.wrong import Wrong

__all__ = ["Certificate", "PublicKey", "certificates", "public_key"]

_RSA: Final = oid("1.2.840.113549.1.1.1")
_COMMON_NAME: Final = oid("2.5.4.3")
_DIGESTS: Final = {"sha256": oid("2.16.840.1.101.3.4.2.1"), "sha384": oid("2.16.840.1.101.3.4.2.2")}
_SIGNED_WITH: Final = {oid("1.2.840.113549.1.1.11"): "sha256", oid("1.2.840.113549.1.1.12"): "sha384"}
_VERSION_TAG: Final = 0xA0
_PEM: Final = re.compile(r"-----BEGIN ([A-Z ]+)-----(.*?)-----END \1-----", re.DOTALL)


@dataclass(frozen=True)
class PublicKey:
    """An RSA key."""

    modulus: int
    exponent: int

    def verify(self, signature: bytes, message: bytes, digest: str = "sha256") -> None:
        """Returns if the key's owner has signed the message.

        Raises:
            Wrong: not they, or not this message.
        """
        size = (self.modulus.bit_length() + 7) // 8
        number = int.from_bytes(signature, "big")
        expected = _padded(hashlib.new(digest, message).digest(), digest, size)
        if len(signature) == size and number < self.modulus:
            found = pow(number, self.exponent, self.modulus).to_bytes(size, "big")
            if compare_digest(found, expected):
                return
        raise Wrong("crypto/rsa: verification error")


@dataclass(frozen=True)
class Certificate:
    """An X.509 certificate, as far as it matters here; `serial` and `issuer` name it within a signed document."""

    common_name: str
    serial: int
    issuer: bytes
    subject: bytes
    key: PublicKey
    signed: bytes
    signature: bytes
    digest: str

    @classmethod
    def read(cls, value: Value) -> Certificate:
        """From its encoding."""
        body = value.part(0, SEQUENCE)
        skip = 1 if body.part(0).tag == _VERSION_TAG else 0
        subject = body.part(skip + 4, SEQUENCE)
        return cls(
            common_name=_common_name(subject),
            serial=body.part(skip, INTEGER).integer,
            issuer=body.part(skip + 2, SEQUENCE).whole,
            subject=subject.whole,
            key=_key(body.part(skip + 5, SEQUENCE)),
            signed=body.whole,
            signature=value.part(2).body[1:],
            digest=_SIGNED_WITH.get(value.part(1, SEQUENCE).part(0, OID).body, ""),
        )

    def certified_by(self, other: Certificate) -> bool:
        """Whether the other's owner has signed this certificate."""
        if self.issuer != other.subject or not self.digest:
            return False
        try:
            other.key.verify(self.signature, self.signed, self.digest)
        except Wrong:
            return False
        return True


def certificates(pem: str) -> list[Certificate]:
    """The certificates in a PEM text.

    Raises:
        ValueError: one cannot be read.
    """
    with _configured():
        return [Certificate.read(value) for kind, value in _values(pem) if kind == "CERTIFICATE"]


def public_key(pem: str) -> PublicKey:
    """The key in a PEM text: a public key, or that of a certificate.

    Raises:
        ValueError: there is none.
    """
    with _configured():
        for kind, value in _values(pem):
            return _key(value) if kind == "PUBLIC KEY" else Certificate.read(value).key
    raise ValueError("no public key in PEM form")


@contextmanager
def _configured() -> Iterator[None]:
    """What is wrong in here is the configuration's fault, not that of who asks."""
    try:
        yield
    except (binascii.Error, Wrong) as error:
        raise ValueError(f"not a key or certificate in PEM form: {error}") from None


def _values(pem: str) -> list[tuple[str, Value]]:
    return [(kind, read_der(base64.b64decode(body))) for kind, body in _PEM.findall(pem)]


def _key(info: Value) -> PublicKey:
    if info.part(0, SEQUENCE).part(0, OID).body != _RSA:
        raise Wrong("x509: unsupported public key: only RSA keys are")
    # A bit string begins with the number of its unused bits.
    numbers = read_der(info.part(1).body[1:])
    return PublicKey(numbers.part(0, INTEGER).integer, numbers.part(1, INTEGER).integer)


def _common_name(subject: Value) -> str:
    for group in subject.parts:
        for pair in group.parts:
            if pair.part(0, OID).body == _COMMON_NAME:
                return pair.part(1).body.decode("utf-8", "replace")
    return ""


def _padded(digest: bytes, name: str, size: int) -> bytes:
    """What a signature of this digest decrypts to."""
    algorithm = _tagged(SEQUENCE, _tagged(OID, _DIGESTS[name]) + _tagged(NULL, b""))
    info = _tagged(SEQUENCE, algorithm + _tagged(OCTETS, digest))
    return b"\x00\x01" + b"\xff" * (size - len(info) - 3) + b"\x00" + info


def _tagged(tag: int, body: bytes) -> bytes:
    return bytes([tag, len(body)]) + body
