"""A real PostgreSQL of a workspace, read by pandas and psycopg as if it were on this machine.

Without Debian's package these tests are skipped, except where CODER_NB_REQUIRE_POSTGRES=1 says that it must be there.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from sqlalchemy import create_engine

from coder_nb.client import Agent, Coder
from coder_nb.client.forwarded import Forwarded
from coder_nb.credentials import Secret

ROWS = 20_000
# Nothing is worth the time of a disk here.
BEGIN = """\
set -eu
as=
if [ "$(id -u)" = 0 ]; then as='runuser -u postgres --'; fi
folder=$(mktemp -d)
trap 'cd /; rm -rf "$folder"' EXIT
trap : INT
printf %s "$PASSWORD" >"$folder/password"
if [ -n "$as" ]; then chown -R postgres "$folder"; fi
cd "$folder"
$as "$BIN/initdb" -D "$folder/data" -U ada --pwfile="$folder/password" \\
    -A scram-sha-256 -E UTF8 --no-locale -N >/dev/null
$as "$BIN/postgres" -D "$folder/data" -p "$PORT" -c listen_addresses=127.0.0.1 -c fsync=off \\
    -c unix_socket_directories="$folder" -c max_connections=50
"""


class Server(NamedTuple):
    """Where it listens in the workspace, and what it asks for."""

    port: int
    password: str

    def told(self, local: int, **more: Any) -> str:
        """How psycopg reaches it through a local port."""
        return make_conninfo(
            host="127.0.0.1",
            port=local,
            user="ada",
            password=self.password,
            dbname="postgres",
            connect_timeout=20,
            **more,
        )

    def address(self, local: int) -> str:
        """How pandas does, by SQLAlchemy."""
        return f"postgresql+psycopg://ada:{self.password}@127.0.0.1:{local}/postgres"


def _programs() -> str:
    """The folder of PostgreSQL's programs."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if found := shutil.which("postgres"):
        folders.insert(0, Path(found).resolve().parent)
    for folder in folders:
        if (folder / "initdb").exists():
            return str(folder)
    reason = "no PostgreSQL (apt-get install postgresql)"
    if os.environ.get("CODER_NB_REQUIRE_POSTGRES") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def agent(coder: Coder) -> Agent:
    """This machine as a workspace."""
    return coder.agent("here")


@pytest.fixture(scope="module")
def server(agent: Agent) -> Iterator[Server]:
    """A cluster of its own, on the loopback of the workspace, started by a job there."""
    programs, password = _programs(), secrets.token_hex(8)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    job = agent.run(
        BEGIN,
        env={"BIN": programs, "PORT": str(port), "PASSWORD": Secret(password), "LC_ALL": "C"},
        background=True,
    )
    try:
        said = ""
        for text in job.follow():
            said += text
            if "ready to accept connections" in said:
                break
        else:
            pytest.fail(f"PostgreSQL did not begin: {said}")
        yield Server(port, password)
    finally:
        job.interrupt()
        job.wait(timeout=30)
        job.remove()


@pytest.fixture
def db(agent: Agent, server: Server) -> Iterator[Forwarded]:
    """A tunnel to it."""
    with agent.forward(server.port) as tunnel:
        yield tunnel


@pytest.fixture(scope="module")
def measured() -> pd.DataFrame:
    """What the table holds: numbers, text beyond ASCII, times, and gaps."""
    numbers = np.random.default_rng(7)
    return pd.DataFrame(
        {
            "id": np.arange(ROWS),
            "mm": numbers.normal(size=ROWS),
            "station": pd.array([f"Zürich {n % 97} ☂" if n % 13 else None for n in range(ROWS)], dtype="str"),
            "at": pd.date_range("2026-01-01", periods=ROWS, freq="min", tz="UTC").as_unit("us"),
        }
    )


def test_pandas_writes_and_reads_a_table(db: Forwarded, server: Server, measured: pd.DataFrame) -> None:
    """20,000 rows each way, equal in every value."""
    engine = create_engine(server.address(db.port))
    measured.to_sql("rain", engine, index=False, if_exists="replace", method="multi", chunksize=5_000)
    read = pd.read_sql("SELECT * FROM rain ORDER BY id", engine, dtype_backend="numpy_nullable")
    engine.dispose()
    back = read.astype({"id": "int64", "mm": "float64", "station": "str", "at": "datetime64[us, UTC]"})
    pd.testing.assert_frame_equal(back, measured)
    assert db.stats.bytes_in > ROWS * 20


def test_large_values_arrive_to_the_byte(db: Forwarded, server: Server) -> None:
    """16 MiB of any bytes as one value, out and back, and the server's own checksum of it."""
    sent = np.random.default_rng(1).bytes(16 * 1024 * 1024)
    with psycopg.connect(server.told(db.port)) as connection:
        row = connection.execute("SELECT %b::bytea, md5(%b::bytea)", (sent, sent), binary=True).fetchone()
    assert row is not None
    assert row[0] == sent
    assert row[1] == hashlib.md5(sent).hexdigest()


def test_many_connections_at_once(db: Forwarded, server: Server) -> None:
    """Twenty sessions of the server's, each with answers of its own."""
    together = threading.Barrier(20)

    def ask(number: int) -> tuple[int, int]:
        with psycopg.connect(server.told(db.port)) as connection:
            together.wait(60)
            row = connection.execute(
                "SELECT pg_backend_pid(), count(*) FROM generate_series(1, %s)", (number,)
            ).fetchone()
            together.wait(60)
        assert row is not None
        return int(row[0]), int(row[1])

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(ask, range(20)))
    assert [count for _, count in answers] == list(range(20))
    assert len({process for process, _ in answers}) == 20


def test_a_query_is_cancelled_beside_its_connection(db: Forwarded, server: Server) -> None:
    """PostgreSQL takes that on a second connection, while the first waits for its answer."""
    with psycopg.connect(server.told(db.port)) as connection, ThreadPoolExecutor(1) as pool:
        waits = pool.submit(connection.execute, "SELECT pg_sleep(600)")
        with psycopg.connect(server.told(db.port), autocommit=True) as other:
            asleep = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
            while other.execute(asleep).fetchone() != (1,):
                pass
        connection.cancel_safe(timeout=30)
        with pytest.raises(psycopg.errors.QueryCanceled):
            waits.result(30)
        connection.rollback()
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_what_the_server_says_unasked_arrives(db: Forwarded, server: Server) -> None:
    """A notification on a connection where nothing else happens."""
    with psycopg.connect(server.told(db.port), autocommit=True) as listening:
        listening.execute("LISTEN news")
        with psycopg.connect(server.told(db.port), autocommit=True) as speaking:
            speaking.execute("SELECT pg_notify('news', 'it rains')")
        assert [note.payload for note in listening.notifies(timeout=30, stop_after=1)] == ["it rains"]


def test_the_servers_errors_are_the_servers(db: Forwarded, server: Server) -> None:
    """A wrong password, and a session that the server ends, are told as PostgreSQL tells them."""
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(server.told(db.port), password="wrong")
    with psycopg.connect(server.told(db.port)) as connection, pytest.raises(psycopg.errors.AdminShutdown):
        connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")


def test_a_tunnel_that_is_closed_ends_its_sessions(agent: Agent, server: Server) -> None:
    """Here at once, and in the server too."""
    with agent.forward(server.port) as tunnel:
        connection = psycopg.connect(server.told(tunnel.port), autocommit=True, application_name="left")
    with pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT 1")
    left = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'left'"
    with agent.forward(server.port) as tunnel, psycopg.connect(server.told(tunnel.port), autocommit=True) as again:
        while again.execute(left).fetchone() != (0,):
            pass
