"""The sliding window over aligned minutes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from coder_nb.embedded.http.ratelimit import RateLimit

if TYPE_CHECKING:
    from tests.embedded.conftest import Client

MINUTE = 60.0 * 29_900_000


def spend(limit: RateLimit, count: int, key: str = "a") -> int:
    """Takes as many; gives how many were let through."""
    return sum(limit.take(key)[0] is None for _ in range(count))


def test_the_limit_is_per_key_and_refusals_do_not_count() -> None:
    """One more than the limit is refused, another key is not, and the next minute carries over what was let through."""
    now = MINUTE
    limit = RateLimit(10, now=lambda: now)
    assert spend(limit, 25) == 10
    assert spend(limit, 3, key="b") == 3
    now = MINUTE + 90
    assert spend(limit, 25) == 5
    now = MINUTE + 120
    assert spend(limit, 25) == 5
    now = MINUTE + 360
    assert spend(limit, 25) == 10


def test_headers_count_down_and_name_the_end_of_the_minute() -> None:
    """Remaining falls to 0, Reset is the end of the aligned minute, and a refusal tells to wait a whole one."""
    limit = RateLimit(2, now=lambda: MINUTE + 17.5)
    answers = [limit.take("a") for _ in range(3)]
    assert [dict(headers)["X-Ratelimit-Remaining"] for _reply, headers in answers] == ["1", "0", "0"]
    assert {dict(headers)["X-Ratelimit-Reset"] for _reply, headers in answers} == {str(int(MINUTE) + 60)}
    refused = answers[2][0]
    assert refused is not None
    assert (refused.status, refused.headers) == (429, [("Retry-After", "60")])


def test_request_513_to_one_path_is_the_first_429(client: Client) -> None:
    """512 requests to one path are answered; the next is refused in JSON while another path still works."""
    moment = MINUTE
    client.server.site.api_limit.now = lambda: moment
    peer = "127.0.0.1 /api/v2/buildinfo"
    for _ in range(510):
        client.server.site.api_limit.take(peer)
    statuses = [client.ask("/buildinfo").status for _ in range(3)]
    assert statuses == [200, 200, 429]
    got = client.ask("/buildinfo")
    assert got.message == "You've been rate limited for sending more than 512 requests in 1m0s."
    assert (got.header("Retry-After"), got.header("X-Ratelimit-Remaining")) == ("60", "0")
    # The end of the minute is told in real time, so the answer's date is the real one too.
    assert abs(parsedate_to_datetime(got.header("Date") or "") - datetime.now(UTC)) < timedelta(seconds=5)
    assert client.ask("/buildinfo/").status == 404
    assert client.ask("/users/me").status == 200


def test_logins_have_a_limit_of_their_own(client: Client) -> None:
    """The 61st login in a minute is refused before the password is looked at."""
    client.server.site.login_limit.now = lambda: MINUTE
    body = {"email": "ada@example.com", "password": "wrong"}
    statuses = [client.ask("/users/login", method="POST", json_body=body, token=None).status for _ in range(61)]
    assert statuses == [401] * 60 + [429]
