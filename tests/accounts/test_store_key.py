# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the key of an encrypted store comes from, and what is said where it does not."""

import sys
from pathlib import Path

import keyring.errors
import pytest

from tests.accounts.test_secrets import MemoryKeyring, memory
from tuimail.accounts import config
from tuimail.accounts.store_key import find, forget, make
from tuimail.model.errors import ConfigWrong, StoreProblem
from tuimail.model.store_key import StoreKey

__all__ = ["memory"]
KEY, OTHER = StoreKey(bytes(range(32))), StoreKey(bytes(32))


def printing(text: str) -> tuple[str, ...]:
    return (sys.executable, "-c", f"print({text!r})")


def test_a_key_tells_nothing_of_itself() -> None:
    assert KEY.text not in repr(KEY)
    assert StoreKey.read(KEY.text) == KEY
    assert len({KEY.fingerprint, KEY.of_databases[:16], KEY.of_files[:16], KEY.octets[:16], OTHER.fingerprint}) == 5
    assert StoreKey.new() != StoreKey.new()


@pytest.mark.parametrize("text", ["", "abc", "00" * 31, "00" * 33, "zz" * 32])
def test_what_is_no_key_is_not_quoted(text: str) -> None:
    with pytest.raises(ValueError, match="64 hexadecimal digits") as caught:
        StoreKey.read(text)
    assert not text or text not in str(caught.value)


async def test_a_new_key_is_kept_in_the_keyring_until_it_is_forgotten(memory: MemoryKeyring) -> None:
    key = await make(())
    assert await find(key.fingerprint, ()) == key
    await forget(key)
    with pytest.raises(StoreProblem, match="the keyring does not give its key"):
        await find(key.fingerprint, ())


async def test_a_keyring_that_does_not_keep_it_encrypts_nothing(memory: MemoryKeyring) -> None:
    memory.error = keyring.errors.KeyringLocked()
    with pytest.raises(StoreProblem, match="No keyring keeps the key safely"):
        await make(())
    memory.error = None
    memory.set_password = lambda *_: None  # type: ignore[method-assign]
    with pytest.raises(StoreProblem, match="No keyring keeps the key safely"):
        await make(())


async def test_a_keyring_that_is_locked_is_named(memory: MemoryKeyring) -> None:
    key = await make(())
    memory.error = keyring.errors.KeyringLocked()
    with pytest.raises(StoreProblem, match=key.fingerprint.hex()) as caught:
        await find(key.fingerprint, ())
    assert "key_command" in caught.value.advice
    assert key.text not in str(caught.value)


async def test_a_command_gives_the_key_before_the_keyring_is_asked(memory: MemoryKeyring) -> None:
    memory.error = AssertionError("asked")
    assert await make(printing(KEY.text)) == KEY
    assert await find(KEY.fingerprint, printing(KEY.text)) == KEY


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (printing(OTHER.text), "is not the key of the store"),
        (printing("word"), "is no key: 64 hexadecimal digits are wanted"),
        ((sys.executable, "-c", "raise SystemExit(3)"), "ended with status 3"),
        (("/nonexistent/program",), "cannot be started"),
    ],
    ids=["another", "no key", "failing", "missing"],
)
async def test_a_command_that_does_not_give_it(memory: MemoryKeyring, command: tuple[str, ...], told: str) -> None:
    with pytest.raises(StoreProblem, match=told) as caught:
        await find(KEY.fingerprint, command)
    assert "password" not in str(caught.value)
    assert OTHER.text not in str(caught.value)


def test_the_configuration_says_whether_it_is_wanted(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    config.set_encrypted(file, False)
    assert not file.exists()
    file.write_text('# mine\n[store]\nkey_command = "pass tuimail" # ours\n')
    config.set_encrypted(file, True)
    assert config.load(file).store == config.StoreSettings(True, ("pass", "tuimail"))
    assert "# mine" in file.read_text()
    assert "# ours" in file.read_text()
    file.write_text('[store]\nencrypted = "yes"\n')
    with pytest.raises(ConfigWrong, match=r"line 2: `store\.encrypted` must be true or false"):
        config.load(file)
