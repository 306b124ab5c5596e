"""A tunnel of an agent's: whose it is, and the web page it leads to in the notebook.

The page is asked for by the browser alone: nothing here fetches it.
"""

from __future__ import annotations

import atexit
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING
from weakref import WeakSet

from coder_nb.remote.tunnel.protocol import Target
from coder_nb.remote.tunnel.relay import Relay
from coder_nb.remote.tunnel.tunnel import Tunnel

if TYPE_CHECKING:
    from coder_nb.client.agent_core import AgentCore
    from coder_nb.widgets.web_view import WebView

__all__ = ["Forwarded"]

_LOOPBACK = ("127.0.0.1", "localhost")
_NUMBERS = count(1)
_MADE: WeakSet[Forwarded] = WeakSet()


class Forwarded(Tunnel):
    """A local port that leads to a port or socket of a workspace. Closing it ends its connections.

    Args:
        of: the agent.
        container: the container that it leads to, by name or id.
        begin, target, title, local_port, tell: as `Tunnel` takes them.
    Attributes:
        of, workspace, agent: whose it is: the title that leads there, such as `dev.main`, and its parts.
        container: as it was given.
        number: of tunnels in this process, in the order they were opened.
    """

    def __init__(
        self,
        of: AgentCore,
        begin: Callable[[Callable[[str], None]], Relay],
        target: Target,
        *,
        container: str | None,
        title: str,
        local_port: int,
        tell: Callable[[str], None],
    ) -> None:
        self.workspace = of.workspace.title if of.workspace else ""
        self.agent, self.container, self.of = of.name, container, of.title
        self.number = next(_NUMBERS)
        self._views: WeakSet[WebView] = WeakSet()
        super().__init__(begin, target, title=title, local_port=local_port, tell=tell)
        _MADE.add(self)

    @property
    def leads_to(self) -> str:
        """Host and port there, or the path of a socket."""
        return self.target if isinstance(self.target, str) else f"{self.target[0]}:{self.target[1]}"

    def leads_from(self, agent: str) -> int | None:
        """The port of that agent's own loopback it leads to; None where it leads to anything else.

        Args:
            agent: its title, such as `dev.main`.
        """
        if self.closed or self.container or agent != self.of or isinstance(self.target, str):
            return None
        host, port = self.target
        return port if host in _LOOPBACK else None

    def show(self, path: str = "/", *, height: int = 600) -> WebView:
        """The web app it leads to, in the notebook: a sandboxed frame, for a browser on the machine of this kernel.

        The app is another site than the notebook: it sees neither the notebook nor its cookies, and the browser keeps
        none of its own for it there. One that asks for a login, or refuses frames, opens in a tab: the frame links it.

        Args:
            path: of the page there.
            height: of the frame in pixels; its lower edge can be dragged.
        Returns:
            the view: `.stop()`. It ends with the tunnel.
        """
        from coder_nb.widgets.web_view import WebView

        def ended() -> str:
            return "the tunnel is closed: run the cell again" if self.closed else ""

        title = f"{self.leads_to} of {self.of}" if not self.container else f"{self.leads_to} of {self.container}"
        view = WebView(f"{self.url}/{path.lstrip('/')}", title=title, ended=ended, height=height)
        self._views.add(view)
        return view

    def close(self) -> None:
        """Listens no more, and ends all connections and what runs for them in the workspace. A second time: nothing."""
        super().close()
        for view in list(self._views):
            view.changed()


@atexit.register
def _end_all() -> None:
    """With the process: what relays in workspaces would else wait for it for a while."""
    for tunnel in list(_MADE):
        with suppress(Exception):
            tunnel.close()
