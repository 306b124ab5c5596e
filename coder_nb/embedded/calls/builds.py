"""Builds of workspaces: the list, one, the provisioner's log, timings, parameters, resources."""

from __future__ import annotations

from coder_nb.embedded.building.builder import ACTIVE
from coder_nb.embedded.building.order import read_order
from coder_nb.embedded.calls import found
from coder_nb.embedded.calls.workspaces import named
from coder_nb.embedded.http.exchange import Reply, Request, answer, message, refuse
from coder_nb.embedded.http.params import BadValue, integer, pagination, rfc3339
from coder_nb.embedded.http.push import push
from coder_nb.embedded.http.websocket import Ending, Manners
from coder_nb.embedded.site import Site
from coder_nb.embedded.state import Build
from coder_nb.embedded.streams.logs import job_log
from coder_nb.embedded.wire import builds as wire
from coder_nb.embedded.wire.text import quote


def builds(site: Site, request: Request) -> Reply:
    """GET /workspaces/{workspace}/builds, newest first."""
    it = found.workspace(site, request)
    page = pagination(request)
    chosen: list[Build] = it.builds[::-1]
    if since := request.first("since"):
        try:
            moment = rfc3339(since)
        except BadValue as error:
            raise refuse(400, "bad `since` format, must be RFC3339", detail=str(error)) from None
        chosen = [made for made in chosen if made.created_at > moment]
    if page.after_id:
        known = next((made for made in it.builds if made.id == page.after_id), None)
        if known is None:
            raise refuse(400, f'Record at "after_id" ({quote(page.after_id)}) does not exist.')
        chosen = [made for made in chosen if made.number > known.number]
    return answer([wire.build(it, made) for made in page.cut(chosen)], clock=it.clock)


def build(site: Site, request: Request) -> Reply:
    """GET /workspacebuilds/{build}"""
    it, made = found.build(site, request)
    return answer(wire.build(it, made), clock=it.clock)


def build_by_number(site: Site, request: Request) -> Reply:
    """GET /users/{user}/workspace/{name}/builds/{number}"""
    it = named(site, request)
    if it is None:
        raise found.not_found()
    try:
        number = integer(request.parts["number"])
    except BadValue as error:
        raise refuse(400, "Failed to parse build number as integer.", detail=str(error)) from None
    for made in it.builds:
        if made.number == number:
            return answer(wire.build(it, made), clock=it.clock)
    raise refuse(404, f"Workspace {quote(it.name)} Build {number} does not exist.")


def create(site: Site, request: Request) -> Reply:
    """POST /workspaces/{workspace}/builds: a deleted workspace is built too, and stays deleted."""
    it, who = found.workspace(site, request), found.caller(request)
    order = read_order(request, site.deployment, it, who)
    made = site.builder.create(it, order, who.user)
    return answer(wire.new_build(it, made), status=201, clock=it.clock)


def cancel(site: Site, request: Request) -> Reply:
    """PATCH /workspacebuilds/{build}/cancel"""
    it, made = found.build(site, request)
    expected = request.first("expect_status")
    if expected not in ("", "running", "pending"):
        raise refuse(400, f"Invalid expect_status {quote(expected)}. Only 'running' or 'pending' are allowed.")
    forbidden = not it.template.allow_user_cancel_workspace_jobs and not found.caller(request).user.owner
    if forbidden and expected != "pending":
        raise refuse(403, "User is not allowed to cancel workspace builds. Owner role is required.")
    if made.job.completed_at is not None or made.job.status not in ACTIVE:
        raise refuse(400, "Job has already completed!")
    if made.job.canceled_at is not None:
        raise refuse(400, "Job has already been marked as canceled!")
    if expected and made.job.status != expected:
        raise refuse(412, f"Job is not in the expected state {quote(expected)}.")
    site.builder.cancel(it, made)
    reply = message(200, "Job has been marked as canceled...")
    reply.clock = it.clock
    return reply


def logs(site: Site, request: Request) -> Reply:
    """GET /workspacebuilds/{build}/logs"""
    it, made = found.build(site, request)
    try:
        after = integer(request.first("after") or "0")
    except BadValue:
        wrong = [("after", "Must be an integer")]
        raise refuse(400, 'Query param "after" must be an integer.', validations=wrong) from None
    if request.has("follow"):
        lines = job_log(it, made, after=after, second=site.second)
        manners = Manners(split=True, done=Ending(1000, "done"))
        reply = push(request, lines, manners=manners, ping_seconds=site.ping_seconds, patience=site.patience)
        reply.clock = it.clock
        return reply
    return answer(wire.job_log_lines(line for line in tuple(made.job.logs) if line.id > after), clock=it.clock)


def timings(site: Site, request: Request) -> Reply:
    """GET /workspacebuilds/{build}/timings"""
    it, made = found.build(site, request)
    return answer(wire.timings(made), clock=it.clock)


def parameters(site: Site, request: Request) -> Reply:
    """GET /workspacebuilds/{build}/parameters"""
    it, made = found.build(site, request)
    return answer(wire.parameters(made), clock=it.clock)


def resources(site: Site, request: Request) -> Reply:
    """GET /workspacebuilds/{build}/resources: only of a build whose job has ended."""
    it, made = found.build(site, request)
    if made.job.completed_at is None:
        raise refuse(400, "Job hasn't completed!")
    return answer(wire.resources(it, made), clock=it.clock)
