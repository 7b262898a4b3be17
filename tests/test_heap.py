# SPDX-License-Identifier: GPL-3.0-or-later
"""How much memory stays with the program after it was freed, seen by the system."""

import platform
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can be told")
_SIZES = """
import ctypes, sys
from pathlib import Path
from tuimail import heap

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) // 256

library = ctypes.CDLL(None)
library.malloc.restype = ctypes.c_void_p
library.free.argtypes = [ctypes.c_void_p]
"""


def _told(script: str) -> list[int]:
    """MiB, as a program of its own tells them."""
    ran = subprocess.run([sys.executable, "-c", _SIZES + script], capture_output=True, text=True, check=True, timeout=60)
    return [int(word) for word in ran.stdout.split()]


def test_what_was_freed_between_what_was_not_goes_back() -> None:
    before, after = _told("""
blocks = [ctypes.memset(library.malloc(8192), 1, 8192) for _ in range(8192)]
for number, block in enumerate(blocks):
    if number % 64:
        library.free(block)
print(resident())
heap.give_back()
print(resident())
""")
    assert before - after > 40


def test_large_things_go_back_when_they_are_freed() -> None:
    first, second = _told("""
heap.keep_little()
library.free(ctypes.memset(library.malloc(30 << 20), 1, 30 << 20))
print(resident())
above = [library.malloc(16 << 20), library.malloc(100_000)]
ctypes.memset(above[0], 1, 16 << 20)
library.free(above[0])
print(resident())
""")
    assert second - first < 8
