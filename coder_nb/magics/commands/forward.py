"""`%coder forward`: a port of a workspace here, for as long as the session lasts or until it is stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coder_nb.errors import InvalidCommand, NotFound
from coder_nb.magics.call import Call
from coder_nb.magics.grammar import Argument, Command, Example, Flag, Section
from coder_nb.magics.kinds import CONTAINER, HOST, LOCAL_PORT, PORT, USER, WORKSPACE

if TYPE_CHECKING:
    from pandas import DataFrame

    from coder_nb.client.forwarded import Forwarded


@Command(
    "forward",
    "a port of a workspace here",
    Section.AGENTS,
    returns="a tunnel: .port and .url (here), .show() (its web page in the notebook), .stats, .relay, .close(); with "
    "--list and --stop a frame, a row a tunnel: workspace, agent, target, container, local, state, relay, connections, "
    "open, failed, bytes_in, bytes_out, reason.",
    arguments=(
        Argument("port", "of the workspace, or the path of a socket there; with --stop also a port here, or all", PORT),
        Argument("workspace", "dev, dev.main, ada/dev.main or a uuid; by default what %coder use chose", WORKSPACE),
    ),
    flags=(
        Flag(("--host",), "a host that the workspace reaches, instead of itself", HOST, default="127.0.0.1"),
        Flag(("--container",), "a port of this container, by name or id", CONTAINER),
        Flag(("--user",), "as this user of the container", USER),
        Flag(("--local-port",), "listen on this port here; by default on any that is free", LOCAL_PORT),
        Flag(("--list",), "the tunnels that are open", into="listing"),
        Flag(("--stop",), "end the tunnel to that port; without one, the only tunnel there is"),
    ),
    notes=(
        "It listens on 127.0.0.1 only, with any number of connections, over one terminal of the workspace.",
        "The same line again gives the tunnel that is open already. All end with the session, or %unload_ext coder_nb.",
        "A connection that is lost, such as by a restart of the workspace, fails at once; the next one opens anew.",
    ),
    examples=(
        Example("db = %coder forward 5432 dev", "a database: host 127.0.0.1, port db.port"),
        Example("%coder forward 8000 dev --local-port 8000", "a web app, at http://127.0.0.1:8000"),
        Example("%coder forward 5432 dev --host db.internal", "a database that only the workspace reaches"),
        Example("%coder forward --list", "what is open, and what went through it"),
        Example("%coder forward --stop 5432", "ends it"),
    ),
    changes=True,
)
def forward(
    call: Call,
    *,
    port: int | str | None,
    workspace: str | None,
    host: str,
    container: str | None,
    user: str | None,
    local_port: int | None,
    listing: bool,
    stop: bool,
) -> Forwarded | DataFrame:
    """Runs `%coder forward`."""
    if listing and (stop or port is not None):
        raise InvalidCommand("--list lists all, and takes nothing more", hint="%coder forward --list")
    if listing or stop:
        return _frame(_stopped(call, port, workspace) if stop else call.session.tunnels())
    if port is None or port == "all":
        raise InvalidCommand("which port? %coder ports lists them", hint=forward.usage)
    agent = call.agent(workspace)
    target = port if isinstance(port, str) else (host, port)
    for tunnel in call.session.tunnels():
        same = (tunnel.of, tunnel.target, tunnel.container) == (agent.title, target, container)
        if same and local_port in (None, tunnel.port):
            return tunnel
    with call.progress(f"forward {port}") as tell:
        tell("starting a relay in the workspace")
        return agent.forward(port, host=host, local_port=local_port or 0, container=container, container_user=user)


def _stopped(call: Call, port: int | str | None, workspace: str | None) -> list[Forwarded]:
    """Ends tunnels, and gives them.

    Raises:
        NotFound: there is none such.
        InvalidCommand: it could be several, or one with another name.
    """
    there = call.session.tunnels()
    found = [tunnel for tunnel in there if _meant(tunnel, port) and workspace in (None, tunnel.of, tunnel.workspace)]
    if not found:
        known = ", ".join(f"{tunnel.leads_to} of {tunnel.of}" for tunnel in there)
        which = "" if port in (None, "all") else f" to {port}" + (f" of {workspace}" if workspace else "")
        hint = f"there are: {known}" if known else "%coder forward PORT opens one"
        raise NotFound(f"no tunnel{which} is open", status=404, hint=hint)
    if len(found) > 1 and port != "all":
        lines = " or ".join(f"%coder forward --stop {tunnel.port}" for tunnel in found)
        raise InvalidCommand("which tunnel? There are several", hint=f"%coder forward --stop all, or {lines}")
    for tunnel in found:
        tunnel.close()
    return found


def _meant(tunnel: Forwarded, port: int | str | None) -> bool:
    there = tunnel.target if isinstance(tunnel.target, str) else tunnel.target[1]
    return port in (None, "all", there, tunnel.port)


def _frame(tunnels: list[Forwarded]) -> DataFrame:
    from coder_nb import frames

    return frames.tunnels(tunnels, attrs={})
