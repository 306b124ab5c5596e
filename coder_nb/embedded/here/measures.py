"""An agent's metadata on this machine: `coder stat` is measured here and printed as Coder prints it, the rest is run.

Each item is collected at once, then every `interval` seconds; one whose script hangs is given up after its timeout.
"""

from __future__ import annotations

import math
import os
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from threading import Event, Thread
from typing import Final

from coder_nb.embedded.state import Agent, MetadataItem

__all__ = ["Measures", "items", "stat"]

TICK_SECONDS: Final = 1.0
DEFAULT_TIMEOUT: Final = 3
MAX_BYTES: Final = 2048
STAT: Final = "coder stat "
_BINARY: Final = ("", "Ki", "Mi", "Gi", "Ti", "Pi")


def items() -> list[MetadataItem]:
    """What templates usually declare."""
    return [
        MetadataItem("cpu", "CPU usage", "coder stat cpu", interval=5),
        MetadataItem("mem", "Memory", "coder stat mem", interval=5),
        MetadataItem("disk", "Home disk", "coder stat disk --path ~", interval=60),
        MetadataItem("load", "Load", "cut -d ' ' -f 1-3 /proc/loadavg", interval=10),
    ]


class Measures:
    """Collects an agent's metadata until it is closed."""

    def __init__(self, agent: Agent, environ: Mapping[str, str]) -> None:
        self._agent, self._environ = agent, environ
        self._closing = Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = Thread(target=self._collect, name="coder-nb:here-measures", daemon=True)

    def start(self) -> None:
        """Begins; returns at once."""
        self._thread.start()

    def close(self) -> None:
        """Ends the thread, and the script it may be waiting for."""
        self._closing.set()
        process = self._process
        if process is not None:
            with suppress(OSError):
                process.kill()
        if self._thread.is_alive():
            self._thread.join()

    def _collect(self) -> None:
        due: dict[str, float] = {item.key: float("-inf") for item in self._agent.metadata}
        while not self._closing.is_set():
            for item in self._agent.metadata:
                now = time.monotonic()
                if now >= due[item.key] and not self._closing.is_set():
                    due[item.key] = now + item.interval if item.interval else float("inf")
                    self._one(item)
            self._closing.wait(TICK_SECONDS)

    def _one(self, item: MetadataItem) -> None:
        if item.script.startswith(STAT):
            value, error = _measured(item.script.removeprefix(STAT))
        else:
            value, error = self._run(item)
        if len(value) > MAX_BYTES:
            value, error = value[:MAX_BYTES], f"value of {len(value)} bytes exceeded {MAX_BYTES} bytes"
        item.value, item.error = value.decode("utf-8", "replace"), error
        item.collected_at = datetime.now(UTC)

    def _run(self, item: MetadataItem) -> tuple[bytes, str]:
        seconds = item.timeout or item.interval or DEFAULT_TIMEOUT
        try:
            self._process = process = subprocess.Popen(  # noqa: S603 - running the template's own script is the point
                ["sh", "-c", item.script],  # noqa: S607 - the shell of this machine, wherever it is
                env=dict(self._environ),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
        except OSError as error:
            return b"", f"run cmd: {error}"
        with process:
            try:
                output, _ = process.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                output, _ = process.communicate()
                return output, "run cmd: signal: killed\ncontext deadline exceeded"
        return output, f"run cmd: exit status {process.returncode}" if process.returncode else ""


def _measured(what: str) -> tuple[bytes, str]:
    measure = {"cpu": _cpu, "mem": _memory}.get(what, _disk)
    try:
        return measure().encode(), ""
    except OSError as error:
        return b"", f"run cmd: {error}"


def _cpu() -> str:
    import psutil

    cores = psutil.cpu_count() or 1
    # Counted since the last call; the first one looks back for a moment.
    busy = psutil.cpu_percent(interval=None) or psutil.cpu_percent(interval=0.1)
    return stat(busy / 100 * cores, cores, "cores")


def _memory() -> str:
    import psutil

    memory = psutil.virtual_memory()
    return stat(memory.total - memory.available, memory.total, "B")


def _disk() -> str:
    import psutil

    disk = psutil.disk_usage(os.path.expanduser("~"))  # noqa: PTH111 - Path.home raises where there is none
    return stat(disk.used, disk.total, "B")


def stat(used: float, total: float, unit: str) -> str:
    """A measurement as `coder stat` prints it, such as `3.42/8 GiB (43%)`.

    Args:
        unit: `B` is scaled to a binary multiple of bytes.
    """
    prefix = ""
    if unit == "B":
        power = min(int(math.log(max(total, 1), 1024)), len(_BINARY) - 1)
        used, total, prefix = used / 1024**power, total / 1024**power, _BINARY[power]
    share = round(used / total * 100) if total else 0
    return f"{_digits(used)}/{_digits(total)} {prefix}{unit} ({share}%)"


def _digits(number: float) -> str:
    """At most three digits that matter, and no zeros behind the point."""
    places = 3 if number < 1 else 2 if number < 10 else 1 if number < 100 else 0
    text = f"{number:.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
