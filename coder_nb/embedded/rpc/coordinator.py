"""The coordinator: where connected agents can be reached, and that they are gone, to whoever asks about them."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from coder_nb.embedded.liveness import presence
from coder_nb.embedded.rpc.call import Call
from coder_nb.embedded.rpc.nodes import node
from coder_nb.embedded.site import Site
from coder_nb.embedded.state import Agent, Changes, Workspace
from coder_nb.embedded.streams.wake import Wake

if TYPE_CHECKING:
    from coder_nb.rpc.codec import tailnet_pb2 as wire

__all__ = ["Known", "Unauthorized", "coordinate"]

NODE: Final = 1
DISCONNECTED: Final = 2
LOST: Final = 3
LOOK: Final = 1.0
_LEAVING: Final = frozenset({"shutting_down", "shutdown_timeout", "shutdown_error", "off"})

Known = Callable[[str], tuple[Workspace, Agent]]
"""The agent with an id, for this client; raises `Unauthorized`."""


class Unauthorized(Exception):
    """A client asks about an agent that is not for it; the text is what it is told."""


async def coordinate(site: Site, known: Known, call: Call) -> None:
    """Answers Coordinate until the client says goodbye, or asks for what it must not."""
    from coder_nb.rpc.codec import tailnet_pb2 as wire

    talk = _Talk(site, known, call)
    watch = asyncio.ensure_future(talk.watch())
    try:
        await talk.listen()
    except Unauthorized as error:
        await call.say(wire.CoordinateResponse(error=f"authorization: {error}"))
    finally:
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)


@dataclass
class _Talk:
    """`asked` are the agents asked about, `told` the key that was last told of those that are connected."""

    site: Site
    known: Known
    call: Call
    asked: dict[str, tuple[Workspace, Agent]] = field(default_factory=dict)
    told: dict[str, bytes] = field(default_factory=dict)
    more: Changes = field(default_factory=Changes)

    async def listen(self) -> None:
        """Takes what the client asks."""
        from coder_nb.rpc.codec import tailnet_pb2 as wire

        while (message := await self.call.next()) is not None:
            request = wire.CoordinateRequest.FromString(message)
            # All of a request is looked at before any of it is done.
            added = self._id("add tunnel", request.add_tunnel.id) if request.HasField("add_tunnel") else None
            if added is not None:
                self.asked[added] = self.known(added)
                await self._tell(added, "add tunnel")
                self.more.tell()
            if request.HasField("remove_tunnel"):
                removed = self._id("remove tunnel", request.remove_tunnel.id)
                self.asked.pop(removed, None)
                if self.told.pop(removed, None) is not None:
                    await self._say(removed, DISCONNECTED, "remove tunnel")
            if request.HasField("disconnect"):
                return

    async def watch(self) -> None:
        """Tells what becomes of the agents."""
        while True:
            with Wake(self.more.listen, *(workspace.changes.listen for workspace, _ in self.asked.values())) as wake:
                for id in list(self.asked):
                    await self._tell(id, "node update")
                await wake.within(LOOK * self.site.second)

    async def _tell(self, id: str, why: str) -> None:
        if id not in self.asked:
            return
        workspace, agent = self.asked[id]
        if presence(agent, workspace.clock.now()).status == "connected":
            made = node(workspace, agent)
            if self.told.get(id) != made.key:
                self.told[id] = made.key
                await self._say(id, NODE, why, made)
        elif self.told.pop(id, None) is not None:
            if agent.lifecycle_state in _LEAVING:
                await self._say(id, DISCONNECTED, "graceful disconnect")
            else:
                await self._say(id, LOST, "lost")

    async def _say(self, id: str, kind: int, reason: str, made: wire.Node | None = None) -> None:
        from coder_nb.rpc.codec import tailnet_pb2 as wire

        update = wire.CoordinateResponse.PeerUpdate(id=uuid.UUID(id).bytes, node=made, kind=kind, reason=reason)
        await self.call.say(wire.CoordinateResponse(peer_updates=[update]))

    def _id(self, what: str, data: bytes) -> str:
        if len(data) != 16:
            raise Unauthorized(f"parse {what} id: invalid UUID (got {len(data)} bytes)")
        return str(uuid.UUID(bytes=data))
