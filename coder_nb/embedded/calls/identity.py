"""An agent's token for a document its cloud has signed. Anybody may ask: the document is the credential."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping

from coder_nb.credentials.secret import Secret
from coder_nb.embedded.http.body import Body
from coder_nb.embedded.http.exchange import Reply, Request, answer, refuse
from coder_nb.embedded.identity import Wrong, aws_instance, azure_instance, google_instance
from coder_nb.embedded.site import Site
from coder_nb.embedded.wire.text import quote


def aws(site: Site, request: Request) -> Reply:
    """POST /workspaceagents/aws-instance-identity"""
    body = _fields(request, "AWSInstanceIdentityToken", "signature", "document")
    believed = site.deployment.clouds.aws
    return _trade(site, "AWS", lambda: aws_instance(body["document"], body["signature"], believed))


def azure(site: Site, request: Request) -> Reply:
    """POST /workspaceagents/azure-instance-identity"""
    body = _fields(request, "AzureInstanceIdentityToken", "signature", "encoding")
    return _trade(site, "Azure", lambda: azure_instance(body["signature"], site.deployment.clouds.azure))


def google(site: Site, request: Request) -> Reply:
    """POST /workspaceagents/google-instance-identity"""
    body = _fields(request, "GoogleInstanceIdentityToken", "json_web_token")
    keys, now = site.deployment.clouds.google, site.deployment.clock.now()
    return _trade(site, "GCP", lambda: google_instance(body["json_web_token"], keys, now))


def _fields(request: Request, struct: str, *names: str) -> Mapping[str, str]:
    body = Body(request, struct)
    fields = {name: body.text(name) for name in names}
    missing = [
        (name, f'Validation failed for tag "required" with value: {quote("")}')
        for name, value in fields.items()
        if not value
    ]
    if missing:
        raise refuse(400, "Validation failed.", validations=missing)
    return fields


def _trade(site: Site, cloud: str, instance: Callable[[], str]) -> Reply:
    try:
        instance_id = instance()
    except Wrong as wrong:
        raise refuse(401, f"Invalid {cloud} identity.", detail=str(wrong)) from None
    living = [
        (agent.created_at, workspace, build, agent)
        for workspace in site.deployment.workspaces
        if not workspace.deleted
        for build in workspace.builds
        for agent in build.agents
        if instance_id and agent.instance_id == instance_id
    ]
    if not living:
        raise refuse(404, f"Instance with id {quote(instance_id)} not found.")
    _created, workspace, build, agent = max(living, key=lambda one: one[0])
    if build is not workspace.latest:
        # A cloud gives the id of an instance that is gone to another one.
        text = f"Resource found for id {quote(instance_id)}, but isn't registered on the latest history."
        raise refuse(400, text)
    agent.token = agent.token or Secret(str(uuid.uuid4()))
    return answer({"session_token": agent.token.reveal()}, clock=workspace.clock)
