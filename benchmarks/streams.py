"""What following 500 logs at once costs this process: threads, memory, processor time, and how soon all of it is over.

The server is a process of its own. Followed in silence there are its pings to answer, every 15 s a stream, and no more.
"""

from __future__ import annotations

import gc
import re
import threading
import time
from pathlib import Path

from coder_nb.api.logs import AgentLog
from coder_nb.client import connect
from coder_nb.embedded import launch
from coder_nb.streams.feed import Feed
from coder_nb.streams.logs import FollowedLogs

STREAMS = 500
SILENCE = 20.0
"""Seconds; longer than from one ping to the next."""
TARGET_CPU = 1.0
"""Percent of a processor."""


def memory() -> float:
    """Megabytes of this process in memory now; not a number where the system does not tell."""
    status = Path("/proc/self/status")
    found = re.search(r"VmRSS:\s+(\d+) kB", status.read_text()) if status.exists() else None
    return int(found[1]) / 1024 if found else float("nan")


def run() -> None:
    """Prints what it costs."""
    with launch.start() as demo, connect(demo.url, token=demo.token) as coder:
        agent = coder.agent("web")
        lines = len(coder.api.logs.list(agent.id))

        def feed() -> Feed[AgentLog]:
            return Feed(lambda: FollowedLogs(coder.api.logs, agent.id), title="log")

        with feed().listen() as listener:  # loads what is loaded once
            listener.wait(5)
        gc.collect()
        before, threads, began = memory(), threading.active_count(), time.perf_counter()
        feeds = [feed() for _ in range(STREAMS)]
        listeners = [one.listen() for one in feeds]
        for listener in listeners:
            while listener.waiting < lines:
                listener.wait(30)
        live = time.perf_counter() - began
        print(f"streams, {STREAMS} logs of {lines} lines followed at once")
        print(f"  {'until all are live':<28}{live:>9.2f} s")
        print(f"  {'threads':<28}{threading.active_count() - threads:>9}")
        print(f"  {'memory':<28}{memory() - before:>9.1f} MB{(memory() - before) * 1024 / STREAMS:>9.0f} kB each")
        used = time.process_time()
        time.sleep(SILENCE)
        used = 100 * (time.process_time() - used) / SILENCE
        print(f"  {'processor, in silence':<28}{used:>9.2f} %")
        began = time.perf_counter()
        for one in feeds:
            one.close()
        print(f"  {'until all are closed':<28}{time.perf_counter() - began:>9.2f} s")
        print(f"target: at most {TARGET_CPU:g} % of a processor in silence, and no thread left: ", end="")
        print(f"{threading.active_count() - threads} are")


if __name__ == "__main__":
    run()
