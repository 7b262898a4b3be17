# SPDX-License-Identifier: GPL-3.0-or-later
"""Embedded servers with some mail, and a home with an account at them, for a whole module."""

from collections.abc import Iterator

import pytest

from tests.cli.home import Home
from tuimail.demo.servers import DemoServers


@pytest.fixture(scope="session", autouse=True)
def _bytecode(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What the many processes import is compiled once, which halves the time of each."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPYCACHEPREFIX", str(tmp_path_factory.mktemp("bytecode")))
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        yield


@pytest.fixture(scope="module")
def servers() -> Iterator[DemoServers]:
    with DemoServers(40, users=2) as running:
        yield running


@pytest.fixture(scope="module")
def home(servers: DemoServers, tmp_path_factory: pytest.TempPathFactory) -> Home:
    made = Home(tmp_path_factory.mktemp("home"))
    made.add_demo(servers)
    return made
