"""Coder's endpoints as typed calls, `api.<resource>.<verb>`: one module per resource, records and calls side by side.

A call sends one request (or, where it pages, several) and gives records. No DataFrames, no IPython, no name resolution.
"""

from __future__ import annotations

from coder_nb.api.agents import Agents
from coder_nb.api.builds import Builds
from coder_nb.api.connection import Connection
from coder_nb.api.containers import Containers
from coder_nb.api.deployment import Deployment
from coder_nb.api.identity import Identity
from coder_nb.api.logs import Logs
from coder_nb.api.me import Me
from coder_nb.api.metadata import Metadata
from coder_nb.api.ports import Ports
from coder_nb.api.pty import Ptys
from coder_nb.api.users import Users
from coder_nb.api.workspaces import Workspaces
from coder_nb.transport.http import Http

__all__ = ["Api"]


class Api:
    """Every typed call of one deployment, over one `Http`.

    Args:
        http: where requests go. Closing it closes this.
    """

    def __init__(self, http: Http) -> None:
        self.http = http
        self.agents = Agents(http)
        self.builds = Builds(http)
        self.connection = Connection(http)
        self.containers = Containers(http)
        self.deployment = Deployment(http)
        self.identity = Identity(http)
        self.logs = Logs(http)
        self.me = Me(http)
        self.metadata = Metadata(http)
        self.ports = Ports(http)
        self.pty = Ptys(http)
        self.users = Users(http)
        self.workspaces = Workspaces(http)
