"""The runtime file: how processes of one user find the deployment that `coder-nb` has started for all of them.

It holds a token, so it is readable by its user only, in a directory that is theirs; in any other directory it is
neither written nor believed.
"""

from __future__ import annotations

import json
import os
import stat
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from coder_nb.credentials.secret import Secret
from coder_nb.errors import ConfigurationError

__all__ = ["Notice", "answers", "published", "read"]

PROBE_SECONDS = 2.0


@dataclass(frozen=True)
class Notice:
    """Where a deployment listens, the token of its first user, and how to know it again.

    `agent_token` is the one of workspace `here`, where there is one.
    """

    url: str
    token: Secret = field(repr=False)
    deployment_id: str
    pid: int
    agent_token: Secret | None = field(default=None, repr=False)


def path() -> Path:
    """Where the file is."""
    import platformdirs

    with warnings.catch_warnings():
        # Without XDG_RUNTIME_DIR it falls back to a directory in /tmp and says so; who owns that is checked here.
        warnings.simplefilter("ignore")
        return platformdirs.user_runtime_path("coder-nb", appauthor=False) / "deployment.json"


@contextmanager
def published(notice: Notice) -> Iterator[None]:
    """Keeps the file for as long as the block runs; a newer deployment's file is left alone at the end.

    Raises:
        ConfigurationError: the directory cannot be made, or is not this user's alone.
    """
    where = path()
    try:
        where.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"cannot make {where.parent}: {error.strerror}", hint="set XDG_RUNTIME_DIR") from None
    if not _private(where.parent):
        raise ConfigurationError(f"{where.parent} is open to others", hint=f"chmod 700 {where.parent}")
    _write(where, notice)
    try:
        yield
    finally:
        now = read()
        if now is not None and now.deployment_id == notice.deployment_id:
            where.unlink(missing_ok=True)


def read() -> Notice | None:
    """What the file says, None where there is none that can be believed."""
    where = path()
    if not (_private(where.parent) and _private(where)):
        return None
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        values = json.loads(where.read_text("utf-8"))
        agent = values.get("agent_token")
        return Notice(
            values["url"],
            Secret(values["token"]),
            values["deployment_id"],
            values["pid"],
            Secret(agent) if agent else None,
        )
    return None


def answers(notice: Notice) -> bool:
    """Whether the deployment of a notice lives: its process is there, and its address answers with its id."""
    import psutil

    if not psutil.pid_exists(notice.pid):
        return False
    address = urlsplit(notice.url)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=PROBE_SECONDS)
    try:
        connection.request("GET", "/api/v2/buildinfo")
        body = json.loads(connection.getresponse().read(65536))
        return isinstance(body, dict) and body.get("deployment_id") == notice.deployment_id
    except (OSError, HTTPException, ValueError):
        return False
    finally:
        connection.close()


def _write(where: Path, notice: Notice) -> None:
    values = {
        "url": notice.url,
        "token": notice.token.reveal(),
        "deployment_id": notice.deployment_id,
        "pid": notice.pid,
        "agent_token": notice.agent_token.reveal() if notice.agent_token else None,
    }
    draft = where.with_name(f".{where.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(values, file)
    draft.replace(where)


def _private(where: Path) -> bool:
    try:
        facts = where.lstat()
    except OSError:
        return False
    if stat.S_ISLNK(facts.st_mode):
        return False
    if not hasattr(os, "getuid"):
        # Windows: the user's runtime directory is theirs by its access control list.
        return True
    return facts.st_uid == os.getuid() and not stat.S_IMODE(facts.st_mode) & 0o077
