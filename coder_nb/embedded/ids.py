"""Names to ids, the same on every machine: a scenario has no random number in it that its names do not decide."""

from __future__ import annotations

import hashlib
import uuid
from typing import Final

__all__ = ["container_id", "uid"]

_NAMESPACE: Final = uuid.UUID("6c1e0a5e-8f5d-5c33-9f0e-8d0a3a1f7b42")


def uid(*names: object) -> str:
    """The uuid of the thing with this path of names."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(map(str, names))))


def container_id(*names: object) -> str:
    """A container engine's id, 64 hexadecimal digits."""
    return hashlib.sha256("/".join(map(str, names)).encode()).hexdigest()
