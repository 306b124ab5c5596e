"""One call: what is sent, what comes back, and what is refused before it is sent."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import msgspec
import pytest

from coder_nb.credentials import Secret
from coder_nb.errors import ConfigurationError, ConfirmationRequired, NotFound
from coder_nb.transport.http import Answer, Http, Limits
from tests.transport.conftest import Serve
from tests.transport.hostile import Request, answer, json_answer

AGENT = Secret("0b1c2d3e-4f50-4617-8293-a4b5c6d7e8f9")


def test_an_answer_comes_back_as_it_was_sent(serve: Serve, token: Secret) -> None:
    """Status, headers in any case, body, request id, clock and version are all there."""
    server = serve(
        json_answer(
            '{"username":"ada"}\n',
            Date="Mon, 23 Nov 2026 22:44:33 GMT",
            X_Coder_Request_Id="6d7c",
            X_Coder_Build_Version="v2.25.1+abc1234",
        )
    )
    http = Http(f"{server.url}/", token)
    found = http.request("GET", "/users/me")
    assert (found.status, found.body, found.endpoint) == (200, b'{"username":"ada"}\n', "GET /api/v2/users/me")
    assert found.headers["x-coder-build-VERSION"] == "v2.25.1+abc1234"
    assert found.request_id == "6d7c"
    assert found.date == http.server_time == datetime(2026, 11, 23, 22, 44, 33, tzinfo=UTC)
    assert http.server_version == "v2.25.1+abc1234"
    assert http.url == server.url
    http.close()


def test_a_request_has_one_credential_and_asks_for_plain_json(serve: Serve, token: Secret) -> None:
    """The token is in one header; there is no cookie, no Authorization and no compression asked for."""
    server = serve(json_answer("[]"))
    Http(f"{server.url}/base", token).request("GET", "/workspaces", query={"q": "owner:me", "limit": None})
    request = server.requests[0]
    assert request.line == "GET /base/api/v2/workspaces?q=owner%3Ame HTTP/1.1"
    assert request.headers["coder-session-token"] == token.reveal()
    assert request.headers["accept"] == "application/json"
    assert request.headers["accept-encoding"] == "identity"
    assert not {"cookie", "authorization"} & set(request.headers)
    assert request.body == b""


def test_a_body_is_json_with_the_secrets_in_it(serve: Serve) -> None:
    """A Secret in a body is written out on the wire, so that no one else has to hold the text."""
    server = serve(json_answer("{}", "201 Created"))
    body = {"email": "ada@example.com", "password": Secret("pässword")}
    http = Http(server.url, None)
    assert http.request("POST", "/users/login", body=body, changes=True, anonymous=True).status == 201
    assert msgspec.json.decode(server.requests[0].body) == {"email": "ada@example.com", "password": "pässword"}
    assert server.requests[0].headers["content-type"] == "application/json"


def test_an_anonymous_call_carries_no_token(serve: Serve, token: Secret) -> None:
    """What needs no token does not get one."""
    server = serve(json_answer("{}"))
    Http(server.url, token).request("GET", "/buildinfo", anonymous=True)
    assert "coder-session-token" not in server.requests[0].headers


def test_cookies_are_not_kept(serve: Serve, token: Secret) -> None:
    """A session cookie would outrank the header: none is sent back, and none is left in the answer."""
    server = serve(json_answer("{}", Set_Cookie="coder_session_token=abc; Path=/"))
    http = Http(server.url, token)
    assert "set-cookie" not in http.request("GET", "/users/me").headers
    http.request("GET", "/users/me")
    assert "cookie" not in server.requests[1].headers


def test_netrc_is_not_read(serve: Serve, token: Secret, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A password for this host in ~/.netrc is not sent."""
    home = tmp_path_factory.mktemp("home")
    (home / ".netrc").write_text("machine 127.0.0.1 login ada password s3cret\n")
    server = serve(json_answer("{}"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        Http(server.url, token).request("GET", "/users/me")
    assert "authorization" not in server.requests[0].headers


@pytest.mark.parametrize("status", ["204 No Content", "200 OK"])
def test_an_empty_body_is_a_good_answer(serve: Serve, token: Secret, status: str) -> None:
    """Some calls answer with nothing, with or without a status that says so."""
    server = serve(answer(b"", status=status, kind=""))
    assert Http(server.url, token).request("DELETE", "/users/me/keys/x", changes=True).body == b""


def test_a_dry_run_sends_no_change(serve: Serve, token: Secret) -> None:
    """What is declared to change something is refused, whatever its method; the rest is sent."""
    server = serve(json_answer("{}"))
    http = Http(server.url, token, dry_run=True)
    for method in ("POST", "GET"):
        with pytest.raises(ConfirmationRequired, match=f"dry run: {method} /api/v2/x was not sent"):
            http.request(method, "/x", changes=True)
    assert server.connections == 0
    assert http.request("GET", "/x").status == 200


def test_without_a_token_nothing_is_sent(serve: Serve) -> None:
    """The error says for which deployment and what to type."""
    server = serve(json_answer("{}"))
    with pytest.raises(ConfigurationError, match="no token for") as raised:
        Http(server.url, None).request("GET", "/users/me")
    assert raised.value.hint == f"%coder connect {server.url}"
    assert server.connections == 0


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("/users/me", AGENT),
        ("/workspaceagents/0b1c/logs", AGENT),
        ("/workspaceagents/me/gitsshkey", Secret("AbCdEfGhIj-0123456789abcdefghij01")),
        ("/users/me", Secret("AbCdEfGhIj-0123456789abcdefghij01\r\nX-Evil: 1")),
        ("/workspaceagents/me/gitsshkey", Secret("0b1c\nX-Evil: 1")),
    ],
)
def test_a_token_of_the_wrong_kind_is_not_sent(serve: Serve, path: str, wrong: Secret) -> None:
    """Agent and user tokens each have their routes, and neither has line breaks."""
    server = serve(json_answer("{}"))
    with pytest.raises(ConfigurationError, match="token") as raised:
        Http(server.url, wrong).request("GET", path)
    assert wrong.reveal() not in str(raised.value)
    assert server.connections == 0


def test_an_agents_token_is_good_for_its_own_routes(serve: Serve) -> None:
    """The same header carries it."""
    server = serve(json_answer("{}"))
    Http(server.url, AGENT).request("GET", "/workspaceagents/me/gitsshkey")
    assert server.requests[0].headers["coder-session-token"] == AGENT.reveal()


@pytest.mark.parametrize(
    "path", ["", "users/me", "/../admin", "/a/./b", "/a/..", "/%2e%2E/a", "/a b", "/a?b=1", "/a#b", "/a\r\nX: 1", "//h"]
)
def test_a_path_cannot_lead_elsewhere(serve: Serve, token: Secret, path: str) -> None:
    """Steps up, queries, line breaks and other hosts in a path are refused before anything is sent."""
    server = serve(json_answer("{}"))
    with pytest.raises(ConfigurationError, match="not a path of the API"):
        Http(server.url, token).request("GET", path)
    assert server.connections == 0


def test_a_quoted_name_stays_one_segment(serve: Serve, token: Secret) -> None:
    """Quoted slashes and dots arrive as they were quoted."""
    server = serve(json_answer("{}"))
    Http(server.url, token).request("GET", "/users/a%2Fb%2E%2E/keys/...")
    assert server.requests[0].path == "/api/v2/users/a%2Fb%2E%2E/keys/..."


def test_tap_collects_the_good_answers_of_its_thread(serve: Serve, token: Secret) -> None:
    """Inside only, in order, nested ones too; not errors, and not what other threads get."""
    server = serve(json_answer("1"), json_answer("2"), json_answer("{}", "404 Not Found"), json_answer("3"))
    http = Http(server.url, token)
    http.request("GET", "/a")
    with http.tap() as outer:
        http.request("GET", "/b")
        with http.tap() as inner:
            with pytest.raises(NotFound):
                http.request("GET", "/c")
            other = threading.Thread(target=lambda: http.request("GET", "/other"))
            other.start()
            other.join()
            http.request("GET", "/d")
    http.request("GET", "/e")
    assert [found.path for found in outer] == ["/b", "/d"]
    assert [found.path for found in inner] == ["/d"]


def test_32_calls_run_at_once_and_keep_their_connections(serve: Serve, token: Secret) -> None:
    """A fleet read needs them together; a second round opens no new ones."""
    together = threading.Barrier(32, timeout=20)

    def all_of_them(sock: object, request: Request) -> None:
        together.wait()
        json_answer(f'"{request.path}"')(sock, request)  # type: ignore[arg-type]

    server = serve(all_of_them)
    http = Http(server.url, token)

    def read(number: int) -> Answer:
        return http.request("GET", f"/agents/{number}")

    with ThreadPoolExecutor(32) as pool:
        first = list(pool.map(read, range(32)))
        assert [found.body for found in first] == [f'"/api/v2/agents/{number}"'.encode() for number in range(32)]
        list(pool.map(read, range(32)))
    assert len(server.requests) == 64
    assert server.connections == 32


def test_its_repr_names_the_deployment_only(token: Secret) -> None:
    """Nothing of the token, not even stars."""
    assert repr(Http("https://coder.example.com", token)) == "Http('https://coder.example.com')"


def test_not_checking_a_certificate_is_said_once(token: Secret) -> None:
    """For https only, since http has none to check."""
    said: list[str] = []
    Http("https://coder.example.com", token, insecure=True, notify=said.append)
    Http("http://coder.example.com", token, insecure=True, notify=said.append)
    assert said == [
        "the certificate of https://coder.example.com is not checked: anybody on the way could read your token"
    ]


def test_closing_twice_is_once(serve: Serve, token: Secret) -> None:
    """And nothing can be asked afterwards."""
    http = Http(serve(json_answer("{}")).url, token, limits=Limits())
    http.request("GET", "/users/me")
    http.close()
    http.close()
    with pytest.raises(Exception, match="is closed"):
        http.request("GET", "/users/me")
