"""Loads a deployment from a declarative scenario file (TOML): people, templates, workspaces, builds, agents, logs.

The same file gives the same deployment on every machine, ids and log lines included, and its clock stands still at the
file's `now`. It refuses a file it does not wholly understand, and anything that would happen after `now`.
"""

from __future__ import annotations

import tomllib
from datetime import datetime, timedelta
from importlib import resources
from itertools import pairwise
from pathlib import Path

from coder_nb.embedded.ids import uid
from coder_nb.embedded.scenario.agents import Loading
from coder_nb.embedded.scenario.builds import Blueprint, Part, read_build
from coder_nb.embedded.scenario.read import Table
from coder_nb.embedded.state import (
    Build,
    Clock,
    Deployment,
    Organization,
    Template,
    TemplateVersion,
    User,
    Workspace,
)
from coder_nb.errors import ConfigurationError

__all__ = ["load_scenario"]


def load_scenario(scenario: str | Path = "fleet") -> Deployment:
    """The deployment a scenario file describes.

    Args:
        scenario: the name of one that comes with the package, or the path of a `.toml` file.

    Raises:
        ConfigurationError: the file is not there, is no TOML, or something in it cannot be.
    """
    name, text = _text_of(scenario)
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"bad scenario: {name}: {error}", hint="correct the scenario file") from None
    return _read_deployment(Table(values, name))


def _text_of(scenario: str | Path) -> tuple[str, str]:
    if isinstance(scenario, Path) or scenario.endswith(".toml"):
        path = Path(scenario)
        try:
            return path.name, path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"cannot read the scenario {path}: {error}", hint="check the path") from None
    packaged = resources.files("coder_nb.embedded.scenario") / f"{scenario}.toml"
    if not packaged.is_file():
        raise ConfigurationError(f"no scenario is called {scenario!r}", hint="use 'fleet', or the path of a .toml file")
    return packaged.name, packaged.read_text("utf-8")


def _read_deployment(table: Table) -> Deployment:
    now, name = table.instant("now"), table.text("organization")
    users = [_read_user(user, now) for user in table.tables("users")]
    if not users:
        raise table.wrong("it has no users", "add [[users]]")
    organization = Organization(
        id=uid("organization", name),
        name=name,
        created_at=min(user.created_at for user in users) - timedelta(seconds=9),
        display_name=name.capitalize(),
    )
    deployment = Deployment(uid("deployment"), organization, Clock(now), users=users)
    loading = Loading(now, deployment, table.text("agent_version"))
    blueprints = {key: _read_template(one, key, organization, users[0]) for key, one in table.named("templates")}
    deployment.templates = [blueprint.template for blueprint in blueprints.values()]
    for workspace in table.tables("workspaces"):
        deployment.workspaces.append(_read_workspace(workspace, blueprints, loading))
    table.done()
    _number_logs(loading)
    return deployment


def _read_user(table: Table, now: datetime) -> User:
    name, created_at = table.text("name"), table.moment("created", now)
    roles = table.texts("roles")
    if set(roles) - {"owner"}:
        raise table.wrong(f"unknown roles: {roles}", "the one site role here is 'owner'")
    user = User(
        id=uid("user", name),
        username=name,
        name=table.text("full_name", ""),
        email=table.text("email", f"{name}@example.com"),
        created_at=created_at,
        updated_at=created_at,
        last_seen_at=table.moment("seen", now),
        login_type="oidc" if table.has("id_token") else "password",
        owner="owner" in roles,
        id_token_claims=table.values("id_token"),
        user_info_claims=table.values("user_info"),
    )
    table.done()
    return user


def _read_template(table: Table, name: str, organization: Organization, author: User) -> Blueprint:
    versions = [TemplateVersion(uid("template", name, version), version) for version in table.texts("versions")]
    if not versions:
        raise table.wrong("it has no versions", 'add versions = ["v1"]')
    template = Template(
        id=uid("template", name),
        name=name,
        organization=organization,
        created_by=author,
        created_at=author.created_at + timedelta(days=2),
        updated_at=author.created_at + timedelta(days=40 * len(versions)),
        active=versions[-1],
        display_name=table.text("display_name", ""),
        description=table.text("description", ""),
        icon=table.text("icon", ""),
    )
    parts = [_read_part(part) for part in table.tables("resources")]
    table.done()
    return Blueprint(template, versions, parts)


def _read_part(table: Table) -> Part:
    part = Part(
        type=table.text("type"),
        name=table.text("name"),
        icon=table.text("icon", ""),
        seconds=table.number("seconds"),
        hide=table.flag("hide"),
        daily_cost=table.whole("daily_cost", 0),
        agents=table.flag("agents"),
    )
    table.done()
    return part


def _read_workspace(table: Table, blueprints: dict[str, Blueprint], loading: Loading) -> Workspace:
    now, deployment = loading.now, loading.deployment
    name, owner_name = table.text("name"), table.one_of("owner", tuple(user.username for user in deployment.users))
    owner = next(user for user in deployment.users if user.username == owner_name)
    blueprint = blueprints[table.one_of("template", tuple(blueprints))]
    if any(other.owner is owner and other.name == name for other in deployment.workspaces):
        raise table.wrong(f"{owner_name} has two workspaces of this name")
    builds: list[Build] = []
    for number, build in enumerate(table.tables("builds", "at"), 1):
        builds.append(read_build(build, (owner_name, name, number), blueprint, owner, loading))
    if not builds:
        raise table.wrong("it has no builds", "add [[workspaces.builds]]")
    if any(later.created_at <= sooner.created_at for sooner, later in pairwise(builds)):
        raise table.wrong("its builds are not in the order of time", "oldest first")
    workspace = Workspace(
        id=uid(owner_name, name),
        name=name,
        owner=owner,
        template=blueprint.template,
        created_at=builds[0].created_at,
        updated_at=builds[0].created_at,
        last_used_at=table.moment("used", now),
        clock=deployment.clock,
        builds=builds,
        autostart_schedule=table.text("autostart", ""),
        ttl_ms=int(table.number("ttl_hours") * 3_600_000) if table.has("ttl_hours") else None,
        deleting_at=table.optional_moment("deleting", now),
        dormant_at=table.optional_moment("dormant", now),
        favorite=table.flag("favorite"),
    )
    table.done()
    return workspace


def _number_logs(loading: Loading) -> None:
    """Gives every log line its id. One sequence counts all agents' lines as they arrive, so an agent's have gaps."""
    for batch in sorted(loading.batches, key=lambda batch: batch.at):
        # An agent stops sending when its log is full.
        if not batch.store.overflowed:
            batch.store.append(batch.source_id, batch.lines, at=batch.at)
    jobs = [build.job for workspace in loading.deployment.workspaces for build in workspace.builds]
    for job in sorted(jobs, key=lambda job: job.created_at):
        first = loading.deployment.job_log_ids.take(len(job.logs))
        job.logs = [line._replace(id=first + place) for place, line in enumerate(job.logs)]
