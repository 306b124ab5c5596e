"""What an agent measures of its workspace: CPU, memory, disk and whatever the template declares. `api.metadata`."""

from __future__ import annotations

from datetime import datetime

from coder_nb.api.resource import Record, Resource
from coder_nb.credentials import Secret

__all__ = ["NEVER", "Metadata", "MetadataDescription", "MetadataItem", "MetadataResult"]

NEVER = 9_223_372_036
"""The age, in seconds, of what was never collected."""


class MetadataResult(Record, frozen=True, kw_only=True):
    """The newest value: at most 2,048 bytes, as the script printed it, so it may end in a newline.

    `age` is in seconds, `NEVER` before the first run. A script that failed has both: its words, and `error`.
    """

    collected_at: datetime
    age: int = 0
    value: str = ""
    error: str = ""


class MetadataDescription(Record, frozen=True, kw_only=True):
    """What is measured: `interval` and `timeout` in seconds; interval 0 means once a start of the agent."""

    key: str
    display_name: str = ""
    script: Secret = Secret("")
    interval: int = 0
    timeout: int = 0


class MetadataItem(Record, frozen=True, kw_only=True):
    """One thing measured, and its newest value."""

    description: MetadataDescription
    result: MetadataResult


class Metadata(Resource):
    """Calls on metadata."""
