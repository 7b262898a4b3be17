# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the key of an encrypted store comes from: the command that the configuration names, else the keyring."""

from tuimail.accounts import system_keyring
from tuimail.accounts.secrets import run_command
from tuimail.model.errors import SignInNeeded, StoreProblem
from tuimail.model.store_key import StoreKey

_SECONDS = 60.0
"""That a keyring gets: somebody may have to unlock it."""
Command = tuple[str, ...]


async def find(fingerprint: bytes, command: Command) -> StoreKey:
    """The key that a store is encrypted with. Raises StoreProblem."""
    name = entry(fingerprint)
    if command:
        key = await _from_command(command)
        if not key.is_named_by(fingerprint):
            raise StoreProblem(
                f"What `key_command` gives is not the key of the store: that is {name}.", "Correct it in the table [store]."
            )
        return key
    kept = await system_keyring.get(name, _SECONDS)
    if kept is not None:
        key = _read(kept, f"What the keyring holds as {name}")
        if key.fingerprint == fingerprint:
            return key
    raise StoreProblem(
        f"The store is encrypted, and the keyring does not give its key ({name}).",
        "Unlock the keyring, or let `key_command` in the table [store] print the key that you kept.",
    )


async def make(command: Command) -> StoreKey:
    """The key for a store that is to be encrypted: that of the command, else a new one, kept in the keyring.

    Raises StoreProblem when no keyring keeps it.
    """
    if command:
        return await _from_command(command)
    key = StoreKey.new()
    name = entry(key.fingerprint)
    # What a keyring took may be gone when its session ends; what it does not give back is gone already.
    if not await system_keyring.put(name, key.text, _SECONDS) or await system_keyring.get(name, _SECONDS) != key.text:
        raise StoreProblem(
            "No keyring keeps the key safely, so the store is not encrypted.",
            "Unlock the keyring, or name a program that prints a key as `key_command` in the table [store]"
            " (openssl rand -hex 32 makes one).",
        )
    return key


async def forget(key: StoreKey) -> None:
    """No store is encrypted with it any more."""
    await system_keyring.delete(entry(key.fingerprint))


def entry(fingerprint: bytes) -> str:
    """Its name in the keyring."""
    return f"store/{fingerprint.hex()}"


async def _from_command(command: Command) -> StoreKey:
    try:
        given = await run_command(command, _SECONDS, called="key command")
    except SignInNeeded as error:
        raise StoreProblem(f"The key of the store is not known: {error.message}", error.advice) from error
    return _read(given, "What `key_command` prints")


def _read(text: str, what: str) -> StoreKey:
    try:
        return StoreKey.read(text.strip())
    except ValueError as error:
        raise StoreProblem(
            f"{what} is no key: {error}.", "tuimail store key prints a store's key, as long as there is it."
        ) from error
