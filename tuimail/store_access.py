# SPDX-License-Identifier: GPL-3.0-or-later
"""What opens the store: joins its files, the configuration and the keyring."""

import asyncio
import contextlib
from pathlib import Path

from tuimail.accounts import config
from tuimail.frame import Frame
from tuimail.model.errors import ConfigWrong, InputWrong, StoreProblem
from tuimail.model.store_key import StoreKey
from tuimail.paths import Paths
from tuimail.store import encryption


async def store_key(folder: Path, wanted: config.StoreSettings) -> StoreKey | None:
    """The key of the store in a folder; None: it is not encrypted. A new store gets one where the configuration says so.

    Raises ConfigWrong where an unencrypted store is to be encrypted, StoreProblem where there is no way to the key.
    """
    fingerprint = encryption.fingerprint(folder)
    if fingerprint is None and not wanted.encrypted:
        return None
    from tuimail.accounts import store_key as keys

    if fingerprint is not None:
        return await _found(folder, wanted.key_command)
    if encryption.is_new(folder):
        return await keys.make(wanted.key_command)
    raise ConfigWrong(
        f"The configuration wants the store encrypted, and the one in {folder} is not.",
        "tuimail store encrypt encrypts it; without `encrypted` in the table [store] it stays as it is.",
    )


async def _found(folder: Path, command: tuple[str, ...]) -> StoreKey:
    """The key that the files of an encrypted store name, or one of them where the other is damaged. Raises StoreProblem."""
    from tuimail.accounts import store_key as keys

    failures: list[StoreProblem] = []
    for fingerprint in encryption.fingerprints(folder):
        try:
            return await keys.find(fingerprint, command)
        except StoreProblem as problem:
            failures.append(problem)
    raise failures[0]


class StoreKeeping:
    """As `tuimail.cli.program.StoreKeeping`."""

    def __init__(self, paths: Paths, frame: Frame) -> None:
        self._paths, self._frame = paths, frame

    @property
    def folder(self) -> Path:
        """Where the store is."""
        return self._paths.data

    async def encrypt(self) -> bool:
        """Encrypt all that is there, and what will be. False: it is so already."""
        from tuimail.accounts import store_key as keys
        from tuimail.store.conversion import convert

        done = self._fingerprint() is not None
        if not done:
            key = await keys.make(self._wanted.key_command)
            try:
                convert(self.folder, None, key)
            except BaseException:
                if not self._wanted.key_command and self._fingerprint() is None:
                    await keys.forget(key)
                raise
        self._forget_traces()
        config.set_encrypted(self._paths.config_file, True)
        return not done

    async def decrypt(self) -> bool:
        """Write all of it in the clear; the key is kept, as backups may need it. False: it is so already."""
        from tuimail.store.conversion import convert

        found = self._fingerprint()
        key = await _found(self.folder, self._wanted.key_command) if found is not None else None
        before = self._wanted.encrypted
        config.set_encrypted(self._paths.config_file, False)
        if key is None:
            return False
        try:
            convert(self.folder, key, None)
        except BaseException:
            config.set_encrypted(self._paths.config_file, before)
            raise
        return True

    async def key(self) -> StoreKey:
        """The key of the store. Raises InputWrong when it is not encrypted."""
        if self._fingerprint() is None:
            raise InputWrong(f"The store in {self.folder} is not encrypted.", "tuimail store encrypt encrypts it.")
        return await _found(self.folder, self._wanted.key_command)

    @property
    def _wanted(self) -> config.StoreSettings:
        return config.load(self._paths.config_file).store

    def _fingerprint(self) -> bytes | None:
        return encryption.fingerprint(self.folder)

    def _forget_traces(self) -> None:
        """What tells of mail beside the store: the picture for the next start, and the dialogue that `--verbose` wrote."""
        self._frame.forget()
        for found in (*self._paths.state.glob("frame.*"), self._paths.state / "dialogue.log"):
            with contextlib.suppress(OSError):
                found.unlink()


def key_now(folder: Path, wanted: config.StoreSettings) -> StoreKey | None:
    """`store_key`, where no event loop runs; none is made for a store that is not encrypted."""
    if not wanted.encrypted and encryption.fingerprint(folder) is None:
        return None
    return asyncio.run(store_key(folder, wanted))
