"""Request bodies as a Go server reads them."""

from __future__ import annotations

import json

import pytest

from coder_nb.embedded.http.body import read_object
from coder_nb.embedded.http.exchange import Refusal, Request

FIELDS = {"name": "string", "lifetime": "time.Duration"}


def read(body: bytes) -> dict[str, str | int]:
    """What is read from a body."""
    return read_object(Request("POST", "/", "", {}, body), "Thing", FIELDS)


@pytest.mark.parametrize("body", [b"{}", b"null", b' {"name": null} ', b'{"other": [1]}', b"{} trailing"])
def test_absent_fields_have_their_zero_values(body: bytes) -> None:
    """Null, unknown fields and what follows the value are ignored."""
    assert read(body) == {"name": "", "lifetime": 0}


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", "EOF"),
        (b"{", "unexpected EOF"),
        (b'{"name": "a', "unexpected EOF"),
        (b"x", "invalid character 'x' looking for beginning of value"),
        (b"[1]", "json: cannot unmarshal array into Go value of type codersdk.Thing"),
        (b'{"name": 1}', "json: cannot unmarshal number into Go struct field Thing.name of type string"),
        (b'{"name": {}}', "json: cannot unmarshal object into Go struct field Thing.name of type string"),
        (
            b'{"lifetime": "1h"}',
            "json: cannot unmarshal string into Go struct field Thing.lifetime of type time.Duration",
        ),
        (
            b'{"lifetime": true}',
            "json: cannot unmarshal bool into Go struct field Thing.lifetime of type time.Duration",
        ),
        (b"[" * 100_000, "invalid character"),
    ],
)
def test_a_body_that_does_not_fit_is_refused_with_the_decoders_text(body: bytes, detail: str) -> None:
    """400, the same message for all, and the reason as its detail."""
    with pytest.raises(Refusal) as refused:
        read(body)
    answer = json.loads(refused.value.reply.body)
    assert answer["message"] == "Request body must be valid JSON."
    assert answer["detail"].startswith(detail)
