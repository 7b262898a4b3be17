# SPDX-License-Identifier: GPL-3.0-or-later
"""`tuimail doctor`: tries every step to every server of an account, and says what is wrong and what to do."""

import asyncio
import secrets
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Protocol

from tuimail.backends.port import MailBackend
from tuimail.backends.submission import MailSender
from tuimail.engine.advice import NO_FOLDER, remedy, remedy_at_least, remedy_at_sending, remedy_at_sign_in
from tuimail.model.account import Account, AuthMethod, ServerAddress
from tuimail.model.check import CheckStep, StepStatus
from tuimail.model.discovery import Provider
from tuimail.model.errors import CertificateRefused, Offline, ServerBroken, TuimailError
from tuimail.model.finding import CERTIFICATE_CAUSES, Finding
from tuimail.model.folder import FolderRole
from tuimail.model.text import safe_line
from tuimail.model.uidset import UidSet
from tuimail.sync.roles import assign_roles

_WANTED = (FolderRole.SENT, FolderRole.DRAFTS, FolderRole.TRASH, FolderRole.JUNK, FolderRole.ARCHIVE)
_PUSH = 0.2
"""Seconds of IDLE, to see that it is taken."""
_ARRIVAL = 60.0
"""Seconds that a message to oneself may take."""
_LOOK_AGAIN = 2.0


class Instruments(Protocol):
    """What the doctor examines with."""

    def way(self, kind: str, server: ServerAddress) -> AsyncGenerator[Finding]:
        """The steps to a server up to the sign-in. Raises nothing."""
        ...

    async def check(self, account: Account, kind: str) -> None:
        """Sign in to the server of a kind with the account's own secret, and leave. Raises what went wrong."""
        ...

    def backend(self, account: Account) -> MailBackend:
        """A connection to the IMAP server."""
        ...

    def sender(self, account: Account) -> MailSender:
        """The submission server."""
        ...

    async def provider_of(self, account: Account) -> Provider:
        """What is known of the account's provider."""
        ...

    async def health(self) -> Sequence[CheckStep]:
        """Configuration, store, keyring and terminal. Raises nothing."""
        ...


class Doctor:
    """Examines accounts, one step at a time."""

    def __init__(self, instruments: Instruments) -> None:
        self._with = instruments

    async def health(self) -> Sequence[CheckStep]:
        """Of the program itself: configuration, store, keyring, terminal."""
        return await self._with.health()

    async def examine(self, account: Account, *, mail_oneself: bool = False) -> AsyncGenerator[CheckStep]:
        """Every step to every server, as it is taken. ``mail_oneself``: also send a message to oneself and see it arrive."""
        provider = await self._with.provider_of(account)
        well = True
        for kind, server in servers_of(account):
            async for step in self._server(account, kind, server, provider):
                well = well and step.status is not StepStatus.FAIL
                yield step
        if mail_oneself and well and account.smtp is not None:
            yield await self.mail_oneself(account, account.smtp)

    async def _server(
        self, account: Account, kind: str, server: ServerAddress, provider: Provider
    ) -> AsyncGenerator[CheckStep]:
        arrived = True
        async for found in self._with.way(kind, server):
            step = _step_of(found, kind, server, remedy(found, kind, server, provider))
            arrived = step.status is not StepStatus.FAIL
            yield step
        if not arrived:
            return
        if server.auth is AuthMethod.NONE:
            yield CheckStep(f"{kind} sign-in", where(server), StepStatus.OK, "none is wanted")
        elif kind == "imap":
            async for step in self._mailbox(account, server, provider):
                yield step
        else:
            yield await _tried(
                f"{kind} sign-in",
                server,
                lambda: self._signed_in(account, kind),
                lambda error: remedy_at_sign_in(error, kind, provider),
            )

    async def _signed_in(self, account: Account, kind: str) -> str:
        await self._with.check(account, kind)
        return "signed in"

    async def _mailbox(self, account: Account, server: ServerAddress, provider: Provider) -> AsyncGenerator[CheckStep]:
        """What an IMAP server offers to who is signed in."""
        backend = self._with.backend(account)

        async def sign_in() -> str:
            await backend.connect()
            return "signed in"

        try:
            step = await _tried("imap sign-in", server, sign_in, lambda error: remedy_at_sign_in(error, "imap", provider))
            yield step
            if step.status is not StepStatus.FAIL:
                yield await self._folders(backend, server)
                yield await _push(backend, server)
        finally:
            await backend.close()

    async def _folders(self, backend: MailBackend, server: ServerAddress) -> CheckStep:
        step, began = "imap folders", time.monotonic()
        try:
            listings = await backend.folders()
            if not listings:
                raise ServerBroken("The server lists no folder at all.", NO_FOLDER)
        except TuimailError as error:
            return _failed(step, server, error, error.advice, began)
        roles = assign_roles(listings)
        known = {role: name for name, role in roles.items()}
        shown = ", ".join(f"{role}: {safe_line(known[role], limit=60)}" for role in _WANTED if role in known)
        missing = [role.value for role in _WANTED if role not in known]
        detail = f"{len(listings)} folders; {shown or 'none with a known role'}"
        took = time.monotonic() - began
        if not missing:
            return CheckStep(step, where(server), StepStatus.OK, detail, seconds=took)
        advice = f"No folder is known for {', '.join(missing)}: tuimail makes one when it is first needed."
        return CheckStep(step, where(server), StepStatus.WARN, detail, advice, took)

    async def mail_oneself(self, account: Account, server: ServerAddress) -> CheckStep:
        """Send a message to oneself by that server, see it arrive, and remove it."""

        async def send() -> str:
            email = account.identity.email
            mark = f"{secrets.token_hex(12)}@{email.rpartition('@')[2]}"
            await self._with.sender(account).send(email, (email,), _message(email, mark))
            if account.imap is None:
                return "sent; with POP3 it comes with the next visit"
            return await self._arrived(account, mark)

        return await _tried("message to oneself", server, send, remedy_at_sending)

    async def _arrived(self, account: Account, mark: str) -> str:
        backend = self._with.backend(account)
        began = time.monotonic()
        try:
            await backend.connect()
            while time.monotonic() - began < _ARRIVAL:
                await backend.select("INBOX")
                if found := await backend.find_message_id(f"<{mark}>"):
                    gone = await _removed(backend, found)
                    return f"sent and arrived{', and removed again' if gone else ''}"
                await asyncio.sleep(_LOOK_AGAIN)
        finally:
            await backend.close()
        raise Offline(
            f"The message was taken, but has not arrived within {_ARRIVAL:.0f} seconds.",
            "It may be in Junk, held back (greylisting), or sorted elsewhere by a rule; look again later.",
        )


def servers_of(account: Account) -> list[tuple[str, ServerAddress]]:
    """Kind and address of each server that an account uses."""
    reading = ("imap", account.imap) if account.imap is not None else ("pop3", account.pop3)
    return [(kind, server) for kind, server in (reading, ("smtp", account.smtp)) if server is not None]


def where(server: ServerAddress) -> str:
    """``host:port``."""
    return f"{server.host}:{server.port}"


async def _push(backend: MailBackend, server: ServerAddress) -> CheckStep:
    """Whether the server tells of new mail by itself."""
    names = backend.capabilities
    if not names.idle:
        advice = "New mail is asked for every 20 seconds instead."
        return CheckStep("imap push", where(server), StepStatus.WARN, "IDLE is not offered", advice)

    async def idle() -> str:
        await backend.select("INBOX", read_only=True)
        await backend.idle(_PUSH)
        return "IDLE and NOTIFY" if names.notify else "IDLE"

    return await _tried("imap push", server, idle, lambda error: error.advice)


async def _tried(
    step: str, server: ServerAddress, work: Callable[[], Awaitable[str]], advice: Callable[[TuimailError], str]
) -> CheckStep:
    began = time.monotonic()
    try:
        detail = await work()
    except TuimailError as error:
        return _failed(step, server, error, advice(error), began)
    return CheckStep(step, where(server), StepStatus.OK, detail, seconds=time.monotonic() - began)


def _failed(step: str, server: ServerAddress, error: TuimailError, advice: str, began: float) -> CheckStep:
    """A step that never stands there without what to do."""
    took = time.monotonic() - began
    return CheckStep(step, where(server), StepStatus.FAIL, error.message, advice or remedy_at_least(error), took, error)


def _step_of(found: Finding, kind: str, server: ServerAddress, advice: str) -> CheckStep:
    error: TuimailError | None = None
    if found.status is StepStatus.FAIL:
        said = f"{where(server)}: {found.detail}."
        error = CertificateRefused(said, advice) if found.cause in CERTIFICATE_CAUSES else Offline(said, advice)
    return CheckStep(f"{kind} {found.step}", where(server), found.status, found.detail, advice, found.seconds, error)


async def _removed(backend: MailBackend, found: UidSet) -> bool:
    with suppress(TuimailError):
        return await backend.expunge(found)
    return False


def _message(email: str, mark: str) -> bytes:
    from tuimail.mime.compose import date_text

    lines = (
        f"From: <{email}>", f"To: <{email}>", "Subject: tuimail doctor", f"Date: {date_text(int(time.time()))}",
        f"Message-ID: <{mark}>", "MIME-Version: 1.0", "Content-Type: text/plain; charset=us-ascii",
        "Auto-Submitted: auto-generated",
        "", "tuimail doctor sent this to see whether mail goes out and comes in. It may be deleted.", "",
    )  # fmt: skip
    return "\r\n".join(lines).encode()
