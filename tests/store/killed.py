# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m tests.store.killed STORE WORK STRIDE NOW THEN``: a conversion that is killed at steps it takes on the disk.

STRIDE 1 is before every step, 2 before every other one. Prints how often the store was as before, and how often it was
converted. Keys are as `StoreKey.text`, or ``-``.
"""

import os
import shutil
import signal
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.store.planted import held
from tuimail.model.store_key import StoreKey
from tuimail.store import encryption
from tuimail.store.conversion import convert
from tuimail.store.sharing import CONVERTED, CONVERTING

STEPS = ("mkdir", "fsync", "rename", "replace", "unlink", "rmdir")


def die_before(step: int) -> None:
    """SIGKILL takes this process when it comes to the step of that number."""
    left = step

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            nonlocal left
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments, **options)

        return call

    for name in STEPS:
        setattr(os, name, counted(getattr(os, name)))


def main(store: Path, work: Path, stride: int, now: StoreKey | None, then: StoreKey | None) -> Counter[str]:
    """Kill it again and again, and once not at all."""
    before, seen = held(store, now), Counter[str]()
    step = 0
    while True:
        place = work / str(step)
        shutil.copytree(store, place, copy_function=shutil.copy2)
        child = os.fork()
        if child == 0:
            die_before(step)
            convert(place, now, then)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        assert status in (0, signal.SIGKILL), status
        found = encryption.fingerprint(place)
        converted = found == (then.fingerprint if then is not None else None)
        assert converted or found == (now.fingerprint if now is not None else None)
        assert held(place, then if converted else now) == before, step
        assert not [name for name in (CONVERTING, CONVERTED) if (place / name).exists()], step
        seen["converted" if converted else "as before"] += 1
        shutil.rmtree(place)
        if status == 0:
            return seen
        step += stride


if __name__ == "__main__":
    keys = [None if text == "-" else StoreKey.read(text) for text in sys.argv[4:]]
    outcome = main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), *keys)
    print(outcome["as before"], outcome["converted"])
