"""Bodies are readable in a cassette where they can be, and come out as they went in."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coder_nb.errors import ConfigurationError
from coder_nb.transport.cassette.bodies import compact, pack, unpack
from coder_nb.transport.cassette.names import Names
from coder_nb.transport.cassette.redaction import Redaction

PLAIN = Redaction(Names())
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text('ab<>&é\u2028\n"\\ ') | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("kéy", max_size=3), inner, max_size=4),
)


@given(st.binary(max_size=60) | st.text(max_size=40).map(lambda text: text.encode("utf-8", "replace")))
def test_bytes_come_out_as_they_went_in(data: bytes) -> None:
    """Text, JSON that is none of Coder's, and what is no text."""
    assert unpack(json.loads(json.dumps(pack(data, PLAIN)))) == data


@given(VALUES.filter(lambda value: isinstance(value, dict | list)), st.sampled_from(["", "\n"]))
def test_coders_json_is_kept_as_json(value: object, end: str) -> None:
    """So that a cassette can be read and compared; with or without the line's end that Go writes."""
    data = (compact(value) + end).encode()
    packed = pack(data, PLAIN)
    assert isinstance(packed, dict) and set(packed) == {"line" if end else "json"}
    assert unpack(json.loads(json.dumps(packed))) == data


def test_json_with_a_secret_is_json_without_it() -> None:
    """However it was written."""
    packed = pack(b'{ "password":  "hunter2-hunter2" }', PLAIN)
    assert unpack(packed) == b'{"password":"****"}'


@pytest.mark.parametrize("packed", [None, 7, {"xml": "x"}, {"base64": "?"}, {"base64": 3}])
def test_what_nobody_packs_is_refused(packed: object) -> None:
    """A cassette may have been edited."""
    with pytest.raises(ConfigurationError):
        unpack(packed)
