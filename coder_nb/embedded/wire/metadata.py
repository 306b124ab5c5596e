"""An agent's metadata: what each item is and what it was when it was last collected."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from coder_nb.embedded.state import MetadataItem
from coder_nb.embedded.wire.text import NO_TIME, Json, time

__all__ = ["NEVER", "metadata"]

NEVER: Final = 9223372036
"""The age in seconds of what has never been collected: as many as fit into 64 bits of nanoseconds."""


def metadata(items: Iterable[MetadataItem], now: datetime) -> Json:
    """WorkspaceAgentMetadata[], in the order of the template.

    Args:
        items: an agent's.
        now: the time ages are counted to, in whole seconds.
    """
    return [
        {
            "result": {
                "collected_at": NO_TIME if item.collected_at is None else time(item.collected_at),
                "age": NEVER if item.collected_at is None else int((now - item.collected_at).total_seconds()),
                "value": item.value,
                "error": item.error,
            },
            "description": {
                "display_name": item.display_name,
                "key": item.key,
                "script": item.script,
                "interval": item.interval,
                "timeout": item.timeout,
            },
        }
        for item in items
    ]
