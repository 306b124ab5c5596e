"""The terminal of an agent. It never says 401, and says most of what it refuses on a web page."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from functools import partial
from html import escape
from http import HTTPStatus
from typing import Final

from coder_nb.embedded.calls import found
from coder_nb.embedded.http.auth import user_route_caller
from coder_nb.embedded.http.exchange import HTML, Refusal, Reply, Request, refuse
from coder_nb.embedded.http.handshake import accept
from coder_nb.embedded.http.params import BadValue, Values, uuid_text
from coder_nb.embedded.liveness import come, leave, presence
from coder_nb.embedded.site import Site
from coder_nb.embedded.state import AgentError
from coder_nb.embedded.terminals.conversation import converse
from coder_nb.embedded.terminals.session import Attachment
from coder_nb.embedded.terminals.sessions import Wanted
from coder_nb.embedded.wire.text import quote

_SIXTY_FOUR: Final = 2**64
_SIXTEEN: Final = 2**16
_SIZE: Final = "must be a valid positive integer: {}"


def pty(site: Site, request: Request) -> Reply:
    """GET /workspaceagents/{agent}/pty"""
    it = _agent(site, request)
    status = presence(it.agent, it.workspace.clock.now()).status
    if status != "connected":
        raise _page(502, f"Agent state is {quote(status)}, not {quote('connected')}")
    wanted = _wanted(request)
    headers = accept(request)

    def attach() -> Attachment | None:
        # After the 101, as a real server dials the agent.
        asked = wanted
        if asked.container and _has_containers(it):
            asked = asked._replace(container=_running(it, asked.container, asked.container_user))
            if not asked.container:
                return None
        else:
            asked = asked._replace(container="", container_user="")
        return site.terminals.attach(it.workspace, it.agent, asked, url=site.url, second=site.second)

    upgrade = partial(converse, attach, site.ping_seconds, site.patience.close)
    ends_agent = partial(_end, site, it)
    return Reply(101, headers=headers, clock=it.workspace.clock, upgrade=upgrade, ends_agent=ends_agent)


def _end(site: Site, it: found.Found, properly: bool, seconds: float) -> None:
    """Ends the agent: its terminals end with it, or are left behind as a killed process leaves them."""
    if not properly:
        site.terminals.orphan(it.agent)
    leave(it.agent, it.workspace.clock.now())
    it.workspace.changes.tell()
    if seconds:
        asyncio.get_running_loop().call_later(seconds, _begin_anew, it)


def _begin_anew(it: found.Found) -> None:
    if it.workspace.clock.stands_still:
        # So that it is seen to be another process.
        it.workspace.clock.advance(timedelta(seconds=1))
    come(it.agent, it.workspace.clock.now())
    it.workspace.changes.tell()


def _agent(site: Site, request: Request) -> found.Found:
    """The agent, for who may open its terminal: an unknown one is a page for everybody, a token no good is not.

    Raises:
        Refusal: 500, 404.
    """
    try:
        wanted = uuid_text(request.parts["agent"])
    except BadValue as error:
        raise _page(500, f"parse agent id: {error}") from None
    known = any(
        agent.id == wanted for it in site.deployment.workspaces for build in it.builds for agent in build.agents
    )
    if not known:
        raise _page(404, "The requested agent does not exist.")
    try:
        request.caller = user_route_caller(site.deployment, site.url, request)
    except Refusal:
        raise found.not_found() from None
    try:
        return found.agent(site, request)
    except Refusal:
        raise _page(404, "The requested agent does not exist.") from None


def _wanted(request: Request) -> Wanted:
    names = ("reconnect", "height", "width", "container", "container_user", "backend_type")
    values = Values({name: request.all(name) for name in names})
    if not request.first("reconnect"):
        values.problems.append(("reconnect", 'Query param "reconnect" is required and cannot be empty'))
    reconnect = values.one("reconnect", uuid_text, "must be a valid uuid", "")
    height = values.one("height", _unsigned, _SIZE, 80)
    width = values.one("width", _unsigned, _SIZE, 80)
    container, user = values.text("container"), values.text("container_user")
    backend = values.text("backend_type")
    if values.problems:
        raise refuse(400, "Invalid query parameters.", validations=values.problems)
    size = width % _SIXTEEN, height % _SIXTEEN
    return Wanted(reconnect, size, request.first("command"), backend, container, user)


def _unsigned(text: str) -> int:
    if not re.fullmatch(r"\d+", text, re.ASCII):
        raise BadValue(f"strconv.ParseUint: parsing {quote(text)}: invalid syntax")
    # Python refuses to read numbers of many thousand digits.
    number = int(text) if len(text.lstrip("0")) < 40 else _SIXTY_FOUR
    if number >= _SIXTY_FOUR:
        raise BadValue(f"strconv.ParseUint: parsing {quote(text)}: value out of range")
    return number


def _has_containers(it: found.Found) -> bool:
    """Whether the agent looks after containers; one that does not ignores that it is asked for one."""
    try:
        it.agent.containers()
    except AgentError as error:
        return error.status != 403
    return True


def _running(it: found.Found, wanted: str, user: str) -> str:
    """The id of a simulated container that runs and has that user, by id or name; "" where there is none.

    Real containers beside this machine are listed, but nothing is run in them.
    """
    if it.workspace.runner is not None or user not in ("", "root", it.workspace.owner.username):
        return ""
    listed = it.agent.containers().containers or ()
    return next((one.id for one in listed if wanted in (one.id, one.name) and one.running), "")


def _page(status: int, text: str) -> Refusal:
    title = f"{status} - {HTTPStatus(status).phrase}"
    body = (
        f"<!DOCTYPE html>\n<html><head><title>{title}</title></head>\n"
        f"<body><h1>{title}</h1><p>{escape(text)}</p></body></html>\n"
    )
    return Refusal(Reply(status, body.encode(), HTML))
