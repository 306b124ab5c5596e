"""The agents' own side: logins at services outside, git's key, what an app is doing, log lines, claims."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Final, cast, get_args

from coder_nb.embedded.calls import found
from coder_nb.embedded.http.body import Body
from coder_nb.embedded.http.events import event, event_stream
from coder_nb.embedded.http.exchange import Inside, Refusal, Reply, Request, answer, refuse
from coder_nb.embedded.http.params import rfc3339, uuid_text
from coder_nb.embedded.site import Site
from coder_nb.embedded.sshkey import new_key
from coder_nb.embedded.state import AppStatus, LogSource, Provider
from coder_nb.embedded.state.agents import State
from coder_nb.embedded.wire import inside as wire
from coder_nb.embedded.wire.agents import log_source
from coder_nb.embedded.wire.text import NO_ID, quote

EXTERNAL: Final = "3b579bf4-1ed8-4b99-87a8-e9a1e3410410"
LEVELS: Final = ("trace", "debug", "info", "warn", "error")
MESSAGE_BYTES: Final = 160
NAME_CHARACTERS: Final = 127
_TOO_LONG: Final = "Message must be less than 160 characters."
_ANSI: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|.)")


async def external_auth(site: Site, request: Request) -> Reply:
    """GET /workspaceagents/me/external-auth, and its alias gitauth"""
    me = _me(request)
    provider = _provider(site, match=request.first("match") or request.first("url"), id=request.first("id"))
    while (link := provider.links.get(me.workspace.owner.id)) is None and request.has("listen"):
        await asyncio.sleep(site.poll_seconds)
    return answer(wire.external_auth(provider, link, site.url), clock=me.workspace.clock)


def git_ssh_key(site: Site, request: Request) -> Reply:
    """GET /workspaceagents/me/gitsshkey"""
    me = _me(request)
    owner = me.workspace.owner
    owner.git_key = owner.git_key or new_key()
    public, private = owner.git_key
    return answer({"public_key": public, "private_key": private.reveal()}, clock=me.workspace.clock)


def patch_app_status(site: Site, request: Request) -> Reply:
    """PATCH /workspaceagents/me/app-status"""
    me = _me(request)
    body = Body(request, "PatchAppStatus")
    slug, state, message, uri = (body.text(name) for name in ("app_slug", "state", "message", "uri"))
    app = next((app for app in me.agent.apps if app.slug == slug), None)
    if app is None:
        raise refuse(400, "Failed to get workspace app.", detail=f"No app found with slug {quote(slug)}")
    if len(message.encode("utf-8", "replace")) > MESSAGE_BYTES:
        raise refuse(400, "Message is too long.", detail=_TOO_LONG, validations=[("message", _TOO_LONG)])
    if state not in get_args(State):
        # A server's text forgets idle, which it takes.
        known = [("state", "State must be one of: complete, failure, working.")]
        raise refuse(400, "Invalid state provided.", detail=f"invalid state: {quote(state)}", validations=known)
    now = me.workspace.clock.now()
    app.statuses.append(AppStatus(str(uuid.uuid4()), now, cast(State, state), _tidy(message), uri))
    me.workspace.changes.tell()
    return answer(None, clock=me.workspace.clock)


def patch_logs(site: Site, request: Request) -> Reply:
    """PATCH /workspaceagents/me/logs"""
    me = _me(request)
    source_id, lines = _lines(Body(request, "PatchLogs"))
    now = me.workspace.clock.now()
    if any("\0" in output for _level, output in lines):
        detail = 'pq: invalid byte sequence for encoding "UTF8": 0x00'
        raise refuse(500, "Failed to upload logs", detail=detail)
    if source_id == NO_ID:
        source_id = EXTERNAL
        _register(me, LogSource(EXTERNAL, now, "External", "/emojis/1f310.png"))
    again, first = me.agent.logs.overflowed, not me.agent.logs.length
    fits = me.agent.logs.append(source_id, lines, at=now)
    if first or not fits:
        me.workspace.changes.tell()
    if not fits:
        detail = 'pq: new row for relation "workspace_agents" violates check constraint "max_logs_length"'
        raise refuse(413, "Logs limit exceeded", detail=detail if again else "")
    return answer(None, clock=me.workspace.clock)


def create_log_source(site: Site, request: Request) -> Reply:
    """POST /workspaceagents/me/log-source: a known id keeps what it had, though the answer repeats what was sent."""
    me = _me(request)
    body = Body(request, "PostLogSourceRequest")
    id = body.parsed("id", uuid_text, "uuid.UUID", NO_ID)
    name, icon = body.text("display_name"), body.text("icon")
    now = me.workspace.clock.now()
    _register(me, LogSource(id, now, name[:NAME_CHARACTERS], icon))
    sent = LogSource(id, now, name, icon)
    return answer(log_source(me.agent, sent), status=201, clock=me.workspace.clock)


def reinit(site: Site, request: Request) -> Reply:
    """GET /workspaceagents/me/reinit"""
    reply = event_stream(_claims(_me(request)), ping_seconds=site.ping_seconds)
    reply.clock = _me(request).workspace.clock
    return reply


async def _claims(me: Inside) -> AsyncGenerator[bytes]:
    loop, reasons = asyncio.get_running_loop(), asyncio.Queue[str]()
    stop = me.workspace.claims.listen(lambda reason: _hand_over(loop, reasons, reason))
    try:
        while True:
            reason = await reasons.get()
            yield event("data", {"WorkspaceID": me.workspace.id, "reason": reason})
    finally:
        stop()


def _hand_over(loop: asyncio.AbstractEventLoop, reasons: asyncio.Queue[str], reason: str) -> None:
    loop.call_soon_threadsafe(reasons.put_nowait, reason)


def _me(request: Request) -> Inside:
    if request.inside is None:
        raise found.not_found()
    return request.inside


def _provider(site: Site, *, match: str, id: str) -> Provider:
    if match and id:
        raise refuse(400, "'url' and 'id' cannot be provided together!")
    if not match and not id:
        raise refuse(400, "'url' or 'id' must be provided!")
    known = site.deployment.providers
    fitting = [one for one in known if (one.id == id if id else one.regex and re.search(one.regex, match))]
    if fitting:
        # Of several that match, the one configured last.
        return fitting[0 if id else -1]
    raise _no_provider(known, match)


def _no_provider(known: list[Provider], match: str) -> Refusal:
    detail = "No external auth providers are configured."
    if known:
        patterns = ", ".join(f"{one.id}={quote(one.regex)}" for one in known if one.regex)
        detail = (
            "The configured external auth provider have regex filters that do not match the url. "
            f"Provider url regex: {patterns}"
        )
    return refuse(404, f"No matching external auth provider found in Coder for the url {quote(match)}.", detail=detail)


def _lines(body: Body) -> tuple[str, list[tuple[str, str]]]:
    """The source's id and the (level, output) pairs of a batch."""
    source_id = body.parsed("log_source_id", uuid_text, "uuid.UUID", NO_ID)
    logs = body.objects("logs", "agentsdk.Log")
    for line in logs:
        line.parsed("created_at", _checked_time, "time.Time", "")
    lines = [(line.text("level"), line.text("output")) for line in logs]
    if not lines:
        raise refuse(400, "No logs provided.")
    for level, _output in lines:
        if level and level not in LEVELS:
            raise refuse(400, "Invalid log level provided.", detail=f"invalid log level: {quote(level)}")
    return source_id, [(level or "info", output) for level, output in lines]


def _checked_time(text: str) -> str:
    moment: datetime = rfc3339(text)
    return moment.isoformat()


def _register(me: Inside, source: LogSource) -> None:
    if all(known.id != source.id for known in me.agent.log_sources):
        me.agent.log_sources.append(source)


def _tidy(message: str) -> str:
    """A message as it is stored: no tags, no escapes, nothing unprintable, single blanks."""
    plain = re.sub(r"<[^>]*>", "", _ANSI.sub("", message))
    return " ".join("".join(char if char.isprintable() else " " for char in plain).split())
