"""Why a build came to nothing, in the provisioner's own words."""

from __future__ import annotations

from coder_nb import look
from coder_nb.api import Api
from coder_nb.api.builds import WorkspaceBuild
from coder_nb.errors import AgentUnavailable, CoderError
from coder_nb.frames.escapes import plain

__all__ = ["build_failed"]

LINES = 3
"""How many of the last error lines are told."""


def build_failed(api: Api, title: str, build: WorkspaceBuild) -> AgentUnavailable:
    """The error for a build that failed or was cancelled, with the last lines it logged as errors.

    Endpoint: GET /workspacebuilds/{id}/logs
    """
    lines: list[str] = []
    if build.job.status == "failed":
        try:
            logged = api.builds.logs(build.id)
        except CoderError:
            logged = []
        lines = [look.visible(plain(line.output)) for line in logged if line.log_level == "error" and line.output]
    why = f": {look.visible(build.job.error)}" if build.job.error else ""
    state = "was canceled" if build.job.status == "canceled" else build.job.status
    message = f"build {build.build_number} ({build.transition}) of {title} {state}{why}"
    return AgentUnavailable("\n  ".join([message, *lines[-LINES:]]), hint=f"%coder logs {title} --provisioner")
