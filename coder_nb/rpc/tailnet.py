"""A user's session: whose workspaces change, the relays, and where agents can be reached. Only reads."""

from __future__ import annotations

from coder_nb.rpc import records
from coder_nb.rpc.call import Answers, Calls
from coder_nb.rpc.codec import methods
from coder_nb.rpc.coordinate import Coordination
from coder_nb.rpc.records import Relays, WorkspaceUpdate, uuid16

__all__ = ["Tailnet", "derp_maps"]


class Tailnet(Calls):
    """The calls of the tailnet endpoint."""

    def workspace_updates(self, owner_id: str) -> Answers[WorkspaceUpdate]:
        """One owner's workspaces that this user may see: all of them at once, and then what changes.

        It tells names, statuses and which agents there are, and nothing else; silence is normal for hours. An owner who
        does not exist has no workspaces.

        Args:
            owner_id: the user's uuid.
        Raises:
            Invalid: not a uuid; nothing was sent.
        """
        from coder_nb.rpc.codec import tailnet_pb2 as wire

        request = wire.WorkspaceUpdatesRequest(workspace_owner_id=uuid16(owner_id))
        return self.stream(methods.WORKSPACE_UPDATES, request, _update)

    def derp_maps(self) -> Answers[Relays]:
        """The relays, at once and then whenever they are others."""
        return derp_maps(self)

    def coordinate(self) -> Coordination:
        """Where agents can be reached; any agent whose terminal this user may open."""
        return Coordination(self)


def derp_maps(calls: Calls) -> Answers[Relays]:
    """The relays, on any endpoint."""
    from coder_nb.rpc.codec import tailnet_pb2 as wire

    return calls.stream(methods.DERP_MAPS, wire.StreamDERPMapsRequest(), _relays)


def _update(data: bytes) -> WorkspaceUpdate:
    from coder_nb.rpc.codec import tailnet_pb2 as wire

    return records.workspace_update(wire.WorkspaceUpdate.FromString(data))


def _relays(data: bytes) -> Relays:
    from coder_nb.rpc.codec import tailnet_pb2 as wire

    return records.relays(wire.DERPMap.FromString(data))
