"""Random names have the form that servers and shells want."""

from __future__ import annotations

import re
import uuid

from coder_nb.remote import identity


def test_a_session_is_a_random_uuid() -> None:
    """Version 4, as it is written, and never the same."""
    made = {identity.session() for _ in range(100)}
    assert len(made) == 100
    for text in made:
        found = uuid.UUID(text)
        assert (str(found), found.version, found.variant) == (text, 4, uuid.RFC_4122)


def test_a_nonce_is_32_hex_digits() -> None:
    """Leading zeros too."""
    made = {identity.nonce() for _ in range(1000)}
    assert len(made) == 1000
    assert all(re.fullmatch("[0-9a-f]{32}", text) for text in made)
