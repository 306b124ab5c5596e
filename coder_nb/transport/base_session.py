"""A requests session for a server on loopback: addresses begin at its base, and nothing of this machine goes along.

No proxy, no .netrc and no token: what it speaks to is some program in a workspace, not Coder.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin

import requests

from coder_nb.closing import Closing

__all__ = ["BaseSession"]


class BaseSession(requests.Session):
    """A session; closing it closes what its base leads through.

    Args:
        base: what relative addresses are joined to.
        tunnel: what is closed with it.
    Attributes:
        base, tunnel: as they were given.
    """

    def __init__(self, base: str, tunnel: Closing) -> None:
        super().__init__()
        self.base, self.tunnel = base, tunnel
        self.trust_env = False

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **options: Any) -> requests.Response:
        """As in requests; "/path" is a path there."""
        text = url.decode() if isinstance(url, bytes) else url
        name = method.decode() if isinstance(method, bytes) else method
        return super().request(name, urljoin(f"{self.base}/", text), *args, **options)

    def __repr__(self) -> str:
        return f"requests session to {self.base}"

    def close(self) -> None:
        """Ends its connections and the tunnel; may be called twice."""
        super().close()
        self.tunnel.close()
