# SPDX-License-Identifier: GPL-3.0-or-later
"""What opens a store, and what becomes of key and configuration when it is encrypted or decrypted."""

import sys
from pathlib import Path

import pytest

from tests.accounts.test_secrets import MemoryKeyring, memory
from tests.store.planted import held, plant, readable
from tuimail.accounts import config
from tuimail.accounts.secrets import SecretStore
from tuimail.doctoring import doctor
from tuimail.frame import Frame
from tuimail.model.check import CheckStep, StepStatus
from tuimail.model.errors import ConfigWrong, FileProblem, InputWrong, StoreProblem
from tuimail.model.store_key import StoreKey
from tuimail.paths import Paths, resolve
from tuimail.servers import Servers
from tuimail.store import encryption
from tuimail.store.database import CACHE, OWN
from tuimail.store.store import Store
from tuimail.store_access import StoreKeeping, key_now, store_key

__all__ = ["memory"]
KEY = StoreKey(bytes(range(32)))
WANTED = config.StoreSettings(encrypted=True)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    made = resolve(str(tmp_path))
    made.create()
    return made


def keeping(paths: Paths) -> StoreKeeping:
    return StoreKeeping(paths, Frame(str(paths.state.parent), {}))


async def store_step(paths: Paths) -> CheckStep:
    """What the doctor says of the store."""
    steps = await doctor(paths, Servers(SecretStore()), None).health()
    return next(step for step in steps if step.step == "store")


async def test_there_and_back(paths: Paths, memory: MemoryKeyring) -> None:
    plant(paths.data)
    before = held(paths.data)
    assert await keeping(paths).encrypt()
    assert not await keeping(paths).encrypt()
    key = await keeping(paths).key()
    assert memory.kept == {("tuimail", f"store/{key.fingerprint.hex()}"): key.text}
    assert config.load(paths.config_file).store.encrypted
    assert await store_key(paths.data, config.StoreSettings()) == key
    assert readable(paths.data) == set()
    assert await keeping(paths).decrypt()
    assert not await keeping(paths).decrypt()
    assert held(paths.data) == before
    assert not config.load(paths.config_file).store.encrypted
    assert memory.kept, "a backup may need it"
    with pytest.raises(InputWrong, match="is not encrypted"):
        await keeping(paths).key()


@pytest.mark.parametrize(("damaged", "command"), [((OWN,), False), ((CACHE,), False), ((OWN, CACHE), True)])
async def test_the_key_is_found_though_a_bit_of_its_name_is_damaged(
    paths: Paths, memory: MemoryKeyring, damaged: tuple[str, ...], command: bool
) -> None:
    plant(paths.data)
    before = held(paths.data)
    assert await keeping(paths).encrypt()
    key = await keeping(paths).key()
    for name in damaged:
        octets = bytearray((paths.data / name).read_bytes())
        octets[3] ^= 16
        (paths.data / name).write_bytes(octets)
    wanted = config.StoreSettings(key_command=(sys.executable, "-c", f"print({key.text!r})") if command else ())
    assert await store_key(paths.data, wanted) == key
    assert held(paths.data, key) == before


async def test_what_fails_leaves_no_trace(paths: Paths, memory: MemoryKeyring) -> None:
    plant(paths.data)
    opened = Store.open(paths.data)
    with pytest.raises(StoreProblem, match="Another program"):
        await keeping(paths).encrypt()
    opened.close(clean=True)
    assert memory.kept == {}
    assert not paths.config_file.exists()
    assert encryption.fingerprint(paths.data) is None
    await keeping(paths).encrypt()
    sealed = next((paths.data / "blobs").iterdir())
    sealed.write_bytes(bytes(40))
    with pytest.raises(FileProblem, match="is damaged"):
        await keeping(paths).decrypt()
    assert config.load(paths.config_file).store.encrypted
    assert encryption.fingerprint(paths.data) is not None


async def test_a_new_store_gets_a_key_where_the_configuration_says_so(paths: Paths, memory: MemoryKeyring) -> None:
    assert await store_key(paths.data, config.StoreSettings()) is None
    key = await store_key(paths.data, WANTED)
    assert key is not None
    plant(paths.data, key)
    assert readable(paths.data) == set()
    assert await store_key(paths.data, WANTED) == key


async def test_one_in_the_clear_is_not_used_where_it_is_to_be_encrypted(paths: Paths, memory: MemoryKeyring) -> None:
    plant(paths.data)
    with pytest.raises(ConfigWrong, match="is not") as caught:
        await store_key(paths.data, WANTED)
    assert "tuimail store encrypt" in caught.value.advice
    paths.config_file.write_text("[store]\nencrypted = true\n")
    assert (await store_step(paths)).status is StepStatus.FAIL
    assert await keeping(paths).encrypt()
    told = await store_step(paths)
    assert (told.status, told.detail.endswith(", encrypted")) == (StepStatus.OK, True)
    memory.kept.clear()
    told = await store_step(paths)
    assert told.status is StepStatus.FAIL
    assert "the keyring does not give its key" in told.detail


def test_a_command_is_asked_where_no_loop_runs(paths: Paths) -> None:
    assert key_now(paths.data, config.StoreSettings()) is None
    command = (sys.executable, "-c", f"print({KEY.text!r})")
    assert key_now(paths.data, config.StoreSettings(encrypted=True, key_command=command)) == KEY
