"""Workspaces: the list and its search, one by id or by name, how long the latest build took."""

from __future__ import annotations

from coder_nb.embedded import search
from coder_nb.embedded.calls import found
from coder_nb.embedded.http.exchange import Reply, Request, answer, refuse
from coder_nb.embedded.http.params import BadValue, boolean, pagination
from coder_nb.embedded.site import Site
from coder_nb.embedded.state import Workspace
from coder_nb.embedded.wire.builds import timings as timings_json
from coder_nb.embedded.wire.text import quote
from coder_nb.embedded.wire.workspaces import workspace as workspace_json


def workspaces(site: Site, request: Request) -> Reply:
    """GET /workspaces"""
    who = found.caller(request)
    page = pagination(request)
    matching = search.find(site.deployment, who, request.first("q"))
    shown = [workspace_json(it, who.user) for it in page.cut(matching)]
    return answer({"workspaces": shown, "count": len(matching)})


def workspace(site: Site, request: Request) -> Reply:
    """GET /workspaces/{workspace}"""
    it = found.workspace(site, request)
    # A server names the wrong field here, and the wrong parameter in its 410.
    if it.deleted and not _include_deleted(request, field="deleted"):
        raise refuse(
            410,
            f"Workspace {quote(it.id)} was deleted, you can view this workspace by specifying '?deleted=true' "
            "and trying again.",
        )
    _include_deleted(request, field="deleted")
    return _answer(it, request)


def workspace_by_name(site: Site, request: Request) -> Reply:
    """GET /users/{user}/workspace/{name}"""
    owner = found.known_user(site, request)
    include_deleted = _include_deleted(request, field="include_deleted")
    it = named(site, request)
    if it is None or it.owner is not owner or (it.deleted and not include_deleted):
        raise found.not_found()
    return _answer(it, request)


def timings(site: Site, request: Request) -> Reply:
    """GET /workspaces/{workspace}/timings: those of the latest build."""
    it = found.workspace(site, request)
    return answer(timings_json(it.latest), clock=it.clock)


def named(site: Site, request: Request) -> Workspace | None:
    """The workspace `{name}` of `{user}` as far as the caller may see it; one that is not deleted comes first."""
    owner, name = found.known_user(site, request), request.parts["name"].lower()
    matching = [
        it
        for it in site.deployment.workspaces
        if it.owner is owner and it.name.lower() == name and found.caller(request).sees(it)
    ]
    return min(matching, key=lambda it: it.deleted, default=None)


def _answer(it: Workspace, request: Request) -> Reply:
    return answer(workspace_json(it, found.caller(request).user), clock=it.clock)


def _include_deleted(request: Request, *, field: str) -> bool:
    text = request.first("include_deleted")
    try:
        return boolean(text) if text else False
    except BadValue:
        raise refuse(
            400,
            f'Invalid boolean value {quote(text)} for "include_deleted" query param.',
            validations=[(field, "Must be a valid boolean")],
        ) from None
