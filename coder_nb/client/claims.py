"""What an identity provider said of a user, as a table in which personal data is masked unless it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from coder_nb import look
from coder_nb.api.deployment import DebugLink

__all__ = ["Claims"]

MASK = "****"

# About the token, not about the person.
_TECHNICAL = frozenset(
    {
        *("iss", "aud", "azp", "exp", "iat", "nbf", "auth_time", "acr", "amr", "typ", "ver"),
        *("token_use", "email_verified", "phone_number_verified"),
    }
)


@dataclass(frozen=True, repr=False)
class Claims:
    """What `%coder debug-link` gives.

    Attributes:
        user: whose claims they are.
        link: the record, unmasked; its repr shows names of claims only.
        show: whether this shows the values.
    """

    user: str
    link: DebugLink
    show: bool = False

    def rows(self) -> list[tuple[str, str, str]]:
        """Name, value as it may be shown, and origin of each claim the deployment goes by."""
        id_token, user_info = self.link.id_token_claims or {}, self.link.user_info_claims or {}
        merged = self.link.merged_claims or {}
        return [(name, self._value(name, merged[name]), _origin(name, id_token, user_info)) for name in sorted(merged)]

    def _value(self, name: str, value: Any) -> str:
        if self.show or name in _TECHNICAL:
            return str(value)
        return f"{MASK} ({len(value)})" if isinstance(value, list | dict) else MASK

    def _head(self) -> str:
        hidden = "" if self.show else "; personal data is masked, --show shows it"
        return f"claims of {self.user}{hidden}"

    def __repr__(self) -> str:
        rows = self.rows()
        wide = max((len(name) for name, _, _ in rows), default=0)
        lines = [f"  {name:<{wide}}  {value}  ({origin})" for name, value, origin in rows] or ["  none"]
        return "\n".join(look.visible(line) for line in [self._head(), *lines])

    def _repr_html_(self) -> str:
        cells = [[look.dim(name), look.safe(value), look.dim(origin)] for name, value, origin in self.rows()]
        return f"<div>{look.safe(self._head())}</div>{look.table(cells, head=('claim', 'value', 'from'))}"


def _origin(name: str, id_token: dict[str, Any], user_info: dict[str, Any]) -> str:
    if name not in user_info:
        return "id token"
    if name not in id_token:
        return "user info"
    return "both" if id_token[name] == user_info[name] else "user info; the id token differs"
