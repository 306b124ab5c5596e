"""An agent's log as a server would send it: batches of one time and source, levels, colours, progress bars."""

from __future__ import annotations

import json
import random
from datetime import datetime, timedelta
from uuid import UUID

__all__ = ["SOURCES", "body"]

_SEED = random.Random(7)
SOURCES = {
    str(UUID(int=_SEED.getrandbits(128))): name for name in ("Startup script", "Dotfiles", "Dev container", "External")
}
_WORDS = (
    *("fetch", "resolve", "layer", "cache", "object", "receiving", "compressing", "install", "module", "package"),
    *("build", "test", "passed", "failed", "warning", "retry", "connect", "registry", "timeout", "artifact"),
    *("checksum", "verified", "download", "extracted", "workspace"),
)
_LEVELS = ("trace", "debug", "info", "warn", "error")


def body(lines: int) -> bytes:
    """The JSON of so many lines, about 203 bytes each; the same for the same number."""
    draw = random.Random(lines)
    texts = [_text(draw) for _ in range(5000)]
    time, source, left, number = datetime(2026, 11, 23, 9), "", 0, 0
    made = []
    for _ in range(lines):
        if not left:
            left = draw.randint(20, 200)
            time += timedelta(seconds=1, microseconds=draw.randint(0, 90_000))
            source = draw.choice(list(SOURCES))
        left -= 1
        number += draw.choice((1, 1, 1, 2, 5))
        level = draw.choices(_LEVELS, (1, 5, 80, 8, 6))[0]
        output = f"{draw.choice(texts)} {number}"
        stamp = f"{time.isoformat()}Z"
        made.append({"id": number, "created_at": stamp, "output": output, "level": level, "source_id": source})
    return json.dumps(made, separators=(",", ":"), ensure_ascii=False).encode()


def _text(draw: random.Random) -> str:
    text = " ".join(draw.choices(_WORDS, k=draw.randint(4, 13)))
    kind = draw.random()
    if kind < 0.10:
        return f"\x1b[32m{text}\x1b[0m"
    if kind < 0.12:
        return f"10%\r50%\r{text}"
    return f"{text} ✓" if kind < 0.15 else text
