"""The order in which a request is looked at: source, faults, rate limit, CSRF, route, caller, call.

Every answer of the server is made here, the pages outside of /api too; nothing here reads or writes a socket.
"""

from __future__ import annotations

import inspect
import json
import logging
from collections.abc import Callable, Mapping
from typing import Final

from coder_nb.embedded.faults import Fault, damage, delay
from coder_nb.embedded.http.auth import agent_route_caller, inside, user_route_caller
from coder_nb.embedded.http.exchange import (
    HTML,
    TEXT,
    Caller,
    Refusal,
    Reply,
    Request,
    answer,
    empty,
    message,
)
from coder_nb.embedded.http.guard import check_csrf, check_source
from coder_nb.embedded.logins import PREFIX as LOGINS
from coder_nb.embedded.logins import login_page
from coder_nb.embedded.routes import PREFIX, Route, match
from coder_nb.embedded.site import Site
from coder_nb.embedded.state import Clock

__all__ = ["respond"]

_PAGE = b"""<!DOCTYPE html>
<html><head><title>coder_nb demo deployment</title></head><body>
<p>This is a demo deployment of coder_nb. It has no dashboard: its API is under <code>/api/v2</code>.</p>
</body></html>
"""
_REAL = Clock()
_log = logging.getLogger("coder_nb.embedded")


async def respond(site: Site, request: Request) -> Reply:
    """Answers one request, right or, where a test has ordered so, wrong."""
    foreign = check_source(request, site.port)
    if foreign is not None:
        return foreign
    if request.path in _HOOKS:
        return _hook(site, request)
    site.asked.append(f"{request.method} {request.path}")
    fault = site.faults.take(request.method, request.path)
    if fault is not None:
        await delay(fault)
    try:
        reply = await _right_answer(site, request)
    except Exception:
        # A mistake of ours: the client is told, as a real server would, and does not wait for ever.
        _log.exception("%s %s", request.method, request.path)
        reply = message(500, "An internal server error occurred.")
    return reply if fault is None else damage(fault, reply, request)


async def _right_answer(site: Site, request: Request) -> Reply:
    if request.path != PREFIX and not request.path.startswith(f"{PREFIX}/"):
        return _outside(site, request)
    refusal, headers = site.api_limit.take(f"{request.peer} {request.path}")
    if refusal is None:
        reply, more = await _api(site, request)
        headers = more or headers
    else:
        # The limiter's end is told in real time, so that is the time this answer carries.
        reply = refusal
        reply.clock = _REAL
    reply.headers += headers
    return reply


async def _api(site: Site, request: Request) -> tuple[Reply, list[tuple[str, str]]]:
    forged = check_csrf(request)
    if forged is not None:
        return forged, []
    headers: list[tuple[str, str]] = []
    try:
        path = request.path.removeprefix(PREFIX)
        if path == "/workspaceagents/me" or path.startswith("/workspaceagents/me/"):
            # Asked before the path is looked at: to strangers every path here is the same.
            request.inside = inside(site.deployment, request)
        found = match(request.method, path)
        if isinstance(found, list):
            return _no_route(found), headers
        route, request.parts = found
        if route.pattern == "/users/login":
            refusal, headers = site.login_limit.take(f"{request.peer} {request.path}")
            if refusal is not None:
                refusal.clock = _REAL
                return refusal, headers
        request.caller = _caller(site, route, request)
        result = route.call(site, request)
        return await result if inspect.isawaitable(result) else result, headers
    except Refusal as refusal_raised:
        return refusal_raised.reply, headers


def _caller(site: Site, route: Route, request: Request) -> Caller | None:
    match route.who:
        case "anybody" | "agent":
            return None
        case "user":
            return user_route_caller(site.deployment, site.url, request)
        case "user or proxy":
            return agent_route_caller(site.deployment, site.url, request)


def _no_route(methods: list[str]) -> Reply:
    if methods:
        return empty(405, headers=[("Allow", method) for method in methods])
    return message(404, "Route not found.")


def _outside(site: Site, request: Request) -> Reply:
    """Outside of the API: like a real server, a page with 200 for whatever is asked."""
    if request.path in ("/healthz", "/latency-check"):
        return Reply(200, b"OK", TEXT)
    if request.path.startswith(LOGINS):
        return login_page(site, request)
    return Reply(200, _PAGE, HTML)


def _hook(site: Site, request: Request) -> Reply:
    """The switchboard for tests that reach this server as a process; for a site owner only."""
    try:
        caller = user_route_caller(site.deployment, site.url, request)
        if not caller.user.owner or caller.restricted:
            return message(403, "Forbidden.")
        return _HOOKS[request.path](site, request)
    except Refusal as refusal:
        return refusal.reply


def _faults(site: Site, request: Request) -> Reply:
    """POST a fault, DELETE them all."""
    try:
        if request.method == "DELETE":
            site.faults.clear()
        elif request.method == "POST":
            site.faults.add(_read_fault(request.body))
        return answer({"struck": site.faults.struck})
    except (TypeError, ValueError) as error:
        return message(400, "No such fault.", detail=str(error))


def _read_fault(body: bytes) -> Fault:
    values = json.loads(body)
    if not isinstance(values, dict):
        raise ValueError("a fault is an object with a kind")
    return Fault(**{**values, "body": str(values.get("body", "")).encode("latin-1")})


def _claims(site: Site, request: Request) -> Reply:
    """POST the name of a workspace: a user claims it, as one that was built before anybody asked."""
    named = request.body.decode("utf-8", "replace").strip()
    told = [it.claims.announce() for it in site.deployment.workspaces if it.name == named]
    return answer({"told": sum(told)})


_HOOKS: Final[Mapping[str, Callable[[Site, Request], Reply]]] = {"/_faults": _faults, "/_claims": _claims}
