# SPDX-License-Identifier: GPL-3.0-or-later
"""tuimail as its user runs it, with a wall clock that can be put on from outside, and a count of its objects.

``python -m tests.endurance.program FOLDER [arguments of tuimail]``. The first eight octets of ``FOLDER/clock`` are the seconds
(a double) that `time.time` is ahead; SIGUSR2 writes ``FOLDER/objects``.
"""

import gc
import json
import mmap
import os
import signal
import struct
import sys
import time
from collections import Counter
from pathlib import Path

_KINDS = 60


def main() -> int:
    """Run it. The exit status of tuimail."""
    folder = Path(sys.argv.pop(1))
    with (folder / "clock").open("rb") as file:
        ahead = mmap.mmap(file.fileno(), 8, prot=mmap.PROT_READ)
    real = time.time
    time.time = lambda: real() + struct.unpack("d", ahead[:8])[0]
    signal.signal(signal.SIGUSR2, lambda *_: _count(folder))
    from tuimail import __main__ as program

    return program.main()


def _count(folder: Path) -> None:
    """Tell how many objects there are that were made since the start and are not garbage yet, and of what kinds."""
    objects = gc.get_objects()
    kinds = Counter(f"{type(each).__module__}.{type(each).__qualname__}" for each in objects)
    temporary = folder / f"objects.{os.getpid()}"
    temporary.write_text(json.dumps({"objects": len(objects), "kinds": dict(kinds.most_common(_KINDS))}))
    temporary.replace(folder / "objects")


if __name__ == "__main__":
    sys.exit(main())
