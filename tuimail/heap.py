# SPDX-License-Identifier: GPL-3.0-or-later
"""How the C library keeps memory. With glibc (mallopt(3), malloc_trim(3)); with others nothing happens."""

import contextlib

_M_MMAP_THRESHOLD = -3
_M_ARENA_MAX = -8
_LARGE = 1 << 20


def keep_little() -> None:
    """From now on no thread gets a pool of memory of its own, of which what one thread freed is of no use to another, and
    what is as large as a megabyte goes back to the system as soon as it is free.

    Threads that have such a pool keep it. As Python's threads take turns, one pool is enough. Left alone, glibc takes the
    first large thing that is freed for a sign that more will come, and keeps room for them.
    """
    import ctypes

    with contextlib.suppress(AttributeError, OSError):
        library = ctypes.CDLL(None)
        library.mallopt(_M_ARENA_MAX, 1)
        library.mallopt(_M_MMAP_THRESHOLD, _LARGE)


def give_back() -> None:
    """Give the system back what is free, also between what is not. Takes some milliseconds, in which other threads go on."""
    import ctypes

    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)
