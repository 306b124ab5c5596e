"""Ids, numbers and pages as a Go server reads them."""

from __future__ import annotations

import pytest

from coder_nb.embedded.http.exchange import Refusal, Request
from coder_nb.embedded.http.params import BadValue, Page, integer, pagination, rfc3339, uuid_text

ID = "ecdc56ae-5818-44c3-a8bf-2e3854feac9e"


@pytest.mark.parametrize("text", [ID, ID.upper(), f"{{{ID}}}", f"urn:uuid:{ID}", ID.replace("-", "")])
def test_every_form_of_a_uuid_is_understood(text: str) -> None:
    """Braces, URN, capitals and missing dashes give the same id."""
    assert uuid_text(text) == ID


@pytest.mark.parametrize("text", ["", "x", ID[:-1], f"{ID[:-1]}g", f"({ID})", f"urn:xxxx:{ID}", f"{ID} "])
def test_what_is_no_uuid_is_refused(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(BadValue):
        uuid_text(text)


@pytest.mark.parametrize("text", ["1.5", "", " 1", "1_000", "0x1", "９", "9223372036854775808", "9" * 5000])
def test_what_is_no_64_bit_integer_is_refused(text: str) -> None:
    """Python's own int() would take some of these."""
    with pytest.raises(BadValue):
        integer(text)


@pytest.mark.parametrize("text", ["2026-01-01", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z", "2026-01-01 00:00:00Z"])
def test_a_time_needs_its_offset(text: str) -> None:
    """Half a time is none."""
    with pytest.raises(BadValue):
        rfc3339(text)


def test_a_page_cuts_a_list_and_zero_means_all() -> None:
    """Limit 0 is no limit; an offset beyond the end is an empty page."""
    items = [1, 2, 3, 4, 5]
    assert Page(0, 0, "").cut(items) == items
    assert Page(2, 1, "").cut(items) == [2, 3]
    assert Page(0, 3, "").cut(items) == [4, 5]
    assert Page(2, 9, "").cut(items) == []


def test_every_bad_parameter_of_a_page_is_reported() -> None:
    """One 400 names them all; an empty value counts as absent."""
    assert pagination(Request("GET", "/", "limit=&offset=", {})) == Page(0, 0, "")
    with pytest.raises(Refusal) as refused:
        pagination(Request("GET", "/", "limit=2147483648&offset=-1&after_id=x", {}))
    assert refused.value.reply.body.count(b'"field"') == 3
    assert b"value out of range" in refused.value.reply.body
