"""People: who is calling, how they log in and out."""

from __future__ import annotations

import re
from hmac import compare_digest

from coder_nb.embedded import keys
from coder_nb.embedded.calls import found
from coder_nb.embedded.http.body import read_object
from coder_nb.embedded.http.exchange import Reply, Request, answer, message, refuse
from coder_nb.embedded.http.guard import SESSION_COOKIE
from coder_nb.embedded.site import Site
from coder_nb.embedded.wire import people
from coder_nb.embedded.wire.text import quote

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


def first(site: Site, request: Request) -> Reply:
    """GET /users/first"""
    return message(200, "The initial user has already been created!")


def auth_methods(site: Site, request: Request) -> Reply:
    """GET /users/authmethods"""
    return answer(
        {
            "password": {"enabled": True},
            "github": {"enabled": False, "default_provider_configured": False},
            "oidc": {"enabled": False, "signInText": "", "iconUrl": ""},
        }
    )


def user(site: Site, request: Request) -> Reply:
    """GET /users/{user}"""
    return answer(people.user(found.user(site, request), site.deployment.organization))


def debug_link(site: Site, request: Request) -> Reply:
    """GET /debug/{user}/debug-link: for owners, of themselves too; who asks is looked at before who is asked about."""
    who = found.caller(request)
    if who.restricted or not who.user.owner:
        detail = (
            "You don't have permission to view this content. If you believe this is a mistake, please contact your "
            "administrator or try signing in with different credentials."
        )
        raise refuse(403, "Forbidden.", detail=detail)
    it = found.known_user(site, request)
    if it.login_type != "oidc":
        raise refuse(400, "User is not an OIDC user.")
    return answer(people.claims(it))


def login(site: Site, request: Request) -> Reply:
    """POST /users/login"""
    body = read_object(request, "LoginWithPasswordRequest", {"email": "string", "password": "string"})
    email, password = str(body["email"]), str(body["password"])
    problems = [
        (name, f'Validation failed for tag "required" with value: {quote("")}')
        for name, value in (("email", email), ("password", password))
        if not value
    ]
    if email and not _EMAIL.fullmatch(email):
        problems.append(("email", f'Validation failed for tag "email" with value: {quote(email)}'))
    if problems:
        raise refuse(400, "Validation failed.", validations=problems)
    it = next((one for one in site.deployment.users if one.email.lower() == email.lower()), None)
    if it is None or it.password is None or not _same(it.password, password):
        raise refuse(401, "Incorrect email or password.")
    if it.status == "suspended":
        raise refuse(401, "Your account is suspended. Contact an admin to reactivate your account.")
    it.status = "active"
    token = keys.new_token()
    keys.add_key(site.deployment, it, token)
    reply = answer({"session_token": token}, status=201)
    reply.headers.append(("Set-Cookie", f"{SESSION_COOKIE}={token}; Path=/; HttpOnly; SameSite=Lax"))
    return reply


def logout(site: Site, request: Request) -> Reply:
    """POST /users/logout: ends this key, and every key of the user that opens apps only."""
    who = found.caller(request)
    known = site.deployment.keys
    for key in list(known.values()):
        if key is who.key or (key.user is who.user and key.scope == "application_connect"):
            del known[key.id]
    reply = message(200, "Logged out!")
    reply.headers.append(("Set-Cookie", f"{SESSION_COOKIE}=; Path=/; Max-Age=0"))
    return reply


def _same(one: str, other: str) -> bool:
    return compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))
