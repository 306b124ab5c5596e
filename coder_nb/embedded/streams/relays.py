"""The relays of the deployment, looked at every five seconds and told when they are others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable

from coder_nb.embedded.wire.text import Json

__all__ = ["relays"]

LOOK = 5


async def relays(look: Callable[[], Json], *, second: float) -> AsyncGenerator[Json]:
    """DERP maps.

    Args:
        look: gives the map as it is.
        second: how long a second is.
    """
    told = None
    while True:
        now = look()
        if now != told:
            told = now
            yield now
        await asyncio.sleep(LOOK * second)
