"""The page where people log in to a service outside, as far as a demo has one: a button that gives a token of no use.

There is no service behind it. What a browser sends is checked before: another site's page cannot press the button.
"""

from __future__ import annotations

import secrets
from html import escape
from typing import Final

from coder_nb.credentials.secret import Secret
from coder_nb.embedded.http.exchange import HTML, Reply, Request
from coder_nb.embedded.site import Site
from coder_nb.embedded.state import Link

__all__ = ["PREFIX", "login_page"]

PREFIX: Final = "/external-auth/"
_PAGE: Final = """<!DOCTYPE html>
<html><head><title>{title}</title></head><body>
<p>{text}</p>
{form}</body></html>
"""
_FORM: Final = '<form method="post"><button>Log in</button></form>\n'


def login_page(site: Site, request: Request) -> Reply:
    """GET and POST /external-auth/{provider}: asks, and with POST logs the deployment's first user in."""
    id = request.path.removeprefix(PREFIX).strip("/")
    provider = next((one for one in site.deployment.providers if one.id == id), None)
    if provider is None:
        return _page(404, "Not found", f"No service {id} is configured.")
    if request.method != "POST":
        text = f"Log in to {provider.id}? This is a demo deployment: the token it gives is of no use anywhere."
        return _page(200, f"Log in to {provider.id}", text, _FORM)
    user = site.deployment.users[0]
    provider.links[user.id] = Link(Secret(f"demo-{secrets.token_urlsafe(24)}"))
    return _page(200, "Logged in", f"{user.username} is logged in to {provider.id}. You can close this page.")


def _page(status: int, title: str, text: str, form: str = "") -> Reply:
    return Reply(status, _PAGE.format(title=escape(title), text=escape(text), form=form).encode(), HTML)
