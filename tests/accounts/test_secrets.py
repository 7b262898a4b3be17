# SPDX-License-Identifier: GPL-3.0-or-later
"""Where secrets come from."""

import asyncio
import os
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import keyring
import keyring.backend
import keyring.errors
import pytest
from keyring.compat import properties

from tuimail.accounts import system_keyring
from tuimail.accounts.secrets import SecretStore, run_command
from tuimail.model.account import Account, AuthMethod, Security, ServerAddress
from tuimail.model.address import Address
from tuimail.model.errors import SignInNeeded

IMAP = ServerAddress("imap.test", 993, Security.TLS, "ada")
SMTP = ServerAddress("smtp.test", 465, Security.TLS, "ada")
ACCOUNT = Account("work", Address("", "ada@x.test"), IMAP, None, SMTP)


class MemoryKeyring(keyring.backend.KeyringBackend):
    """A keyring in memory, which may be locked or hang."""

    @properties.classproperty
    def priority(cls) -> float:  # noqa: N805
        return 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}
        self.error: Exception | None = None
        self.gate = threading.Event()
        self.gate.set()

    def get_password(self, service: str, username: str) -> str | None:
        self._enter()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._enter()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._enter()
        if self.kept.pop((service, username), None) is None:
            raise keyring.errors.PasswordDeleteError

    def _enter(self) -> None:
        self.gate.wait()
        if self.error:
            raise self.error


@pytest.fixture
def memory() -> Iterator[MemoryKeyring]:
    before, backend = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)
    backend.gate.set()


class Person:
    """Answers prompts."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, account: Account, server: ServerAddress) -> str:
        self.asked.append(server.host)
        await asyncio.sleep(0)
        return self.answers.pop(0)


def _python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


async def test_the_command_comes_first(memory: MemoryKeyring) -> None:
    server = replace(IMAP, password_command=_python("print('from command'); print('not this')"))
    store = SecretStore(Person())
    await store.remember(ACCOUNT, IMAP, "from keyring")
    assert await SecretStore(Person()).secret_for(replace(ACCOUNT, imap=server), server) == "from command"


async def test_then_the_keyring_then_the_user(memory: MemoryKeyring) -> None:
    person = Person("typed")
    assert await SecretStore(person).secret_for(ACCOUNT, IMAP) == "typed"
    assert await SecretStore().remember(ACCOUNT, IMAP, "kept")
    assert await SecretStore(person).secret_for(ACCOUNT, IMAP) == "kept"
    assert person.asked == ["imap.test"]


async def test_without_a_keyring_it_is_asked_once_and_kept_in_memory() -> None:
    person = Person("typed")
    store = SecretStore(person)
    assert await asyncio.gather(*(store.secret_for(ACCOUNT, server) for server in (IMAP, SMTP, IMAP))) == ["typed"] * 3
    assert person.asked == ["imap.test"]
    assert not await store.remember(ACCOUNT, IMAP, "typed")


async def test_what_was_typed_is_kept_once_the_server_took_it(memory: MemoryKeyring) -> None:
    store = SecretStore(Person("wrong", "right"))
    assert await store.secret_for(ACCOUNT, IMAP) == "wrong"
    store.refuse(ACCOUNT, IMAP)
    await store.taken(ACCOUNT, IMAP)
    assert await store.secret_for(ACCOUNT, IMAP) == "right"
    assert not memory.kept
    await store.taken(ACCOUNT, IMAP)
    assert list(memory.kept.values()) == ["right"]
    assert await SecretStore(Person()).secret_for(ACCOUNT, SMTP) == "right"


async def test_what_a_command_said_is_not_kept(memory: MemoryKeyring) -> None:
    server = replace(IMAP, password_command=_python("print('from command')"))
    store = SecretStore(Person())
    await store.secret_for(replace(ACCOUNT, imap=server), server)
    await store.taken(replace(ACCOUNT, imap=server), server)
    assert not memory.kept


async def test_another_user_name_is_another_secret() -> None:
    person = Person("one", "two")
    store = SecretStore(person)
    other = replace(SMTP, username="eve")
    assert await store.secret_for(ACCOUNT, IMAP) == "one"
    assert await store.secret_for(replace(ACCOUNT, smtp=other), other) == "two"


async def test_a_refused_secret_is_not_offered_again(memory: MemoryKeyring) -> None:
    person = Person("right")
    store = SecretStore(person)
    await store.remember(ACCOUNT, IMAP, "wrong")
    assert await store.secret_for(ACCOUNT, SMTP) == "wrong"
    store.refuse(ACCOUNT, SMTP)
    assert await store.secret_for(ACCOUNT, SMTP) == "right"
    assert await store.secret_for(ACCOUNT, IMAP) == "wrong"


async def test_what_is_forgotten_is_gone(memory: MemoryKeyring) -> None:
    store = SecretStore()
    await store.remember(ACCOUNT, IMAP, "kept")
    await store.forget(ACCOUNT, IMAP)
    await store.forget(ACCOUNT, IMAP)
    with pytest.raises(SignInNeeded):
        await store.secret_for(ACCOUNT, IMAP)


async def test_nobody_to_ask() -> None:
    with pytest.raises(SignInNeeded, match=r"imap\.test"):
        await SecretStore().secret_for(ACCOUNT, IMAP)


async def test_a_token_is_asked_for_each_time(tmp_path: Path) -> None:
    counter = tmp_path / "count"
    code = "import sys; file = open(sys.argv[1], 'a'); print(file.tell()); file.write('x'); file.close()"
    server = replace(IMAP, auth=AuthMethod.OAUTH2, password_command=(*_python(code), str(counter)))
    store = SecretStore()
    assert [await store.secret_for(ACCOUNT, server) for _ in range(2)] == ["0", "1"]


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("/no/such/program",), "cannot be started"),
        (_python("print('hush'); raise SystemExit(3)"), "status 3"),
        (_python(""), "wrote nothing"),
    ],
)
async def test_a_command_that_fails_is_told_without_its_output(command: tuple[str, ...], words: str) -> None:
    with pytest.raises(SignInNeeded, match=words) as caught:
        await run_command(command)
    assert "hush" not in str(caught.value)


async def test_a_command_that_never_ends_is_ended() -> None:
    with pytest.raises(SignInNeeded, match="did not end"):
        await run_command(_python("import threading; threading.Event().wait()"), seconds=0.05)


async def test_the_command_gets_no_shell() -> None:
    assert await run_command(("echo", "$HOME;`id`")) == "$HOME;`id`"


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only Linux tells which files are open")
async def test_a_command_has_nothing_to_do_with_the_terminal() -> None:
    """It reads no keys, and what it complains of is on no screen."""
    reading, writing = os.pipe()
    ours = os.dup(0)
    try:
        os.dup2(reading, 0)
        seen = [await run_command(("readlink", f"/proc/self/fd/{number}")) for number in (0, 2)]
    finally:
        os.dup2(ours, 0)
        for number in (reading, writing, ours):
            os.close(number)
    assert seen == ["/dev/null"] * 2


@pytest.mark.parametrize("error", [keyring.errors.KeyringLocked(), OSError("D-Bus"), RuntimeError()])
async def test_a_keyring_in_trouble_is_as_none(memory: MemoryKeyring, error: Exception) -> None:
    memory.error = error
    store = SecretStore(Person("typed"))
    assert await store.secret_for(ACCOUNT, IMAP) == "typed"
    assert not await store.remember(ACCOUNT, IMAP, "typed")


async def test_a_keyring_that_hangs_is_waited_for_in_vain(memory: MemoryKeyring, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_keyring, "_SECONDS", 0.05)
    memory.gate.clear()
    assert await SecretStore(Person("typed")).secret_for(ACCOUNT, IMAP) == "typed"


async def test_a_keyring_of_readable_files_is_never_written(memory: MemoryKeyring) -> None:
    plaintext: type[MemoryKeyring] = type("PlaintextKeyring", (MemoryKeyring,), {"__module__": "keyrings.alt.file"})
    readable = plaintext()
    keyring.set_keyring(readable)
    assert (await system_keyring.state()).insecure
    assert not await SecretStore().remember(ACCOUNT, IMAP, "secret")
    assert not readable.kept


async def test_the_state_of_the_keyring(memory: MemoryKeyring) -> None:
    assert (await system_keyring.state()).usable
    keyring.set_keyring(keyring.backends.fail.Keyring())  # type: ignore[no-untyped-call]
    assert not (await system_keyring.state()).usable
