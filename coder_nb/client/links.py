"""Where an app or a port of a workspace can be opened in a browser. Links only: nothing here is ever fetched.

An app gets the headers of whoever opens it, so no request of ours, and no token, goes to these addresses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from coder_nb.api.agents import WorkspaceApp

_LABEL = re.compile(r"[a-zA-Z0-9]+(?:-[a-zA-Z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Links:
    """How one agent's apps and ports are addressed.

    Args:
        base: the deployment's address for path apps, without a trailing slash.
        wildcard: its wildcard host, such as `*.apps.example.com`; "" where there is none.
    """

    base: str
    wildcard: str
    owner: str
    workspace: str
    agent: str

    def app(self, app: WorkspaceApp) -> str | None:
        """The app's address; None for a terminal command and for a link that needs a token put into it."""
        if app.external:
            usable = urlsplit(app.url).scheme in ("http", "https") and "$SESSION_TOKEN" not in app.url
            return app.url if usable else None
        if app.command:
            return None
        if app.subdomain:
            return self._host(app.subdomain_name) if app.subdomain_name else None
        parts = (quote(part, safe="") for part in (self.owner, f"{self.workspace}.{self.agent}", app.slug))
        return "{}/@{}/{}/apps/{}/".format(self.base, *parts)

    def port(self, port: int) -> str | None:
        """The port's address; None without a wildcard host, since a port has no address by path."""
        parts = (self.agent, self.workspace, self.owner)
        return self._host("--".join((str(port), *parts))) if all(map(_LABEL.fullmatch, parts)) else None

    def _host(self, label: str) -> str | None:
        # DNS refuses a label over 63 characters, and the server does not warn of it.
        first = self.wildcard.split(".")[0].replace("*", label)
        if not self.wildcard or len(first) > 63:
            return None
        return f"{urlsplit(self.base).scheme}://{self.wildcard.replace('*', label)}/"
