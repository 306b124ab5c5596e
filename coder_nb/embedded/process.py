"""The deployment as a process: one JSON line in, one JSON line out, and it ends when its standard input does.

Tokens come in by that line, never by argument or environment, and are never written anywhere but to the runtime file,
and to that only when asked. So that a kernel's death is noticed by any means, the input is watched, not the parent.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Final

from coder_nb.credentials.secret import Secret
from coder_nb.embedded import runtime
from coder_nb.embedded.keys import add_key, is_token
from coder_nb.embedded.server import address, bind, listen
from coder_nb.embedded.site import Site
from coder_nb.embedded.state import Clock, Deployment, Organization, Provider, User
from coder_nb.errors import CoderError, ConfigurationError

__all__ = ["Settings", "main"]

STDIN: Final = 0
YEAR: Final = 365 * 24 * 3600


@dataclass(frozen=True)
class Settings:
    """What the line on standard input says.

    Args:
        tokens: a session token for each of these users; the first is the one the deployment is for.
        agent_token: the token of the agent in workspace `here`; None for one nobody is told.
        scenario: the name or path of the simulated fleet; None for none.
        here: whether this machine is workspace `here`.
        port: where it listens; 0 for any free port.
        publish: whether other processes of this user may find it.
        stay: whether it outlives its standard input.
    """

    tokens: Mapping[str, Secret] = field(repr=False)
    agent_token: Secret | None = field(default=None, repr=False)
    scenario: str | None = "fleet"
    here: bool = True
    port: int = 0
    publish: bool = False
    stay: bool = False

    @classmethod
    def read(cls, line: str) -> Settings:
        """Reads the line.

        Raises:
            ConfigurationError: it is not what it should be. The message never quotes it.
        """
        try:
            values = json.loads(line)
            tokens = {str(name): str(token) for name, token in values.pop("tokens").items()}
            if not tokens or not all(map(is_token, tokens.values())):
                raise ValueError
            agent = values.pop("agent_token", None)
            agent_token = Secret(str(uuid.UUID(agent))) if agent else None
            return cls({name: Secret(token) for name, token in tokens.items()}, agent_token, **values)
        except (KeyError, TypeError, ValueError, AttributeError):
            raise ConfigurationError(
                "the embedded deployment's settings are not understood", hint="start it with coder-nb serve"
            ) from None


def main() -> int:
    """Serves until told to stop; the exit code is 1 where it could not begin."""
    try:
        settings = Settings.read(sys.stdin.readline())
        asyncio.run(_serve(settings))
    except CoderError as error:
        _say({"error": error.message, "hint": error.hint})
        return 1
    except OSError as error:
        _say({"error": f"the embedded deployment cannot listen: {error.strerror}", "hint": "try another --port"})
        return 1
    return 0


async def _serve(settings: Settings) -> None:
    deployment = _load(settings)
    owner = _sign_in(deployment, settings.tokens)
    stop = asyncio.Event()
    _watch_signals(stop)
    listener = bind(settings.port)
    async with _living_here(deployment, owner, address(listener), settings):
        site, server = listen(deployment, listener)
        with runtime.published(_notice(site, settings)) if settings.publish else nullcontext():
            _say({"url": site.url, "deployment_id": deployment.id, "pid": os.getpid()})
            if not settings.stay:
                _watch_input(stop)
            await stop.wait()
        server.stop()
        await server.close_all_connections()
        await site.terminals.close()


def _load(settings: Settings) -> Deployment:
    from coder_nb.embedded.scenario import load_scenario

    if settings.scenario is None:
        deployment = _empty(next(iter(settings.tokens)))
    else:
        path = Path(settings.scenario)
        deployment = load_scenario(path if path.suffix else settings.scenario)
    # Not the scenario's: it tells this process from another that may have its port later.
    deployment.id = str(uuid.uuid4())
    return deployment


def _empty(username: str) -> Deployment:
    """A deployment with one person in it, and the real time."""
    clock = Clock()
    now = clock.now()
    organization = Organization(str(uuid.uuid4()), "coder", now, display_name="Coder")
    deployment = Deployment(str(uuid.uuid4()), organization, clock)
    email = f"{username}@example.com"
    deployment.users.append(User(str(uuid.uuid4()), username, email, now, now, now, owner=True))
    return deployment


def _sign_in(deployment: Deployment, tokens: Mapping[str, Secret]) -> User:
    users = {user.username: user for user in deployment.users}
    for name, token in tokens.items():
        if name not in users:
            raise ConfigurationError(f"the scenario has no user {name}", hint=f"its users: {', '.join(users)}")
        add_key(deployment, users[name], token.reveal(), lifetime=YEAR)
    return users[next(iter(tokens))]


@asynccontextmanager
async def _living_here(deployment: Deployment, owner: User, url: str, settings: Settings) -> AsyncIterator[None]:
    if not settings.here:
        yield
        return
    from coder_nb.embedded.here import Here

    deployment.providers.append(Provider("github", "github", r"^(https?://)?github\.com(/|$)"))
    here = Here(deployment, owner, url=url, token=settings.agent_token)
    here.start()
    try:
        yield
    finally:
        await asyncio.to_thread(here.close)


def _notice(site: Site, settings: Settings) -> runtime.Notice:
    token = next(iter(settings.tokens.values()))
    return runtime.Notice(site.url, token, site.deployment.id, os.getpid(), settings.agent_token)


def _watch_input(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()

    def read() -> None:
        with suppress(OSError):
            while os.read(STDIN, 4096):
                pass
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(stop.set)

    Thread(target=read, name="coder-nb:embedded-input", daemon=True).start()


def _watch_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        # Windows' loop has no signal handlers; there the process just ends.
        with suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)


def _say(values: Mapping[str, object]) -> None:
    with suppress(BrokenPipeError):
        print(json.dumps(values), flush=True)
