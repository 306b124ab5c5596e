"""What agents are told about logins at services outside the deployment."""

from __future__ import annotations

from coder_nb.embedded.state import Link, Provider
from coder_nb.embedded.wire.text import Json, sorted_map

__all__ = ["external_auth"]


def external_auth(provider: Provider, link: Link | None, url: str) -> Json:
    """ExternalAuthResponse: the token, or where to log in.

    Args:
        provider: the service.
        link: the owner's login, None for none.
        url: the deployment's address.
    """
    if link is None:
        nobody: dict[str, Json] = dict.fromkeys(("type", "username", "password"), "")
        return {"access_token": "", "token_extra": None, "url": f"{url}/external-auth/{provider.id}", **nobody}
    token = link.token.reveal()
    username, password = token, ""
    if provider.type == "gitlab":
        username, password = "oauth2", token
    elif provider.type.startswith("bitbucket"):
        username, password = "x-token-auth", token
    return {
        "access_token": token,
        "token_extra": None if link.extra is None else sorted_map(link.extra),
        "url": "",
        "type": provider.type,
        "username": username,
        "password": password,
    }
