"""From an id or a name in a path to the thing itself; what the caller may not see is not found."""

from __future__ import annotations

from typing import NamedTuple

from coder_nb.embedded.http.exchange import Caller, Refusal, Request, refuse
from coder_nb.embedded.http.params import path_uuid
from coder_nb.embedded.site import Site
from coder_nb.embedded.state import Agent, Build, Resource, User, Workspace
from coder_nb.embedded.wire.text import quote

__all__ = ["Found", "agent", "build", "caller", "known_user", "not_found", "user", "workspace"]


class Found(NamedTuple):
    """An agent and where it is."""

    workspace: Workspace
    build: Build
    resource: Resource
    agent: Agent


def not_found() -> Refusal:
    """404, which never tells whether the thing exists."""
    return refuse(404, "Resource not found or you do not have access to this resource")


def caller(request: Request) -> Caller:
    """Who asks; only for routes that need somebody."""
    if request.caller is None:
        raise not_found()
    return request.caller


def agent(site: Site, request: Request) -> Found:
    """The agent `{agent}`, of any build, deleted workspaces included.

    Raises:
        Refusal: 400 for what is no uuid, 404.
    """
    wanted = path_uuid(request, "agent")
    for it in site.deployment.workspaces:
        for made in it.builds:
            for resource in made.resources:
                for one in resource.agents:
                    if one.id == wanted and caller(request).sees(it):
                        return Found(it, made, resource, one)
    raise refuse(404, "Agent doesn't exist with that id, or you do not have access to it.")


def workspace(site: Site, request: Request) -> Workspace:
    """The workspace `{workspace}`, deleted ones included.

    Raises:
        Refusal: 400 for what is no uuid, 404.
    """
    wanted = path_uuid(request, "workspace")
    for it in site.deployment.workspaces:
        if it.id == wanted and caller(request).sees(it):
            return it
    raise not_found()


def build(site: Site, request: Request) -> tuple[Workspace, Build]:
    """The build `{build}` and its workspace.

    Raises:
        Refusal: 400 for what is no uuid, 404.
    """
    wanted = path_uuid(request, "build")
    for it in site.deployment.workspaces:
        for made in it.builds:
            if made.id == wanted and caller(request).sees(it):
                return it, made
    raise not_found()


def known_user(site: Site, request: Request) -> User:
    """The user `{user}`: a uuid, a name in any case, or `me`; whether or not the caller may see them.

    Raises:
        Refusal: 400 for nobody.
    """
    text = request.parts["user"]
    if text == "me":
        return caller(request).user
    for it in site.deployment.users:
        if text.lower() in (it.id, it.username.lower()):
            return it
    raise _no_user(text)


def user(site: Site, request: Request) -> User:
    """The user `{user}`, where the caller may see them.

    Raises:
        Refusal: 400 for nobody, and for somebody the caller may not see; 404 where the key opens apps only.
    """
    it = known_user(site, request)
    who = caller(request)
    if who.restricted:
        raise not_found()
    if it is not who.user and not who.user.owner:
        raise _no_user(request.parts["user"])
    return it


def _no_user(text: str) -> Refusal:
    return refuse(400, '"user" must be an existing uuid or username.', detail=f"queried user={quote(text)}")
