"""Signatures of clouds: what was signed is believed, and nothing that was changed, cut or signed by others."""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coder_nb.embedded.identity import Wrong, aws_instance, azure_instance, google_instance
from coder_nb.embedded.identity.der import read_der
from coder_nb.embedded.identity.rsa import certificates, public_key
from tests.cloud import Aws, Azure, Google, certificate, new_key, pem

AWS, AZURE, GOOGLE = Aws(), Azure(), Google()
DOCUMENT = json.dumps({"instanceId": "i-1", "region": "eu-north-1"})
NOW = datetime.now(UTC)


class TestAws:
    """The document and its signature."""

    def test_a_signed_document_names_its_instance(self) -> None:
        """Whichever of the believed certificates it was."""
        believed = [*Aws().clouds.aws, *AWS.clouds.aws]
        assert aws_instance(DOCUMENT, AWS.sign(DOCUMENT), believed) == "i-1"

    @pytest.mark.parametrize("changed", [DOCUMENT + " ", DOCUMENT.replace("i-1", "i-2"), "{}"])
    def test_a_changed_document_is_refused(self, changed: str) -> None:
        """By a byte."""
        with pytest.raises(Wrong, match="verification error"):
            aws_instance(changed, AWS.sign(DOCUMENT), AWS.clouds.aws)

    def test_without_a_certificate_nothing_is_believed(self) -> None:
        """As in the demo."""
        with pytest.raises(Wrong, match="verification error"):
            aws_instance(DOCUMENT, AWS.sign(DOCUMENT), [])

    @settings(max_examples=50)
    @given(st.binary(max_size=300))
    def test_bytes_that_are_no_signature_are_refused(self, data: bytes) -> None:
        """Of any length."""
        with pytest.raises(Wrong):
            aws_instance(DOCUMENT, base64.b64encode(data).decode(), AWS.clouds.aws)


class TestAzure:
    """The attested document: content, signer, authority."""

    @pytest.mark.parametrize("attributes", [True, False])
    def test_an_attested_document_names_its_machine(self, attributes: bool) -> None:
        """With and without signed attributes."""
        assert azure_instance(AZURE.attest({"vmId": "vm-1"}, attributes=attributes), AZURE.clouds.azure) == "vm-1"

    @pytest.mark.parametrize("name", ["metadata.azure.us", "eu.metadata.azure.com", "metadata.microsoftazure.de"])
    def test_a_signer_is_a_metadata_service(self, name: str) -> None:
        """Of one of Azure's clouds."""
        azure = Azure(name)
        assert azure_instance(azure.attest({"vmId": "vm-1"}), azure.clouds.azure) == "vm-1"

    @pytest.mark.parametrize("name", ["metadata.azure.com.evil.example", "evil-metadata.azure.com", "azure.com", ""])
    def test_another_signer_is_refused(self, name: str) -> None:
        """Although the authority certifies it."""
        azure = Azure(name or "x")
        with pytest.raises(Wrong, match="unmatched common name"):
            azure_instance(azure.attest({"vmId": "vm-1"}), azure.clouds.azure)

    def test_another_authority_is_refused(self) -> None:
        """Although it calls itself the same."""
        with pytest.raises(Wrong, match="unknown authority"):
            azure_instance(AZURE.attest({"vmId": "vm-1"}), Azure().clouds.azure)

    @pytest.mark.parametrize("attributes", [True, False])
    def test_a_changed_document_is_refused(self, attributes: bool) -> None:
        """By one letter of its content."""
        data = base64.b64decode(AZURE.attest({"vmId": "vm-1"}, attributes=attributes))
        changed = data.replace(b'"vm-1"', b'"vm-2"')
        assert changed != data
        with pytest.raises(Wrong, match=r"mismatch|verification error"):
            azure_instance(base64.b64encode(changed).decode(), AZURE.clouds.azure)

    @settings(max_examples=300, deadline=None)
    @given(st.data())
    def test_a_document_with_a_wrong_byte_never_names_another_machine(self, data: st.DataObject) -> None:
        """It is refused, or the byte is one that nothing depends on."""
        document = bytearray(base64.b64decode(DAMAGED))
        place = data.draw(st.integers(0, len(document) - 1))
        document[place] ^= data.draw(st.integers(1, 255))
        with suppress(Wrong):
            assert azure_instance(base64.b64encode(document).decode(), AZURE.clouds.azure) == "vm-1"

    @settings(max_examples=100, deadline=None)
    @given(st.binary(max_size=200))
    def test_bytes_that_are_no_document_are_refused(self, data: bytes) -> None:
        """With a reason, not with a crash."""
        with pytest.raises(Wrong):
            azure_instance(base64.b64encode(data).decode(), AZURE.clouds.azure)


DAMAGED = AZURE.attest({"vmId": "vm-1"})


class TestGoogle:
    """The token: form, time, algorithm, key, signature."""

    def test_a_token_in_the_full_format_names_its_instance(self) -> None:
        """In the short one it names none."""
        assert google_instance(GOOGLE.token("42"), GOOGLE.clouds.google, NOW) == "42"
        assert google_instance(GOOGLE.token(None), GOOGLE.clouds.google, NOW) == ""

    def test_an_expired_token_is_refused_before_its_signature_is_looked_at(self) -> None:
        """Nobody's key is needed for that."""
        past = int(NOW.timestamp()) - 60
        with pytest.raises(Wrong, match=f"token expired: now=[0-9]+, expires={past}"):
            google_instance(GOOGLE.token("42", expires=past), {}, NOW)

    @pytest.mark.parametrize("algorithm", ["HS256", "none", ""])
    def test_an_algorithm_that_anybody_could_sign_with_is_refused(self, algorithm: str) -> None:
        """Whatever the signature is."""
        with pytest.raises(Wrong, match="expected JWT signed with RS256 or ES256 but found"):
            google_instance(GOOGLE.token("42", alg=algorithm), GOOGLE.clouds.google, NOW)

    def test_another_key_is_refused(self) -> None:
        """Of another name, or of the same."""
        with pytest.raises(Wrong, match="could not find matching cert keyId"):
            google_instance(GOOGLE.token("42", kid="k2"), GOOGLE.clouds.google, NOW)
        with pytest.raises(Wrong, match="verification error"):
            google_instance(GOOGLE.token("42"), Google().clouds.google, NOW)

    def test_changed_claims_are_refused(self) -> None:
        """Under the old signature."""
        head, _, signature = GOOGLE.token("42").split(".")
        other = GOOGLE.token("43").split(".")[1]
        with pytest.raises(Wrong, match="verification error"):
            google_instance(f"{head}.{other}.{signature}", GOOGLE.clouds.google, NOW)

    @settings(max_examples=200, deadline=None)
    @given(st.text(max_size=100))
    def test_text_that_is_no_token_is_refused(self, text: str) -> None:
        """With a reason, not with a crash."""
        with pytest.raises(Wrong):
            google_instance(text, GOOGLE.clouds.google, NOW)


class TestKeys:
    """Certificates and public keys, as the configuration has them."""

    def test_a_certificate_is_read_as_cryptography_wrote_it(self) -> None:
        """Its name, its number, its key, and who certifies it."""
        authority, key = new_key(), new_key()
        root = certificate(authority, "Root")
        leaf = certificate(key, "leaf.example", root, authority)
        (read,) = certificates(pem(leaf))
        assert (read.common_name, read.serial) == ("leaf.example", leaf.serial_number)
        numbers = key.public_key().public_numbers()
        assert (read.key.modulus, read.key.exponent) == (numbers.n, numbers.e)
        (above,) = certificates(pem(root))
        assert read.certified_by(above) and above.certified_by(above) and not above.certified_by(read)

    def test_text_that_is_no_key_is_a_mistake_in_the_configuration(self) -> None:
        """Said where it is read."""
        with pytest.raises(ValueError, match="PEM"):
            public_key("no key")
        with pytest.raises(ValueError, match="PEM"):
            public_key("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----")

    @settings(max_examples=200)
    @given(st.binary(max_size=40))
    def test_bytes_are_a_value_or_wrong(self, data: bytes) -> None:
        """Nothing is read beyond what is there."""
        try:
            value = read_der(data)
        except Wrong:
            return
        assert data.startswith(value.whole) and value.whole.endswith(value.body)
