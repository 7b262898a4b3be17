# SPDX-License-Identifier: GPL-3.0-or-later
"""The desktop's keyring, by the keyring library; the only file that imports it.

A backend may hang for ever (a locked keyring without anybody to unlock it), so every call has a thread that nobody waits for
at the end of the program, and a time limit.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from tuimail.accounts.daemon_thread import in_daemon_thread

T = TypeVar("T")

log = logging.getLogger(__name__)

SERVICE = "tuimail"
_SECONDS = 5.0
_PLAINTEXT = ("keyrings.alt.file.PlaintextKeyring", "keyrings.alt.Gnome.Keyring", "keyrings.alt.Windows.RegistryKeyring")
_NONE = ("keyring.backends.fail.", "keyring.backends.null.")


@dataclass(frozen=True, slots=True)
class KeyringState:
    """What keyring there is."""

    backend: str
    """The Python name of the backend's class; empty when there is none."""
    insecure: bool = False
    """It would keep passwords in a readable file: it is read, but never written."""

    @property
    def usable(self) -> bool:
        """Whether secrets can be kept in it."""
        return bool(self.backend) and not self.insecure


async def state() -> KeyringState:
    """Find out which backend is in use."""
    return await _in_time(_state, KeyringState(""))


async def get(name: str, seconds: float = _SECONDS) -> str | None:
    """The secret of that name; None when there is none, or no keyring, or it does not answer in time."""

    def ask() -> str | None:
        import keyring

        return keyring.get_password(SERVICE, name)

    return await _in_time(ask, None, seconds)


async def put(name: str, secret: str, seconds: float = _SECONDS) -> bool:
    """Keep a secret. False when there is no keyring that keeps it safely."""

    def keep() -> bool:
        import keyring

        if not _state().usable:
            return False
        keyring.set_password(SERVICE, name, secret)
        return True

    return await _in_time(keep, False, seconds)


async def delete(name: str) -> None:
    """Forget a secret; that there is none is no error."""

    def drop() -> None:
        import keyring

        keyring.delete_password(SERVICE, name)

    await _in_time(drop, None)


def _state() -> KeyringState:
    import keyring
    from keyring.backends.chainer import ChainerBackend

    backend = keyring.get_keyring()
    parts = backend.backends if isinstance(backend, ChainerBackend) else [backend]
    names = [f"{type(part).__module__}.{type(part).__qualname__}" for part in parts]
    real = [name for name in names if not name.startswith(_NONE)]
    return KeyringState(real[0] if real else "", bool(real) and real[0] in _PLAINTEXT)


async def _in_time(ask: Callable[[], T], default: T, seconds: float = _SECONDS) -> T:
    """Run a call of the library in a thread; the default when it fails or takes too long."""
    try:
        return await in_daemon_thread(ask, "keyring", seconds)
    except TimeoutError:
        log.warning("keyring: no answer within %d seconds", seconds)
    except Exception as error:  # backends raise whatever D-Bus, a file or a dialog gives them; a keyring may be missing
        log.info("keyring: %s", type(error).__name__)
    return default
