"""What may be called where, and what a refusal of an endpoint means."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from coder_nb.client import Coder, connect
from coder_nb.embedded.faults import Fault
from coder_nb.embedded.scenario.load import load_scenario
from coder_nb.embedded.server import Embedded
from coder_nb.errors import Conflict, Invalid, ProtocolError
from coder_nb.rpc import endpoints
from coder_nb.rpc.codec import methods


@pytest.fixture
def server() -> Iterator[Embedded]:
    """The simulated fleet."""
    with Embedded(load_scenario()) as server:
        yield server


@pytest.fixture
def coder(server: Embedded) -> Iterator[Coder]:
    """A connection to it."""
    with connect(server.url, token=server.token) as coder:
        yield coder


def test_an_agents_own_endpoint_has_calls_that_read_alone() -> None:
    """Two of the others end a server, a third takes the agent's place."""
    assert endpoints.ME.calls == {methods.MANIFEST, methods.BANNERS, methods.MONITORING, methods.DERP_MAPS}
    assert endpoints.ME.changes and not endpoints.TAILNET.changes


def test_only_browsers_may_connect(server: Embedded, coder: Coder) -> None:
    """An administrator's choice."""
    server.faults.add(Fault("status", path="/api/v2/tailnet", status=409, body=b"Non-browser connections are disabled"))
    with pytest.raises(Conflict, match="Non-browser connections are disabled") as caught:
        coder.rpc.tailnet()
    assert "administrator" in caught.value.hint


def test_an_older_server_is_told_as_that(coder: Coder, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it speaks, and what is needed."""
    from dataclasses import replace

    monkeypatch.setattr(endpoints, "TAILNET", replace(endpoints.TAILNET, version="2.99"))
    with pytest.raises(Invalid, match=r"server is at version 2\.6") as caught:
        coder.rpc.tailnet()
    assert "version 2.99" in caught.value.hint


@pytest.mark.parametrize("kind", ["html", "redirect"])
def test_what_is_no_session_is_refused(server: Embedded, coder: Coder, kind: str) -> None:
    """A login wall, or another address, which gets no token."""
    body = b"http://127.0.0.1:1/" if kind == "redirect" else b""
    server.faults.add(Fault(kind, path="/api/v2/tailnet", body=body))  # type: ignore[arg-type]
    with pytest.raises(ProtocolError):
        coder.rpc.tailnet()


@pytest.mark.parametrize("fault", ["hang_up", "break", "pieces"])
def test_a_session_that_is_damaged_ends_or_goes_on(server: Embedded, coder: Coder, fault: str) -> None:
    """Cut anywhere it goes on; broken off it ends with an error, and never hangs."""
    from coder_nb.errors import CoderError

    server.faults.add(Fault(fault, path="/api/v2/tailnet", size=7))  # type: ignore[arg-type]
    with coder.rpc.tailnet() as session:
        try:
            with session.workspace_updates(coder.user().id) as updates:
                assert updates.receive(20) is not None
                assert fault == "pieces"
        except CoderError:
            assert fault != "pieces"
