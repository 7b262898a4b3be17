# SPDX-License-Identifier: GPL-3.0-or-later
"""A keyring in a file, for programs that a test starts: it outlives them."""

import json
import os
from pathlib import Path

import keyring.backend
from keyring.compat import properties

VARIABLE = "TUIMAIL_TEST_KEYRING"
"""Names the file."""


class FileKeyring(keyring.backend.KeyringBackend):
    """Named by ``PYTHON_KEYRING_BACKEND``."""

    @properties.classproperty
    def priority(cls) -> float:  # noqa: N805
        return 1

    def get_password(self, service: str, username: str) -> str | None:
        return self._kept().get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._file.write_text(json.dumps({**self._kept(), f"{service} {username}": password}))

    def delete_password(self, service: str, username: str) -> None:
        self._file.write_text(
            json.dumps({name: kept for name, kept in self._kept().items() if name != f"{service} {username}"})
        )

    @property
    def _file(self) -> Path:
        return Path(os.environ[VARIABLE])

    def _kept(self) -> dict[str, str]:
        return dict(json.loads(self._file.read_text())) if self._file.exists() else {}
