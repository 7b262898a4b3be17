# SPDX-License-Identifier: GPL-3.0-or-later
"""How much of what was done stays in memory."""

import gc
import tracemalloc
from collections.abc import Callable


def kept(deed: Callable[[], object]) -> int:
    """Octets that Python has more after ``deed`` than before it; done once before, for what the first time makes."""
    deed()
    gc.collect()
    tracemalloc.start()
    try:
        deed()
        gc.collect()
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
