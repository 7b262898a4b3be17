# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for every test: a home of its own, no network but the loopback interface, no keyring of the user's."""

import logging
import os
import socket
import sys
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ("tests.servers.dovecot", "tests.servers.maildrop", "tests.servers.postfix", "tests.servers.systems")

_HOME_VARIABLES = {
    "HOME": "home",
    "XDG_CONFIG_HOME": "config",
    "XDG_DATA_HOME": "data",
    "XDG_STATE_HOME": "state",
    "XDG_CACHE_HOME": "cache",
}

settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")
"""Generated examples may take the time they need: a busy machine is no failure."""


def pytest_configure() -> None:
    """Close the network for this process."""
    sys.addaudithook(_stay_on_loopback)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take out the tests that need a corpus, or servers in systems of their own, where none is named, and those that take
    long where they are not asked for."""
    unwanted = {"corpus": "TUIMAIL_CORPUS", "heavy": "TUIMAIL_HEAVY", "systems": "TUIMAIL_SERVERS"}
    names = [name for name, variable in unwanted.items() if not os.environ.get(variable)]
    taken_out = [item for item in items if any(map(item.get_closest_marker, names))]
    if taken_out:
        config.hook.pytest_deselected(items=taken_out)
        items[:] = [item for item in items if item not in taken_out]


@pytest.fixture(scope="session", autouse=True)
def _home_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The user's configuration, mail and keyring are neither read nor written."""
    root = tmp_path_factory.mktemp("session")
    with pytest.MonkeyPatch.context() as patch:
        for variable, folder in _HOME_VARIABLES.items():
            (root / folder).mkdir()
            patch.setenv(variable, str(root / folder))
        patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
        patch.delenv("TUIMAIL_HOME", raising=False)
        patch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
        yield


@pytest.fixture
def corpus() -> Path:
    """The folder of mail that TUIMAIL_CORPUS names."""
    return Path(os.environ["TUIMAIL_CORPUS"])


def _stay_on_loopback(event: str, arguments: tuple[object, ...]) -> None:
    match event, arguments:
        case ("socket.connect" | "socket.sendto", (_, (str(host), *_))) if not _is_loopback(host):
            raise ConnectionRefusedError(f"tests stay on the loopback interface: {host}")
        case "socket.getaddrinfo", (bytes() | str() as host, *_) if host and not (_is_loopback(host) or _address(host)):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def _is_loopback(host: bytes | str) -> bool:
    address = _address(host)
    return address.is_loopback if address else host in (b"localhost", "localhost")


def _address(host: bytes | str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host if isinstance(host, str) else host.decode())
    except ValueError:
        return None


@pytest.fixture
def _own_logging() -> Iterator[None]:
    """The handlers of this process as they were, where a test has the program start its log in it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers = []
    yield
    for handler in root.handlers:
        handler.close()
    root.handlers, root.level = handlers, level
    logging.captureWarnings(capture=False)
