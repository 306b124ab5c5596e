"""Asking an agent itself, not what is stored about it: only a connected one, and not for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar

from coder_nb.embedded.calls.found import Found
from coder_nb.embedded.http.exchange import refuse
from coder_nb.embedded.liveness import presence
from coder_nb.embedded.state import AgentError
from coder_nb.embedded.wire.text import quote

__all__ = ["ask", "dial"]

T = TypeVar("T")

DIAL_SECONDS: Final = 30.0


async def dial(it: Found, question: Callable[[], T]) -> T:
    """What an agent answers; its errors are passed on as they are.

    Raises:
        Refusal: 400 for an agent that is not connected, 500 for one that says nothing, or the agent's own.
    """
    try:
        return await ask(it, question)
    except AgentError as error:
        raise refuse(error.status, error.message, detail=error.detail) from None


async def ask(it: Found, question: Callable[[], T]) -> T:
    """What an agent answers, for a call that words the agent's errors itself.

    Raises:
        AgentError: the agent's own.
        Refusal: 400 for an agent that is not connected, 500 for one that says nothing.
    """
    status = presence(it.agent, it.workspace.clock.now()).status
    if status != "connected":
        raise refuse(400, f'Agent state is {quote(status)}, it must be in the "connected" state.')
    try:
        # On a thread: it may read the process table or wait for a container engine.
        async with asyncio.timeout(DIAL_SECONDS):
            return await asyncio.to_thread(question)
    except TimeoutError:
        raise refuse(500, "Internal error dialing workspace agent.", detail="agent is unreachable") from None
