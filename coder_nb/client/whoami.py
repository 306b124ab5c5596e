"""Who we are on a deployment, and how that looks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from coder_nb import look
from coder_nb.api.users import User

__all__ = ["Whoami"]


@dataclass(frozen=True, slots=True)
class Whoami:
    """Who we are, where, and how we authenticated. `expires` is None where the server does not tell."""

    user: User
    url: str
    version: str
    source: str
    expires: datetime | None

    def rows(self) -> list[tuple[str, str]]:
        """Label and text of each line a person sees."""
        roles = ", ".join(role.display_name or role.name for role in self.user.roles) or "member"
        until = f"{self.expires:%Y-%m-%d %H:%M} UTC" if self.expires else "unknown"
        return [
            ("user", f"{self.user.username} ({roles})"),
            ("deployment", self.url),
            ("server", self.version),
            ("token from", self.source),
            ("token expires", until),
        ]

    def __repr__(self) -> str:
        return "\n".join(f"{label:<13}  {text}" for label, text in self.rows())

    def _repr_html_(self) -> str:
        return look.pairs(self.rows())
