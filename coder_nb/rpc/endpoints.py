"""The three endpoints, and which calls may be made at each: a call that is not listed is never sent.

A server serves more of them, and some end it: an agent's connection that asks for workspace updates or a resume token
brings the whole server down, one that coordinates takes the real agent's place. Messages that do so are not described
in `codec` at all, so nothing here can build them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from coder_nb.errors import Conflict, Invalid
from coder_nb.rpc.codec import methods

if TYPE_CHECKING:
    from coder_nb.transport.http import Http
    from coder_nb.transport.websocket import WebSocket

__all__ = ["COORDINATE", "ME", "TAILNET", "Endpoint", "dial"]


@dataclass(frozen=True)
class Endpoint:
    """One endpoint.

    Args:
        path: below /api/v2; `{agent}` is the agent's uuid.
        version: what a server must at least speak; the lowest that has all of the calls.
        calls: those that may be made.
        changes: whether to be connected changes something.
    """

    path: str
    version: str
    calls: frozenset[str]
    changes: bool = False


TAILNET: Final = Endpoint(
    "/tailnet", "2.3", frozenset({methods.WORKSPACE_UPDATES, methods.DERP_MAPS, methods.COORDINATE})
)
COORDINATE: Final = Endpoint(
    "/workspaceagents/{agent}/coordinate", "2.0", frozenset({methods.DERP_MAPS, methods.COORDINATE})
)
ME: Final = Endpoint(
    "/workspaceagents/me/rpc",
    "2.4",
    frozenset({methods.MANIFEST, methods.BANNERS, methods.MONITORING, methods.DERP_MAPS}),
    changes=True,
)


def dial(http: Http, endpoint: Endpoint, path: str) -> WebSocket:
    """Opens the WebSocket, asking for the version that the endpoint's calls need.

    Raises:
        Invalid: the server speaks an older version; the hint says which.
        Conflict: the deployment lets nobody but browsers connect.
        ApiError, TransportError, ConfigurationError: as for every request.
    """
    try:
        return http.websocket(path, query={"version": endpoint.version}, changes=endpoint.changes)
    except Invalid as error:
        if any(refused.field == "version" for refused in error.validations):
            error.hint = f"this needs a server that speaks version {endpoint.version}: a newer Coder"
        raise
    except Conflict as error:
        error.hint = "the deployment lets nobody but browsers connect; ask its administrator"
        raise
