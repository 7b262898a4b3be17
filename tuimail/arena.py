# SPDX-License-Identifier: GPL-3.0-or-later
"""How the C library keeps memory."""

_M_ARENA_MAX = -8


def share_one_arena() -> None:
    """From now on no thread gets a pool of memory of its own, of which what one thread freed is of no use to another.

    With glibc (``M_ARENA_MAX``, mallopt(3)); elsewhere nothing happens. Threads that have such a pool keep it. As Python's
    threads take turns, one pool is enough.
    """
    import ctypes

    try:
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)
    except (AttributeError, OSError):  # another C library
        return
