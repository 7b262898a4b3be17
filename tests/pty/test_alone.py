# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom a day's work talks to, counted in packets: the configured servers, and nobody else."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pty.alone import CONTROL

_APART = ["unshare", "--net", *(() if os.geteuid() == 0 else ("--map-root-user",)), "--"]


def _needs_a_namespace() -> None:
    """Containers often have no right to one, whoever runs in them."""
    found = all(map(shutil.which, ("unshare", "ip")))
    if found and subprocess.run([*_APART, "ip", "link", "set", "lo", "up"], capture_output=True, check=False).returncode == 0:
        return
    pytest.skip("no network namespace can be made here: unshare and ip are needed, and the right to")


def test_a_days_packets_are_for_the_configured_servers_alone(tmp_path: Path) -> None:
    _needs_a_namespace()
    command = [*_APART, sys.executable, "-m", "tests.pty.alone", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, check=False, timeout=400)
    assert done.returncode == 0, done.stderr.decode()
    told = json.loads(done.stdout)
    imap, smtp = told["own"]
    assert told["sent"] == 1
    assert told["seen"] == sorted([f"127.0.0.1:{imap}", f"127.0.0.1:{smtp}", CONTROL])
