"""GET /derp-map, over WebSocket: JSON in binary frames"""

from __future__ import annotations

from coder_nb.client import Coder
from coder_nb.transport.http import Http


def test_the_map_comes_at_once(coder: Coder) -> None:
    """The same that the connection settings hold."""
    with coder.api.connection.watch_derp_map() as stream:
        first = next(stream)
    assert first.regions == coder.api.connection.generic().derp_map.regions


def test_frames_are_binary_and_data_from_the_client_ends_it(http: Http) -> None:
    """1008, as on the other sockets that only push."""
    with http.websocket("/derp-map") as socket:
        message = socket.receive(timeout=20)
        assert message is not None and not message.text
        socket.send(b"hello")
        assert any(socket.receive(timeout=20) is None for _ in range(20))
        assert socket.ended is not None and socket.ended.code == 1008
