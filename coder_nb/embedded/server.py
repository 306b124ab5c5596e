"""A deployment that listens: on loopback only, in the running event loop or, for tests, on a thread of its own."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from functools import partial
from threading import Thread
from types import TracebackType
from typing import Final, Self

from tornado.httpserver import HTTPServer

from coder_nb.credentials.secret import Secret
from coder_nb.embedded.app import respond
from coder_nb.embedded.faults import Faults
from coder_nb.embedded.http.connection import MAX_BODY, Connections
from coder_nb.embedded.keys import add_key, new_token
from coder_nb.embedded.site import VERSION, Site
from coder_nb.embedded.state import Deployment, User

__all__ = ["Embedded", "listen"]

LOOPBACK: Final = "127.0.0.1"
# A real server takes a MiB of headers; more than that would be somebody's mistake.
MAX_HEADERS: Final = 1024 * 1024


def bind(port: int = 0) -> socket.socket:
    """A listening socket on loopback; port 0 for any free one.

    Raises:
        OSError: the port is taken.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
        listener.listen(128)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener


def address(listener: socket.socket) -> str:
    """The address of what will listen on a bound socket."""
    return f"http://{LOOPBACK}:{listener.getsockname()[1]}"


def listen(deployment: Deployment, listener: socket.socket) -> tuple[Site, HTTPServer]:
    """Serves a deployment on a bound socket, in the running event loop."""
    site = Site(deployment, address(listener), int(listener.getsockname()[1]))
    connections = Connections(partial(respond, site), version=VERSION, clock=deployment.clock)
    server = HTTPServer(connections, max_body_size=MAX_BODY, max_buffer_size=MAX_BODY, max_header_size=MAX_HEADERS)
    server.add_socket(listener)
    return site, server


class Embedded:
    """A deployment on a thread of its own, inside this process.

    >>> with Embedded(deployment) as server:  # doctest: +SKIP
    ...     requests.get(f"{server.url}/api/v2/buildinfo")

    Args:
        deployment: what it holds; `user`, or else its first user, gets a session.
        user: a user name.
        token: the session's token; a fresh one where it is None.
        port: where it listens; 0 for any free port.
    """

    def __init__(
        self, deployment: Deployment, *, user: str | None = None, token: Secret | None = None, port: int = 0
    ) -> None:
        self.deployment = deployment
        self.token = self.token_for(user or deployment.users[0].username, token=token)
        self._listener = bind(port)
        self.port = int(self._listener.getsockname()[1])
        self.url = f"http://{LOOPBACK}:{self.port}"
        self._thread: Thread | None = None
        self._loop = asyncio.new_event_loop()
        self._site: Site | None = None

    @property
    def site(self) -> Site:
        """The running server's limits and faults."""
        if self._site is None:
            raise RuntimeError("the embedded deployment is not running")
        return self._site

    @property
    def faults(self) -> Faults:
        """What goes wrong, on order."""
        return self.site.faults

    def token_for(self, username: str, *, token: Secret | None = None) -> Secret:
        """A session for a user.

        Raises:
            KeyError: there is no such user.
        """
        user = _user(self.deployment, username)
        secret = token or Secret(new_token())
        add_key(self.deployment, user, secret.reveal())
        return secret

    def start(self) -> Self:
        """Starts to answer."""
        if self._thread is None:
            started = asyncio.run_coroutine_threadsafe(self._begin(), self._loop)
            self._thread = Thread(target=self._loop.run_forever, name="coder-nb:embedded", daemon=True)
            self._thread.start()
            started.result(timeout=10)
        return self

    def close(self) -> None:
        """Ends every connection and stops; may be called again."""
        if self._thread is None:
            self._listener.close()
            self._loop.close()
        elif self._thread.is_alive():
            with suppress(RuntimeError):
                asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(timeout=10)
                self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(timeout=10)
            self._loop.close()

    async def _begin(self) -> None:
        self._site, self._server = listen(self.deployment, self._listener)

    async def _end(self) -> None:
        self._server.stop()
        await self._server.close_all_connections()
        await self.site.terminals.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _user(deployment: Deployment, username: str) -> User:
    for user in deployment.users:
        if user.username == username:
            return user
    raise KeyError(username)
