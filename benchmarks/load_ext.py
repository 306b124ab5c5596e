"""How long `%load_ext coder_nb` takes beside `import pandas`, in fresh processes one after the other, and the ratio."""

from __future__ import annotations

import subprocess
import sys
from statistics import median

ROUNDS = 7
TARGET = 0.2
SHELL = "from IPython.core.interactiveshell import InteractiveShell\nshell = InteractiveShell.instance()\n"
TIMED = "import time\n{before}start = time.perf_counter()\n{what}\nprint(time.perf_counter() - start)"
LOAD = "shell.run_line_magic('load_ext', 'coder_nb')"


def seconds(before: str, what: str) -> float:
    """The time one fresh process needs for `what`, in seconds; `before` is not counted."""
    code = TIMED.format(before=before, what=what)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


def run() -> None:
    """Prints both times and their ratio."""
    pairs = [(seconds(SHELL, LOAD), seconds(SHELL, "import pandas")) for _ in range(ROUNDS)]
    ours, theirs = (median(times) for times in zip(*pairs, strict=True))
    print(f"%load_ext coder_nb  {ours * 1000:6.1f} ms")
    print(f"import pandas       {theirs * 1000:6.1f} ms")
    print(f"ratio               {ours / theirs:6.3f}  (target: at most {TARGET})")


if __name__ == "__main__":
    run()
