# SPDX-License-Identifier: GPL-3.0-or-later
"""Embedded servers, and what was measured on them, once for all tests of a process."""

from collections.abc import Iterator
from dataclasses import fields

import pytest

from tests.backends.measure.place import SIZES, Measured, Place
from tuimail.backends.measure.measuring import measure
from tuimail.demo.faults import Faults
from tuimail.demo.servers import DemoServers
from tuimail.model.account import Security


@pytest.fixture(scope="package")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with DemoServers(0, tls=True) as servers:
        file = tmp_path_factory.mktemp("ca") / "ca.pem"
        file.write_text(servers.addresses.certificate)
        yield Place(servers, file)


@pytest.fixture
def place(running: Place) -> Iterator[Place]:
    """Servers on which a test may switch faults on."""
    yield running
    for field in fields(Faults):
        setattr(running.servers.faults, field.name, getattr(Faults(), field.name))


@pytest.fixture(scope="package", params=Security)
def measured(running: Place, request: pytest.FixtureRequest) -> Measured:
    target = running.target(request.param)
    return Measured(target, tuple(measure(target, SIZES, 2)))
