"""The recorded exchanges of a real server, asked again: same status, same content type, same keys and types."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlencode

import pytest

from coder_nb.credentials import Secret
from coder_nb.embedded import keys
from coder_nb.embedded.state import (
    Agent,
    AgentError,
    App,
    ContainerListing,
    Deployment,
    Devcontainer,
    ListeningPort,
    Provider,
    TemplateVersion,
    User,
)

if TYPE_CHECKING:
    from tests.embedded.conftest import Client, Got
    from tests.embedded.recorded.conftest import Rebuilt

SLUGS = [
    "agent-connection",
    "agent-logs",
    "agent-logs-patch",
    "agent-startup-logs",
    "api-keys",
    "api-tokens",
    "app-status",
    "applications-host",
    "auth",
    "aws-instance-identity",
    "azure-instance-identity",
    "build-by-number",
    "buildinfo",
    "connection-generic",
    "containers",
    "debug-link",
    "deployment",
    "devcontainer-recreate",
    "experiments",
    "experiments-available",
    "external-auth",
    "general",
    "gitauth",
    "gitsshkey",
    "google-instance-identity",
    "listening-ports",
    "log-source",
    "login",
    "logout",
    "organizations",
    "path-params",
    "regions",
    "reinit",
    "templates",
    "updatecheck",
    "users-authmethods",
    "users-first",
    "users-me",
    "workspace-builds-create",
    "workspace-builds-list",
    "workspace-by-name",
    "workspace-get",
    "workspace-timings",
    "workspaceagents-get",
    "workspacebuild-cancel",
    "workspacebuild-get",
    "workspacebuild-logs",
    "workspacebuild-parameters",
    "workspacebuild-resources",
    "workspacebuild-timings",
    "workspaces-list",
]

LEFT_OUT = {
    ("agent-logs-patch", "overflow-first"): "the lines were not kept; test_me.py has the case",
    ("agent-logs-patch", "overflow-again"): "the lines were not kept; test_me.py has the case",
    ("auth", "agent-token-after-stop-build"): "the recorded stop build had an agent with the same token",
    ("google-instance-identity", "rs256-expired-bad-sig"): "the token was not kept; test_google.py has the case",
    ("google-instance-identity", "hs256"): "the token was not kept; test_google.py has the case",
    ("google-instance-identity", "rs256-bad-sig"): "the token was not kept, and that server had no network",
    ("containers", "agent-hung"): "a request would take 30 s",
    ("devcontainer-recreate", "agent-hung"): "a request would take 30 s",
    ("listening-ports", "agent-hung"): "a request would take 30 s",
    ("deployment", "config-member"): "the configuration of a deployment is not served",
    ("deployment", "stats"): "statistics of a deployment are not served",
    ("deployment", "stats-member"): "statistics of a deployment are not served",
}
BOB_CASES = re.compile(r"(?<!reads-)member(?!s-agent)|other-user|bob|suspended|other-users|by-user-uuid")
OWN_TOKENS = {"unknown-id", "workspaceagent-unknown-id", "connection-unknown-id", "deleted-key-used"}
AGENT_TOKEN = "0f9e2d3c-1111-4222-8333-444455556666"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d*[1-9])?Z")
Case = dict[str, Any]
Recorded = Callable[[str], list[Case]]
Serve = Callable[[Deployment], "Client"]


def shape(value: object, *, own_keys: bool = False) -> object:
    """A value's keys and types; a list is the set of its elements' shapes, texts tell ids and times apart."""
    if isinstance(value, dict):
        return frozenset((key, shape(one)) for key, one in value.items())
    if isinstance(value, list):
        return "list", frozenset(shape(one) for one in value)
    if isinstance(value, str):
        return "uuid" if UUID.fullmatch(value) else "time" if TIME.fullmatch(value) else "text"
    return type(value).__name__


def check(case: Case, got: Got) -> None:
    """Holds an answer against the recorded one; errors must be the same to the letter."""
    wanted = case["response"]
    assert got.status == wanted["status"], got.body
    assert got.header("Content-Type") == wanted["headers"].get("Content-Type")
    for name in ("Allow", "Upgrade", "Connection"):
        assert name not in wanted["headers"] or got.header(name) == wanted["headers"][name]
    assert (got.header("Www-Authenticate") is None) == ("Www-Authenticate" not in wanted["headers"])
    if not (got.header("Content-Type") or "").startswith("application/json"):
        if got.header("Content-Type") != "text/html; charset=utf-8":
            assert got.body.decode() == wanted["body"]
        return
    assert got.body.endswith(b"\n")
    assert (got.header("Content-Length") is not None) == (len(got.body) <= 2048)
    if got.status >= 400 and "expired at" not in str(wanted["body"]):
        assert got.json == wanted["body"]
    assert shape(got.json) == shape(wanted["body"])


def install(slug: str, case: Case, rebuilt: Rebuilt, recorded: Recorded) -> None:
    """Puts into the deployment what the request asks for, as it was when it was recorded."""
    body: Any = case["response"]["body"] if case["response"]["status"] == 200 else None
    path = case["request"]["path"]
    if slug in ("workspace-get", "workspace-by-name", "workspaces-list"):
        _install_workspaces(slug, case, body, rebuilt, recorded)
    elif slug.startswith("workspacebuild") or slug in ("build-by-number", "workspace-builds-list"):
        _install_builds(slug, case, body, rebuilt, recorded)
    elif slug == "workspace-builds-create":
        _install_buildable(case, rebuilt)
    elif "/workspaceagents/me/" in path:
        _install_inside(case, rebuilt)
    elif slug == "workspace-timings":
        it = rebuilt.workspace(id=path.split("/")[4] if body else "")
        if body:
            it.latest.script_timings = rebuilt.script_timings(body["agent_script_timings"])
            it.latest.resources.extend(
                rebuilt.place(rebuilt.plain_agent("a56aa771-b4d0-48ac-959c-3f73c0a555a4")).latest.resources
            )
    elif (agent_id := UUID.search(path.lower())) and "/workspaceagents/" in path:
        if not agent_id[0].startswith("00000000"):
            _install_agent(slug, case, agent_id[0], body, rebuilt, recorded)
    elif "/workspaceagents/" in path and (bare := re.search(r"[0-9a-f]{32}", path)):
        rebuilt.place(rebuilt.agent(body)).clock = rebuilt.at(body)
        assert bare[0] == body["id"].replace("-", "")


def _install_workspaces(slug: str, case: Case, body: Any, rebuilt: Rebuilt, recorded: Recorded) -> None:
    bodies = body["workspaces"] if slug == "workspaces-list" and body else [body] if body else []
    for one in bodies:
        rebuilt.workspace(one)
    if not bodies:
        deleted = next(one for one in recorded("workspace-get") if one["case"] == "by-id-deleted-include")
        rebuilt.workspace(deleted["response"]["body"])
        rebuilt.workspace(id="8029d80e-80c4-4764-9229-4395386ee616").name = "beta-ws"
    if slug == "workspaces-list" and (case["request"]["query"] or "") in ("limit=1&offset=1", "limit=2&offset=500"):
        rebuilt.workspace(id="00000000-0000-0000-0000-00000000eeee").name = "aaa"


def _install_builds(slug: str, case: Case, body: Any, rebuilt: Rebuilt, recorded: Recorded) -> None:
    deleted = next(one for one in recorded("workspace-get") if one["case"] == "by-id-deleted-include")
    it = rebuilt.workspace(deleted["response"]["body"])
    if slug in ("workspacebuild-get", "build-by-number") and body:
        it.builds = [rebuilt.build(body)]
    elif slug == "workspace-builds-list" and body:
        it.builds = [rebuilt.build(one) for one in reversed(body)]
    elif wanted := UUID.search(case["request"]["path"]):
        if not wanted[0].startswith("00000000"):
            it.latest.id = wanted[0]
        if slug == "workspacebuild-logs" and body:
            it.latest.job.logs = rebuilt.job_log(body)
        if slug == "workspacebuild-resources" and body:
            it.latest.resources = [rebuilt.resource(one) for one in body]
        if slug == "workspacebuild-timings":
            it.latest.resources = []
    bodies = body if isinstance(body, list) else [body] if body else []
    agents = [
        agent
        for one in bodies
        for resource in (one.get("resources", [one] if "agents" in one else []))
        for agent in resource.get("agents", ())
    ]
    it.clock = rebuilt.at(*agents) if agents else it.clock


def _install_agent(slug: str, case: Case, id: str, body: Any, rebuilt: Rebuilt, recorded: Recorded) -> None:
    name = case["case"]
    state = re.search(r'Agent state is "(\w+)"', str(case["response"]["body"]))
    if isinstance(body, dict) and "lifecycle_state" in body:
        agent = rebuilt.agent(body)
        agent.logs.length = body["logs_length"]
        owner = rebuilt.bob if name == "owner-reads-members-agent" else None
        it = rebuilt.place(agent, owner=owner)
        it.clock = rebuilt.at(body)
        if agent.apps and agent.apps[0].statuses:
            it.id = "69ae3491-c268-44ea-a5de-881240929a18"
        if any(app.subdomain for app in agent.apps):
            it.name = "gamma-ws"
        return
    agent = rebuilt.plain_agent(id, state[1] if state else "connected")
    rebuilt.place(
        agent, owner=rebuilt.bob if name in ("suspended-agent-route", "agent-connecting-or-other-user") else None
    )
    if slug in ("agent-logs", "agent-startup-logs"):
        every = next((one for one in recorded(slug) if one["case"] == "all"), case)
        same = every["request"]["path"] == case["request"]["path"]
        lines = every["response"]["body"] if same else body
        rebuilt.fill_log(agent, lines or [])
    elif slug == "listening-ports" and body:
        agent.ports = lambda: [ListeningPort(**port) for port in body["ports"]]
    elif slug == "devcontainer-recreate":
        _install_devcontainer(case, agent)
    elif slug == "containers":
        _install_containers(case, agent.id, body, rebuilt, recorded)


def _install_buildable(case: Case, rebuilt: Rebuilt) -> None:
    """A workspace that can be built, unless the case is about one that cannot."""
    name, id = case["case"], case["request"]["path"].split("/")[4]
    if id.startswith("00000000"):
        return
    it = rebuilt.workspace(id=id)
    if name == "while-active":
        it.latest.job.status = "running"
    if name == "on-deleted-workspace":
        it.latest.transition = "delete"
    if name.startswith("version-"):
        status: Any = "pending" if name == "version-still-importing" else "canceled"
        version = TemplateVersion(case["request"]["body"]["template_version_id"], "condescending_kowalevski9", status)
        it.template.versions.append(version)


def _install_devcontainer(case: Case, agent: Agent) -> None:
    """An agent with one dev container, or without the feature."""
    if case["case"] == "disabled-on-agent":

        def disabled() -> ContainerListing:
            raise AgentError("Dev Container feature not enabled.", status=403)

        agent.containers = disabled
        return
    status: Any = "starting" if case["case"] == "already-running" else "running"
    dev = Devcontainer("6bff84d8-f270-4c5a-adef-9c380bfe4df3", "dc", "/home/ada/dc", status=status)
    agent.containers = lambda: ContainerListing([], [dev])


def _install_inside(case: Case, rebuilt: Rebuilt) -> None:
    """The agent whose token it is, and what it may ask about."""
    agent = rebuilt.plain_agent("583ee426-d5bf-4041-9f0c-918ad0295a02")
    agent.token = Secret(AGENT_TOKEN)
    agent.apps = [App(str(uuid.uuid4()), slug) for slug in ("ai", "code")]
    it = rebuilt.place(agent)
    rebuilt.deployment.providers.append(Provider("gh", "github", r"github\.com"))
    if "deleted-workspace" in case["case"]:
        it.latest.transition = "delete"
    if case["case"] == "owner-suspended":
        it.owner.status = "suspended"


def _install_containers(case: Case, id: str, body: Any, rebuilt: Rebuilt, recorded: Recorded) -> None:
    agent = rebuilt.deployment.workspaces[-1].latest.agents[0]
    refused = case["response"]["body"]
    if body:
        every = next(one for one in recorded("containers") if one["case"] == "list")
        listing = rebuilt.listing(every["response"]["body"] if case["request"]["query"] else body)
        agent.containers = lambda: listing
    elif case["response"]["status"] in (403, 500):

        def fail() -> Any:
            raise AgentError(refused["message"], detail=refused["detail"], status=case["response"]["status"])

        agent.containers = fail


def tokens(case: Case, rebuilt: Rebuilt) -> dict[str, str]:
    """What stands for the placeholders of a recorded request."""
    name, deployment = case["case"], rebuilt.deployment
    user: User = rebuilt.bob if BOB_CASES.search(name) else rebuilt.ada
    token = keys.new_token()
    scope: Any = "application_connect" if name.startswith("application-connect") else "all"
    key = keys.add_key(deployment, user, token, scope=scope)
    if name in OWN_TOKENS or name == "after-logout-old-token":
        del deployment.keys[key.id]
    if name.startswith("expired"):
        key.expires_at = deployment.clock.now()
    if name.startswith("suspended"):
        user.status = "suspended"
    if name == "csrf-cookie-and-other-header":
        return {"<session-token>": token, "other": keys.new_token()}
    return {
        "<session-token>": token,
        "<wrong-secret-token>": token[:11] + "x" * 22,
        "<agent-token>": AGENT_TOKEN,
    }


def prepare(slug: str, case: Case, rebuilt: Rebuilt) -> None:
    """What must have been done before: keys that are there already."""
    name, path, deployment = case["case"], case["request"]["path"], rebuilt.deployment
    known = path.rpartition("/keys/")[2].removeprefix("tokens/")
    if slug == "api-keys" and name in ("get-self-by-token-prefix", "get-new", "delete"):
        used = name != "get-new"
        keys.add_key(deployment, rebuilt.ada, f"{known}-{'x' * 22}").last_used = (
            deployment.clock.now() if used else None
        )
    if slug == "api-tokens" and name in (
        "create-dup-name",
        "get-by-name",
        "list",
        "list-all",
        "list-include-all-garbage",
    ):
        keys.add_key(deployment, rebuilt.ada, keys.new_token(), login_type="token", token_name="nb")
        other = keys.add_key(deployment, rebuilt.ada, keys.new_token(), login_type="token", token_name="used")
        other.last_used = deployment.clock.now()
    if slug == "api-tokens" and name in ("get-token-by-id", "delete-by-id"):
        keys.add_key(deployment, rebuilt.ada, f"{known}-{'x' * 22}", login_type="token", token_name="nb")


def send(case: Case, client: Client, placeholders: dict[str, str]) -> Got:
    """Asks what was asked."""
    request = case["request"]
    swap = placeholders.get

    def fill(text: str) -> str:
        for name, value in placeholders.items():
            text = text.replace(name, value)
        return text

    headers = {name: fill(value) for name, value in request["headers"].items()}
    if case["case"] == "csrf-cookie-and-other-header":
        headers["Coder-Session-Token"] = swap("other", "")
    query = request["query"]
    pairs = query.items() if isinstance(query, dict) else None
    text = urlencode([(key, fill(value)) for key, value in pairs]) if pairs is not None else query
    path = quote(request["path"], safe="/:{}%") + (f"?{text}" if text else "")
    body = request["body"]
    raw = None if body is None else (body if isinstance(body, str) else json.dumps(body)).encode()
    assert isinstance(query, dict) or parse_qsl(query, keep_blank_values=True)
    return client.ask(
        "/" + path if not path.startswith("/api") else path,
        method=request["method"],
        headers=headers,
        body=raw,
        token=None,
    )


@pytest.mark.parametrize("slug", SLUGS)
def test_every_recorded_exchange_is_answered_alike(
    slug: str, recorded: Recorded, rebuild: type[Rebuilt], serve: Serve
) -> None:
    """Each recorded request of an endpoint gets the recorded status, content type, keys, types and error texts."""
    wrong = []
    for case in recorded(slug):
        if (slug, case["case"]) in LEFT_OUT:
            continue
        rebuilt = rebuild()
        install(slug, case, rebuilt, recorded)
        client = serve(rebuilt.deployment)
        try:
            prepare(slug, case, rebuilt)
            check(case, send(case, client, tokens(case, rebuilt)))
        except AssertionError as error:
            wrong.append(f"{case['case']}: {error}")
        finally:
            client.server.close()
    assert not wrong, "\n".join(wrong)
