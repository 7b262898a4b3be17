# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers with empty folders, and a client that is signed in."""

from collections.abc import Iterator

import pytest

from tests.demo.raw import RawClient
from tuimail.demo.servers import DemoServers


@pytest.fixture
def servers() -> Iterator[DemoServers]:
    with DemoServers(messages=0) as running:
        yield running


@pytest.fixture
def client(servers: DemoServers) -> Iterator[RawClient]:
    with RawClient(servers) as connected:
        yield connected


@pytest.fixture
def other(servers: DemoServers) -> Iterator[RawClient]:
    with RawClient(servers) as connected:
        yield connected
