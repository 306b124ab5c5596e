"""What a running server has at hand: the deployment, its own address, its limits, and the faults a test has ordered."""

from __future__ import annotations

from dataclasses import dataclass, field

from coder_nb.embedded.faults import Faults
from coder_nb.embedded.http.ratelimit import API_LIMIT, LOGIN_LIMIT, RateLimit
from coder_nb.embedded.state import Deployment

__all__ = ["VERSION", "Site"]

VERSION = "v2.25.1+demo"


@dataclass
class Site:
    """One server. `url` has no trailing slash."""

    deployment: Deployment
    url: str
    port: int
    faults: Faults = field(default_factory=Faults)
    api_limit: RateLimit = field(default_factory=lambda: RateLimit(API_LIMIT))
    login_limit: RateLimit = field(default_factory=lambda: RateLimit(LOGIN_LIMIT))
