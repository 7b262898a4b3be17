# SPDX-License-Identifier: GPL-3.0-or-later
"""`DemoServers`: embedded IMAP, POP3 and SMTP servers in a thread of their own, for the demo and for tests."""

import asyncio
import secrets
import threading
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from types import TracebackType
from typing import NamedTuple, Self, TypeVar

from tuimail.demo import life, samples
from tuimail.demo.faults import Faults
from tuimail.demo.mail_store import MailStore
from tuimail.demo.network import HOST, Network
from tuimail.demo.site import Mail, Site
from tuimail.model.flags import Flags

T = TypeVar("T")
_PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class DemoAddresses:
    """Where the servers are, and who may sign in."""

    host: str
    imap_port: int
    smtp_port: int
    imaps_port: int
    """0 without TLS, as `smtps_port`."""
    smtps_port: int
    user: str
    password: str
    """Also taken as access token."""
    name: str
    email: str
    users: tuple[tuple[str, str, str], ...]
    """(user, password, e-mail address) of every user, the first one included."""
    certificate: str
    """PEM, to be trusted by the client; empty without TLS."""
    relay_port: int
    """SMTP that asks nobody to sign in."""
    pop3_port: int
    pop3s_port: int
    """0 without TLS."""

    @property
    def services(self) -> list[tuple[str, int, str]]:
        """Name, port and security (``tls``, ``starttls``, ``none``) of every server."""
        known = (
            ("imap", self.imap_port, "none"), ("imaps", self.imaps_port, "tls"), ("smtp", self.relay_port, "none"),
            ("submission", self.smtp_port, "starttls" if self.certificate else "none"),
            ("submissions", self.smtps_port, "tls"), ("pop3", self.pop3_port, "none"), ("pop3s", self.pop3s_port, "tls"),
        )  # fmt: skip
        return [(name, port, security) for name, port, security in known if port]


class Shot(NamedTuple):
    """One message in `DemoServers.snapshot`."""

    uid: int
    flags: Flags
    message_id: str
    raw: bytes


class DemoServers:
    """A context manager. Its methods may be called from any thread; those that change mail act as another client would."""

    def __init__(
        self,
        messages: int = 300,
        faults: Faults | None = None,
        *,
        tls: bool = False,
        delimiter: str = "/",
        prefix: str = "",
        users: int = 1,
        trickle: bool = False,
        trickle_seconds: float = 60.0,
        answers: bool = False,
        catch_all: bool = False,
    ) -> None:
        """``prefix``: the personal namespace, such as ``"INBOX."``. ``trickle``: a new mail now and then. ``answers``: the
        sample correspondents answer mail sent to them. Every user has the same ``messages`` sample messages.
        ``catch_all``: the first user gets mail for strangers."""
        self.faults = faults or Faults()
        """May be changed at any time."""
        self._messages, self._tls, self._delimiter, self._prefix, self._users = messages, tls, delimiter, prefix, users
        self._life = life.Habits(trickle_seconds if trickle else None, answers)
        self._site = Site(self.faults, catch_all=catch_all)
        self._network = Network(self._site)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="tuimail-demo", daemon=True)
        self._certificate = ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def start(self) -> DemoAddresses:
        """Open the ports; returns when they are open."""
        self._thread.start()
        self._wait(self._open())
        return self.addresses

    def stop(self) -> None:
        """Cut every connection and end the thread. Doing it twice does no harm."""
        if self._loop.is_closed():
            return
        if self._thread.is_alive():
            self._wait(self._network.close())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(_PATIENCE)
        self._loop.close()

    @property
    def addresses(self) -> DemoAddresses:
        """Where the servers are."""
        ports, passwords = self._network.ports, self._site.passwords
        users = tuple((user, passwords[user], email) for email, user in self._site.addresses.items())
        user, password, email = users[0]
        return DemoAddresses(
            host=HOST, imap_port=ports.imap, smtp_port=ports.smtp, imaps_port=ports.imaps, smtps_port=ports.smtps, user=user,
            password=password, name=samples.OWNER_NAME, email=email, users=users, certificate=self._certificate,
            relay_port=ports.relay, pop3_port=ports.pop3, pop3s_port=ports.pop3s,
        )  # fmt: skip

    @property
    def log(self) -> list[str]:
        """Every IMAP and POP3 command, as ``"CONNECTION COMMAND ARGUMENTS"``, secrets struck out, literals as ``{n}``."""
        return self._call(lambda: list(self._site.log))

    @property
    def sent(self) -> list[Mail]:
        """Every message that SMTP took."""
        return self._call(lambda: list(self._site.sent))

    def on_sent(self, tell: Callable[[Mail], None]) -> None:
        """From now on tell of every message that SMTP took, in the servers' thread."""
        self._call(lambda: self._life.also_tell(tell))

    def clear_log(self) -> None:
        """Forget the commands received so far."""
        self._call(self._site.log.clear)

    def set_password(self, password: str, user: str = "") -> None:
        """From now on a user has another password, which is the access token as well; the first user without a name."""

        def change() -> None:
            names = self._site.addresses
            user_name = user or next(iter(names.values()))
            for name in (user_name, *(email for email, owner in names.items() if owner == user_name)):
                self._site.passwords[name] = password

        self._call(change)

    def deliver(
        self, raw: bytes, folder: str = "INBOX", flags: Flags = frozenset(), arrived: int | None = None, user: str = ""
    ) -> int:
        """Put a message into a folder; its UID. ``arrived`` in seconds since 1970, default now."""
        when = int(time.time()) if arrived is None else arrived
        return self._call(lambda: self._site.deliver(self._store(user), folder, raw, flags, when))

    def set_flags(self, folder: str, uid: int, add: Flags = frozenset(), remove: Flags = frozenset(), user: str = "") -> None:
        """Change the flags of one message."""

        def change() -> None:
            mailbox = self._store(user).get(folder)
            message = mailbox.messages[uid]
            mailbox.set_flags(message, (message.flags | add) - remove)

        self._call(change)

    def expunge(self, folder: str, uid: int, user: str = "") -> None:
        """Remove one message for good."""
        self._call(lambda: self._store(user).get(folder).expunge([uid]))

    def move(self, folder: str, uid: int, to: str, user: str = "") -> int:
        """Move one message; its new UID."""

        def change() -> int:
            source, target = self._store(user).get(folder), self._store(user).get(to)
            message = source.messages[uid]
            new = target.append(message.source, message.flags, message.arrived, message.email_id)
            source.expunge([uid])
            return new.uid

        return self._call(change)

    def create_folder(self, name: str, special_use: str = "", user: str = "") -> None:
        """Create a folder and subscribe to it."""

        def change() -> None:
            self._store(user).create(name, special_use)
            self._store(user).subscribe(name)

        self._call(change)

    def rename_folder(self, old: str, new: str, user: str = "") -> None:
        """Rename a folder with those below it."""
        self._call(lambda: self._store(user).rename(old, new))

    def delete_folder(self, name: str, user: str = "") -> None:
        """Delete a folder and its messages."""
        self._call(lambda: self._store(user).delete(name))

    def bump_uidvalidity(self, folder: str, user: str = "") -> None:
        """Give a folder a new UIDVALIDITY and its messages new UIDs."""
        self._call(lambda: self._store(user).bump_uidvalidity(folder))

    def snapshot(self, user: str = "") -> dict[str, list[Shot]]:
        """Every message of every selectable folder."""

        def take() -> dict[str, list[Shot]]:
            return {
                mailbox.name: [
                    Shot(each.uid, each.flags, (each.entity.get(b"Message-ID") or b"").decode("utf-8", "replace"), each.raw)
                    for each in mailbox.messages.values()
                ]
                for mailbox in self._store(user)
                if mailbox.selectable
            }

        return self._call(take)

    def disconnect(self) -> None:
        """Cut every connection."""
        self._wait(self._network.disconnect())

    def go_offline(self) -> None:
        """Cut every connection and refuse new ones."""
        self._wait(self._network.close())

    def go_online(self) -> None:
        """Listen again, on the same ports."""
        self._wait(self._network.open())

    def _store(self, user: str) -> MailStore:
        return self._site.stores[user or next(iter(self._site.stores))]

    async def _open(self) -> None:
        if self._tls:
            # cryptography is big, and only wanted for TLS.
            from tuimail.demo.certificate import make_context

            self._site.tls, self._certificate = make_context()
        for number in range(1, self._users + 1):
            user = samples.OWNER_USER + (str(number) if number > 1 else "")
            email = f"{user}@{samples.OWNER_DOMAIN}"
            self._site.passwords[user] = self._site.passwords[email] = secrets.token_hex(9)
            self._site.addresses[email] = user
            store = self._site.stores[user] = MailStore(self._delimiter, self._prefix)
            samples.fill(store, self._messages, now=int(time.time()))
        await self._network.open()
        self._life.begin(self._site)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        pending = asyncio.all_tasks(self._loop)
        for task in pending:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())

    def _call(self, function: Callable[[], T]) -> T:
        async def run() -> T:
            return function()

        return self._wait(run())

    def _wait(self, work: Coroutine[None, None, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_PATIENCE)
