"""What is said about the deployment as a whole: its build, addresses, regions, features, organizations, templates."""

from __future__ import annotations

from coder_nb.embedded.calls import found
from coder_nb.embedded.http.exchange import Reply, Request, answer, message
from coder_nb.embedded.http.params import path_uuid
from coder_nb.embedded.site import VERSION, Site
from coder_nb.embedded.state import Organization
from coder_nb.embedded.wire import people

_HOME_PAGE = "https://github.com/coder/coder"


def greeting(site: Site, request: Request) -> Reply:
    """GET /api/v2/"""
    return message(200, "👋")


def buildinfo(site: Site, request: Request) -> Reply:
    """GET /buildinfo"""
    return answer(
        {
            "external_url": _HOME_PAGE,
            "version": VERSION,
            "dashboard_url": site.url,
            "telemetry": False,
            "workspace_proxy": False,
            "agent_api_version": "1.0",
            "provisioner_api_version": "1.9",
            "upgrade_message": "",
            "deployment_id": site.deployment.id,
        }
    )


def applications_host(site: Site, request: Request) -> Reply:
    """GET /applications/host: apps have no host names of their own here."""
    return answer({"host": ""})


def regions(site: Site, request: Request) -> Reply:
    """GET /regions"""
    return answer(
        {
            "regions": [
                {
                    "id": site.deployment.id,
                    "name": "primary",
                    "display_name": "Default",
                    "icon_url": "/emojis/1f3e1.png",
                    "healthy": True,
                    "path_app_url": site.url,
                    "wildcard_hostname": "",
                }
            ]
        }
    )


def ssh_settings(site: Site, request: Request) -> Reply:
    """GET /deployment/ssh"""
    return answer({"hostname_prefix": "coder.", "hostname_suffix": "coder", "ssh_config_options": {}})


def experiments(site: Site, request: Request) -> Reply:
    """GET /experiments"""
    return answer([])


def available_experiments(site: Site, request: Request) -> Reply:
    """GET /experiments/available"""
    return answer({"safe": []})


def update_check(site: Site, request: Request) -> Reply:
    """GET /updatecheck: asks nobody."""
    return answer({"current": True, "version": VERSION, "url": _HOME_PAGE})


def organizations(site: Site, request: Request) -> Reply:
    """GET /organizations"""
    return answer([people.organization(site.deployment.organization)])


def organization(site: Site, request: Request) -> Reply:
    """GET /organizations/{organization}"""
    return answer(people.organization(_organization(site, request)))


def templates(site: Site, request: Request) -> Reply:
    """GET /templates, and GET /organizations/{organization}/templates"""
    if "organization" in request.parts:
        _organization(site, request)
    it = site.deployment
    return answer([people.template(one, it) for one in sorted(it.templates, key=lambda one: one.name)])


def template(site: Site, request: Request) -> Reply:
    """GET /templates/{template}"""
    wanted = path_uuid(request, "template")
    for it in site.deployment.templates:
        if it.id == wanted:
            return answer(people.template(it, site.deployment))
    raise found.not_found()


def template_by_name(site: Site, request: Request) -> Reply:
    """GET /organizations/{organization}/templates/{name}"""
    _organization(site, request)
    for it in site.deployment.templates:
        if it.name.lower() == request.parts["name"].lower():
            return answer(people.template(it, site.deployment))
    raise found.not_found()


def _organization(site: Site, request: Request) -> Organization:
    it = site.deployment.organization
    if request.parts["organization"].lower() not in (it.id, it.name.lower(), "default"):
        raise found.not_found()
    return it
