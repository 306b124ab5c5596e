"""What a request for a build asks for: its body and its parameters checked, in the order a server checks them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, cast

from coder_nb.embedded.http.body import Body
from coder_nb.embedded.http.exchange import Caller, Refusal, Request, refuse
from coder_nb.embedded.http.params import uuid_text
from coder_nb.embedded.state import Deployment, Template, TemplateVersion, Workspace
from coder_nb.embedded.wire.text import quote

__all__ = ["Order", "read_order"]

Transition = Literal["start", "stop", "delete"]

_TRANSITIONS: Final = ("start", "stop", "delete")
_REASONS: Final = ("", "dashboard", "cli", "ssh_connection", "vscode_connection", "jetbrains_connection")


@dataclass(frozen=True)
class Order:
    """One build, wished for."""

    transition: Transition
    version: TemplateVersion
    parameters: dict[str, str]
    reason: str


def read_order(request: Request, deployment: Deployment, workspace: Workspace, caller: Caller) -> Order:
    """Reads a request.

    Raises:
        Refusal: 400 for a body or a value that is wrong, 403 for what the caller may not, 406 for a version too new.
    """
    body = Body(request, "CreateWorkspaceBuildRequest", package="codersdk")
    version_id = body.parsed("template_version_id", uuid_text, "uuid.UUID", "")
    transition, reason, log_level = body.text("transition"), body.text("reason"), body.text("log_level")
    orphan, state = body.flag("orphan"), body.text("state")
    named = body.objects("rich_parameter_values", "codersdk.WorkspaceBuildParameter")
    given = {one.text("name"): one.text("value") for one in named}
    _check_choices(
        ("transition", transition, _TRANSITIONS), ("log_level", log_level, ("", "debug")), ("reason", reason, _REASONS)
    )
    if orphan and transition != "delete":
        raise refuse(400, "Orphan is only permitted when deleting a workspace.")
    if orphan and state:
        raise refuse(400, "Only one of orphan and state can be given.")
    if (orphan or state) and not caller.user.owner:
        raise refuse(403, "Only template managers may provide custom state.")
    if log_level:
        raise _both(400, "Terraform debug mode is disabled in the deployment configuration.")
    version = _version(deployment, workspace, version_id)
    if workspace.template.require_active_version and version is not workspace.template.active and not caller.user.owner:
        raise _both(403, "The template requires its active version.")
    kept = {} if transition == "delete" else dict(workspace.latest.parameters)
    return Order(cast("Transition", transition), version, kept | given, reason if transition == "start" else "")


def _check_choices(*values: tuple[str, str, Iterable[str]]) -> None:
    wrong = [
        (name, f'Validation failed for tag "oneof" with value: {quote(value)}')
        for name, value, choices in values
        if value not in choices
    ]
    if wrong:
        raise refuse(400, "Validation failed.", validations=wrong)


def _version(deployment: Deployment, workspace: Workspace, wanted: str) -> TemplateVersion:
    if not wanted:
        return workspace.latest.template_version
    mine = {version.id: version for version in _versions(deployment, workspace.template)}
    version = mine.get(wanted)
    if version is None:
        if any(wanted == other.id for one in deployment.templates for other in _versions(deployment, one)):
            raise _both(400, "The template version is of another template.")
        detail = f"get template version {wanted}: sql: no rows in result set"
        raise refuse(400, "template version does not exist", detail=detail)
    if version.import_status in ("pending", "running"):
        text = f"The provided template version is {version.import_status}. Wait for it to complete importing!"
        raise _both(406, text)
    if version.import_status != "succeeded":
        failed = f'The provided template version {quote(version.name)} has failed to import: "".'
        raise _both(400, f"{failed} You cannot build workspaces with it!")
    return version


def _versions(deployment: Deployment, template: Template) -> list[TemplateVersion]:
    built = [
        build.template_version for one in deployment.workspaces if one.template is template for build in one.builds
    ]
    return [template.active, *template.versions, *built]


def _both(status: int, text: str) -> Refusal:
    return refuse(status, text, detail=text)
