"""From a cloud's metadata service to a token: the services are stand-ins, the signatures and their checks are real."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator

import pytest

from coder_nb.errors import AuthenticationError, ConfigurationError, NotFound
from coder_nb.within import inside
from tests.cloud import Aws, Azure, Google
from tests.within.conftest import Home
from tests.within.standin import Answer, Respond, StandIn

INSTANCE = "i-0123456789abcdef0"


@pytest.fixture
def serve() -> Iterator[Callable[[Respond], StandIn]]:
    """Starts stand-ins, and stops them after the test."""
    started: list[StandIn] = []

    def start(respond: Respond) -> StandIn:
        started.append(StandIn(respond))
        return started[-1]

    yield start
    for one in started:
        one.close()


Serve = Callable[[Respond], StandIn]


def aws_metadata(document: str, signature: str) -> Respond:
    """IMDSv2: a ticket first."""

    def respond(method: str, path: str, headers: dict[str, str]) -> Answer:
        if (method, path) == ("PUT", "/latest/api/token") and headers["x-aws-ec2-metadata-token-ttl-seconds"]:
            return 200, {}, b"ticket"
        if method != "GET" or headers.get("x-aws-ec2-metadata-token") != "ticket":
            return 401, {}, b""
        answers = {"signature": signature, "document": document}
        return 200, {}, answers[path.removeprefix("/latest/dynamic/instance-identity/")].encode()

    return respond


def environ(home: Home, **more: str) -> dict[str, str]:
    """No token, only where the deployment is."""
    home.agent.instance_id = INSTANCE
    return {"CODER_AGENT_URL": home.environ["CODER_AGENT_URL"], **more}


@pytest.mark.parametrize("named", ["parameter", "variable"])
def test_an_ec2_instance_gets_its_agents_token(home: Home, serve: Serve, named: str) -> None:
    """With the document byte for byte as the service gave it."""
    aws = Aws()
    home.server.deployment.clouds = aws.clouds
    document = json.dumps({"instanceId": INSTANCE, "region": "eu-north-1", "x": "é"}, ensure_ascii=False, indent=2)
    service = serve(aws_metadata(document, aws.sign(document)))
    if named == "parameter":
        variables, metadata = environ(home), service.url
    else:
        variables, metadata = environ(home, AWS_EC2_METADATA_SERVICE_ENDPOINT=service.url), None
    with inside("aws", environ=variables, metadata=metadata) as me:
        assert me.credentials.token == home.agent.token
        assert "aws" in repr(me)
        assert me.git_ssh_key().public_key.startswith("ssh-ed25519 ")
    assert [path.rpartition("/")[2] for _, path, _ in service.asked] == ["token", "signature", "document"]


def test_an_azure_machine_gets_its_agents_token(home: Home, serve: Serve) -> None:
    """For the attested document, forwarded as it is."""
    azure = Azure()
    home.server.deployment.clouds = azure.clouds
    body = {"signature": azure.attest({"vmId": INSTANCE}), "encoding": "pkcs7"}

    def respond(method: str, path: str, headers: dict[str, str]) -> Answer:
        good = path == "/metadata/attested/document?api-version=2020-09-01" and headers.get("metadata") == "true"
        return (200, {}, json.dumps(body).encode()) if good else (400, {}, b"")

    with inside("azure", environ=environ(home), metadata=serve(respond).url) as me:
        assert me.credentials.token == home.agent.token


def test_a_google_instance_gets_its_agents_token(home: Home, serve: Serve) -> None:
    """For the token in the full format; GCE_METADATA_HOST names another service."""
    google = Google()
    home.server.deployment.clouds = google.clouds
    token = google.token(INSTANCE)
    wanted = "/computeMetadata/v1/instance/service-accounts/default/identity?audience=coder&format=full"

    def respond(method: str, path: str, headers: dict[str, str]) -> Answer:
        good = path == wanted and headers.get("metadata-flavor") == "Google"
        return (200, {"Metadata-Flavor": "Google"}, token.encode()) if good else (403, {}, b"")

    host = serve(respond).url.removeprefix("http://")
    with inside("google", environ=environ(home, GCE_METADATA_HOST=host)) as me:
        assert me.credentials.token == home.agent.token


def test_the_agents_way_is_the_way_of_what_runs_under_it(home: Home, serve: Serve) -> None:
    """CODER_AGENT_AUTH names the cloud where there is no token; a token goes first."""
    aws = Aws()
    home.server.deployment.clouds = aws.clouds
    document = json.dumps({"instanceId": INSTANCE})
    service = serve(aws_metadata(document, aws.sign(document)))
    variables = environ(home, CODER_AGENT_AUTH="aws-instance-identity", AWS_EC2_METADATA_SERVICE_ENDPOINT=service.url)
    with inside(environ=variables) as me:
        assert me.credentials.token == home.agent.token
    asked = len(service.asked)
    with inside(environ={**variables, **home.environ}) as me:
        assert me.credentials.source == "CODER_AGENT_TOKEN"
    assert len(service.asked) == asked


def test_no_proxy_is_asked_for_metadata(home: Home, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the environment says: the service is on the machine's own network."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    aws = Aws()
    home.server.deployment.clouds = aws.clouds
    document = json.dumps({"instanceId": INSTANCE})
    service = serve(aws_metadata(document, aws.sign(document)))
    with inside("aws", environ=environ(home), metadata=service.url) as me:
        assert me.credentials.token == home.agent.token


def test_what_the_cloud_did_not_sign_is_refused_with_a_way_on(home: Home, serve: Serve) -> None:
    """The deployment trusts another certificate."""
    document = json.dumps({"instanceId": INSTANCE})
    home.server.deployment.clouds = Aws().clouds
    service = serve(aws_metadata(document, Aws().sign(document)))
    with pytest.raises(AuthenticationError, match=r"verification error[\s\S]*administrator"):
        inside("aws", environ=environ(home), metadata=service.url)


def test_an_instance_nobody_knows_is_told_from_a_bad_signature(home: Home, serve: Serve) -> None:
    """Signed, but no agent has that id."""
    aws = Aws()
    home.server.deployment.clouds = aws.clouds
    document = json.dumps({"instanceId": "i-other"})
    service = serve(aws_metadata(document, aws.sign(document)))
    with pytest.raises(NotFound, match=r'"i-other" not found[\s\S]*template'):
        inside("aws", environ=environ(home), metadata=service.url)


@pytest.mark.parametrize("cloud", ["aws", "azure", "google"])
def test_a_machine_of_no_cloud_is_told_so(home: Home, serve: Serve, cloud: str) -> None:
    """Nothing listens, something refuses, or something else answers."""
    silent = StandIn(lambda *_: (200, {}, b""))
    silent.close()
    for service, why in (
        (silent.url, "refused"),
        (serve(lambda *_: (404, {}, b"")).url, "answered 404"),
        ("https://127.0.0.1:1", "http://host:port"),
    ):
        with pytest.raises(ConfigurationError, match=why):
            inside(cloud, environ=environ(home), metadata=service)  # type: ignore[arg-type]


def test_a_service_that_says_nothing_costs_seconds_not_minutes(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is short, since on most machines there is nobody at that address."""
    import socket

    from coder_nb.within import clouds

    monkeypatch.setattr(clouds, "SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"http://127.0.0.1:{mute.getsockname()[1]}"
        with pytest.raises(ConfigurationError, match=r"nothing within 0\.05 s"):
            inside("google", environ=environ(home), metadata=url)


def test_times_of_tokens_are_looked_at(home: Home, serve: Serve) -> None:
    """An identity token that has expired is refused before its signature is looked at."""
    google = Google()
    home.server.deployment.clouds = google.clouds
    token = google.token(INSTANCE, expires=int(time.time()) - 60)
    service = serve(lambda *_: (200, {}, token.encode()))
    with pytest.raises(AuthenticationError, match="token expired"):
        inside("google", environ=environ(home), metadata=service.url)
