"""The terminal's large JavaScript, which a page asks for once: gzipped, and named by its hash. In no widget's state."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

__all__ = ["bundle", "bundle_hash"]


@cache
def bundle() -> bytes:
    """It, as gzip."""
    return (Path(__file__).with_name("static") / "terminal-bundle.js.gz").read_bytes()


@cache
def bundle_hash() -> str:
    """What it is known by in a page."""
    return hashlib.sha256(bundle()).hexdigest()[:16]
