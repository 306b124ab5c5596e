"""What a running server has at hand: the deployment, its own address, its limits, and the faults a test has ordered."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from coder_nb.embedded.building import Builder, Recreations
from coder_nb.embedded.faults import Faults
from coder_nb.embedded.http.events import PING_SECONDS
from coder_nb.embedded.http.push import Patience
from coder_nb.embedded.http.ratelimit import API_LIMIT, LOGIN_LIMIT, RateLimit
from coder_nb.embedded.state import Deployment
from coder_nb.embedded.terminals import Terminals

__all__ = ["VERSION", "Site"]

VERSION = "v2.25.1+demo"


@dataclass
class Site:
    """One server. `url` has no trailing slash.

    `asked` are the latest requests, as `GET /api/v2/…`, so that a test can tell what a client has sent.
    `ping_seconds` is the time between two pings of a stream, `poll_seconds` that between two looks at whether somebody
    has logged in meanwhile, and `second` what the cadence of streams is counted in.
    """

    deployment: Deployment
    url: str
    port: int
    faults: Faults = field(default_factory=Faults)
    api_limit: RateLimit = field(default_factory=lambda: RateLimit(API_LIMIT))
    asked: deque[str] = field(default_factory=lambda: deque(maxlen=10_000))
    ping_seconds: float = PING_SECONDS
    poll_seconds: float = 1.0
    second: float = 1.0
    patience: Patience = field(default_factory=Patience)
    login_limit: RateLimit = field(default_factory=lambda: RateLimit(LOGIN_LIMIT))
    builder: Builder = field(init=False)
    recreations: Recreations = field(default_factory=Recreations)
    terminals: Terminals = field(default_factory=Terminals)

    def __post_init__(self) -> None:
        self.builder = Builder(self.deployment)
