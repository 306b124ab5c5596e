"""The stream of objects that clients type: what it says, and what is no such stream."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coder_nb.embedded.terminals.typed import Input, Malformed, Typed

SIDES = st.integers(0, 65535)
OBJECTS = st.fixed_dictionaries({}, optional={"data": st.text(max_size=20), "width": SIDES, "height": SIDES})


@given(st.lists(OBJECTS, max_size=5), st.integers(1, 40), st.booleans())
def test_borders_of_messages_mean_nothing(objects: list[dict[str, object]], step: int, ascii_only: bool) -> None:
    """Cut anywhere, within characters and escapes too, the stream says the same."""
    stream = "\n".join(json.dumps(value, ensure_ascii=ascii_only) for value in objects).encode("utf-8", "replace")
    typed = Typed()
    found = [it for start in range(0, len(stream), step) for it in typed.feed(stream[start : start + step])]
    assert found == [it for value in objects for it in Typed().feed(json.dumps(value).encode())]
    assert len(found) == len(objects)


@pytest.mark.parametrize(
    ("text", "inputs"),
    [
        ('{"data":"ls\\r"}', [Input(b"ls\r")]),
        ('{"data":"a"}{"data":"b"}\n {"data":"c"}', [Input(b"a"), Input(b"b"), Input(b"c")]),
        ('{"width":120,"height":40}', [Input(size=(120, 40))]),
        ('{"data":"x","width":77,"height":20}', [Input(b"x", (77, 20))]),
        ('{"width":50,"height":0}', [Input()]),
        ('{"width":50}', [Input()]),
        ('{"DATA":"x","Width":1,"hEIGHT":2}', [Input(b"x", (1, 2))]),
        ('{"other":[{"data":"}"}],"data":"y"}', [Input(b"y")]),
        ("null {} null", [Input(), Input(), Input()]),
        ('{"data":null,"width":null}', [Input()]),
        ('{"data":"\\ud800\\ud83d\\ude00"}', [Input("\ufffd😀".encode())]),
        ('{"data":"\\"}{\\\\"}', [Input(b'"}{\\')]),
    ],
)
def test_an_object_says_what_to_write_and_what_size_to_take(text: str, inputs: list[Input]) -> None:
    """Names in any case, unknown ones passed over; one side alone is no size."""
    assert list(Typed().feed(text.encode())) == inputs


def test_bytes_that_are_no_text_become_replacement_characters() -> None:
    """As a decoder of JSON in UTF-8 has it."""
    assert list(Typed().feed(b'{"data":"\xff"}')) == [Input("\ufffd".encode())]


@pytest.mark.parametrize(
    "text",
    [
        "not json",
        "[]",
        '"x"',
        "5",
        "nul!",
        "}",
        '{"data":5}',
        '{"data":["x"]}',
        '{"width":-1,"height":5}',
        '{"width":65536,"height":5}',
        '{"width":1.0,"height":5}',
        '{"width":true,"height":5}',
        '{"width":"80","height":5}',
        '{"data":"a" "b"}',
        '{"data":"\n"}',
    ],
)
def test_anything_else_is_malformed(text: str) -> None:
    """Found out with its last byte at the latest, after what was good before."""
    found = []
    with pytest.raises(Malformed):
        for it in Typed().feed(b'{"data":"good"}' + text.encode()):
            found.append(it)
    assert found == [Input(b"good")]


def test_a_large_object_in_many_pieces_is_looked_at_once() -> None:
    """Ten million bytes in messages of 32 KiB take no longer than in one."""
    typed = Typed()
    stream = json.dumps({"data": "x" * 10_000_000}).encode()
    found = [it for start in range(0, len(stream), 32768) for it in typed.feed(stream[start : start + 32768])]
    assert found == [Input(b"x" * 10_000_000)]
