# SPDX-License-Identifier: GPL-3.0-or-later
"""Time on a processor, and the wish for it."""

import subprocess
import sys

from tests.bench import processes

_SPIN = "import sys\nsys.stdin.readline()\nsum(range(3_000_000))\nprint(flush=True)\nsys.stdin.read()"


def test_a_program_wants_the_time_that_it_ran_and_the_time_that_it_waited() -> None:
    with subprocess.Popen([sys.executable, "-c", _SPIN], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        wanted_before, ran_before = processes.wanted_time(program.pid), processes.processor_time(program.pid)
        program.stdin.write(b"\n")
        program.stdin.flush()
        program.stdout.readline()
        ran, wanted = processes.processor_time(program.pid) - ran_before, processes.wanted_time(program.pid) - wanted_before
        program.communicate()
    assert 0 < ran <= wanted
    assert processes.wanted_time(program.pid) == 0
