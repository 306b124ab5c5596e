"""Clouds for tests: each has a key of its own, signs what instances say of themselves, and says whom to believe."""

from __future__ import annotations

import base64
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID

from coder_nb.embedded.state import Clouds

PEM = serialization.Encoding.PEM


def new_key() -> rsa.RSAPrivateKey:
    """An RSA key."""
    return rsa.generate_private_key(65537, 2048)


def certificate(
    key: rsa.RSAPrivateKey, name: str, issuer: x509.Certificate | None = None, by: rsa.RSAPrivateKey | None = None
) -> x509.Certificate:
    """A certificate for a key; without an issuer by itself."""
    subject = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "SE"), x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer.subject if issuer else subject)
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    return builder.sign(by or key, hashes.SHA256())


def pem(of: x509.Certificate) -> str:
    """As text."""
    return of.public_bytes(PEM).decode()


class Aws:
    """Signs identity documents."""

    def __init__(self) -> None:
        self._key = new_key()
        self.clouds = Clouds(aws=[pem(certificate(self._key, "ec2.amazonaws.com"))])

    def sign(self, document: str) -> str:
        """The signature, in lines, as the metadata service gives it."""
        return base64.encodebytes(self._key.sign(document.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()


class Azure:
    """Attests documents, by a signer that an authority certifies."""

    def __init__(self, signer: str = "metadata.azure.com") -> None:
        authority = new_key()
        root = certificate(authority, "Test authority")
        self._key = new_key()
        self._certificate = certificate(self._key, signer, root, authority)
        self.clouds = Clouds(azure=[pem(root)])

    def attest(self, fields: dict[str, Any], *, attributes: bool = True) -> str:
        """An attested document."""
        options = [pkcs7.PKCS7Options.Binary]
        if not attributes:
            options.append(pkcs7.PKCS7Options.NoAttributes)
        builder = pkcs7.PKCS7SignatureBuilder().set_data(json.dumps(fields).encode())
        builder = builder.add_signer(self._certificate, self._key, hashes.SHA256())
        return base64.b64encode(builder.sign(serialization.Encoding.DER, options)).decode()


class Google:
    """Gives identity tokens."""

    def __init__(self) -> None:
        self._key = new_key()
        public = self._key.public_key().public_bytes(PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        self.clouds = Clouds(google={"k1": public.decode()})

    def token(self, instance: str | None, *, expires: int | None = None, **header: str) -> str:
        """A token in the full format; without an instance in the short one."""
        claims: dict[str, Any] = {"aud": "coder", "exp": expires or int(time.time()) + 3600}
        if instance is not None:
            claims["google"] = {"compute_engine": {"instance_id": instance}}
        parts = [_part({"alg": "RS256", "kid": "k1", "typ": "JWT"} | header), _part(claims)]
        signed = ".".join(parts).encode()
        return ".".join([*parts, _url(self._key.sign(signed, padding.PKCS1v15(), hashes.SHA256()))])


def _part(value: object) -> str:
    return _url(json.dumps(value).encode())


def _url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
