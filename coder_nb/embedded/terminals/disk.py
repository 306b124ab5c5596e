"""The disk of a simulated workspace: large files that take no room, and a `df` that tells of the disk as declared.

Of this machine's disks a simulated workspace knows nothing; without this, every one of them would tell of the same.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from coder_nb.embedded.state import Disk

__all__ = ["furnish"]

_GIB: Final = 1024**3
_WRITTEN: Final = datetime(2026, 3, 11, 9, 30, tzinfo=UTC).timestamp()
"""When all files were written: the fleet's clock stands still, and what it shows is not to differ from day to day."""
_DF: Final = """\
#!/bin/sh
name=1024-blocks by=1
for word; do
  case $word in
    --*) ;;
    -*[mM]*) name=1M-blocks by=1024 ;;
    -*[gG]*) name=1G-blocks by=1048576 ;;
  esac
done
printf 'Filesystem %s Used Available Capacity Mounted on\\n' $name
printf '/dev/sdb %d %d %d %d%% /home/%s\\n' $(({size} / by)) $(({used} / by)) $(({free} / by)) {percent} "$USER"
"""


def furnish(home: Path, programs: Path, disk: Disk) -> None:
    """Makes a disk's files and its `df`.

    Args:
        home: where the files go; each is one hole.
        programs: a folder for `df`, to be found before the real one.
        disk: as declared.
    """
    for path, size in disk.files.items():
        file = home / path
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("wb") as made:
            made.truncate(round(size * _GIB))
        os.utime(file, (_WRITTEN, _WRITTEN))
    size, used = (round(gib * 1024**2) for gib in (disk.size, disk.used))
    text = _DF.format(size=size, used=used, free=size - used, percent=round(100 * used / size))
    df = programs / "df"
    df.write_text(text, encoding="utf-8")
    df.chmod(0o755)
