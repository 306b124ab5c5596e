"""Input in objects of any size."""

from __future__ import annotations

import hashlib
import json
import random
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from tests.embedded.raw import RawSocket

if TYPE_CHECKING:
    from tests.embedded.conftest import Small


@pytest.mark.parametrize("pieces", [1, 7])
@pytest.mark.parametrize("size", [65_535, 65_536, 1_000_000, 10_000_000])
def test_one_large_object_arrives_whole(dial: Callable[..., RawSocket], small: Small, size: int, pieces: int) -> None:
    """In one message, or over several."""
    agent = small.workspace("dev").latest.agents[0]
    command = f"#!/bin/sh\nstty raw -echo; echo go; head -c {size} | sha256sum"
    query = urlencode({"reconnect": str(uuid.uuid4()), "command": command})
    raw = dial(f"/workspaceagents/{agent.id}/pty?{query}")
    assert raw.next("binary").data == b"go\n"
    block = "".join(random.Random(size).choices('abc"\\{}[]\x01\n', k=300)) + "x" * 5_000
    text = (block * (size // len(block) + 1))[:size]
    message = json.dumps({"data": text}).encode()
    step = -(-len(message) // pieces)
    for start in range(0, len(message), step):
        raw.send("binary", message[start : start + step])
    assert raw.next("binary").data.split()[0] == hashlib.sha256(text.encode()).hexdigest().encode()
