# SPDX-License-Identifier: GPL-3.0-or-later
"""`tuimail doctor` against set-ups that are broken in known ways (the list of docs/doctor.md): each names cause and remedy.

Everything that comes out is searched for the password.
"""

import asyncio
import base64
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tests.servers import certificates, odd
from tests.servers.dovecot import DovecotServer
from tests.servers.postfix import PostfixServer
from tuimail.accounts.prompts import always
from tuimail.accounts.secrets import SecretStore
from tuimail.backends.dialogue import Recent
from tuimail.demo.servers import DemoServers
from tuimail.doctoring import doctor
from tuimail.engine.redaction import Redactor
from tuimail.model.account import Account, AuthMethod, Security, ServerAddress
from tuimail.model.address import Address
from tuimail.model.check import CheckStep, StepStatus
from tuimail.model.errors import ExitStatus
from tuimail.paths import resolve
from tuimail.servers import Servers

SECRET = "correct-horse-Battery7"
USER = "ada"
PATIENCE = 2.0
"""Seconds; a server that says nothing costs it three times."""
TLS, STARTTLS, NONE = Security.TLS, Security.STARTTLS, Security.NONE


@dataclass(slots=True)
class Patient:
    """An account, examined as often as wanted."""

    home: Path
    secret: str = SECRET
    user: str = USER
    email: str = "ada@example.org"
    mail_oneself: bool = False
    steps: list[CheckStep] = field(default_factory=list)

    async def examine(self, **servers: ServerAddress) -> list[CheckStep]:
        """All steps for these servers (``imap=…``). None of them, and nothing said, holds the password."""
        named = {kind: replace(server, username=self.user) for kind, server in servers.items()}
        account = Account("work", Address("Ada Lovelace", self.email), **named)  # type: ignore[arg-type]
        said = Recent()
        examining = doctor(resolve(str(self.home)), Servers(SecretStore(always(self.secret)), said), said, PATIENCE)
        self.steps = [step async for step in examining.examine(account, mail_oneself=self.mail_oneself)]
        shown = "\n".join([*map(str, self.steps), *said.lines(), *(str(step.error) for step in self.steps)])
        hidden = f"\0{self.user}\0{self.secret}".encode()
        for secret in (self.secret, base64.b64encode(hidden).decode(), base64.b64encode(self.secret.encode()).decode()):
            assert secret not in shown
            assert secret not in Redactor([account]).text(shown)
        return self.steps

    @property
    def failed(self) -> CheckStep:
        """The one step that failed."""
        (failed,) = [step for step in self.steps if step.status is StepStatus.FAIL]
        return failed


@pytest.fixture
def patient(tmp_path: Path) -> Patient:
    return Patient(tmp_path)


@pytest.fixture(scope="module")
def servers() -> Iterator[DemoServers]:
    with DemoServers(3, tls=True) as running:
        yield running


@pytest.fixture
def demo(servers: DemoServers, patient: Patient) -> Iterator[DemoServers]:
    """The embedded servers, and a patient who may sign in."""
    at = servers.addresses
    patient.secret, patient.user, patient.email = at.password, at.user, at.email
    (patient.home / "demo.pem").write_text(at.certificate)
    yield servers
    servers.faults.refuse.clear()
    servers.faults.without = frozenset()


def at(port: int, security: Security = NONE, host: str = odd.HOST, *, ca_file: str = "") -> ServerAddress:
    return ServerAddress(host, port, security, USER, ca_file=ca_file)


def tells(step: CheckStep, name: str, *words: str) -> None:
    """The step has that name, and detail and advice together hold these words."""
    assert step.step == name
    text = f"{step.detail} → {step.advice}"
    assert not [word for word in words if word not in text], text
    assert step.advice


async def test_all_is_well(patient: Patient, demo: DemoServers) -> None:
    known, ca_file = demo.addresses, str(patient.home / "demo.pem")
    imap, smtp = at(known.imaps_port, TLS, ca_file=ca_file), at(known.smtp_port, STARTTLS, ca_file=ca_file)
    steps = await patient.examine(imap=imap, smtp=smtp)
    assert not [step for step in steps if step.status is not StepStatus.OK]
    assert [step.step for step in steps] == [
        *(f"imap {step}" for step in ("name", "connect", "tls", "greeting", "capabilities", "sign-in", "folders", "push")),
        *(f"smtp {step}" for step in ("name", "connect", "greeting", "starttls", "tls", "capabilities", "sign-in")),
    ]
    assert all(word in steps[2].detail for word in ("TLSv1.3", "localhost", "days left"))


async def test_pop3_is_examined_alike(patient: Patient, demo: DemoServers) -> None:
    pop3 = at(demo.addresses.pop3_port, STARTTLS, ca_file=str(patient.home / "demo.pem"))
    steps = await patient.examine(pop3=pop3)
    assert [step.step for step in steps][-2:] == ["pop3 capabilities", "pop3 sign-in"]
    assert not [step for step in steps if step.status is not StepStatus.OK]


@pytest.mark.parametrize("security", Security)
async def test_dovecot_and_postfix_are_well(
    patient: Patient, dovecot: DovecotServer, postfix: PostfixServer, security: Security
) -> None:
    user = dovecot.new_user()
    patient.user, patient.secret = user, dovecot.password
    steps = await patient.examine(imap=dovecot.address(user, security), smtp=postfix.address(security))
    steps += await patient.examine(pop3=dovecot.maildrop(user, security))
    known = (" tls", " folders")  # their certificates are short-lived, and a new user has the inbox alone
    assert not [step for step in steps if step.status is StepStatus.FAIL]
    assert not [step for step in steps if step.status is not StepStatus.OK and not step.step.endswith(known)]
    assert {step.step for step in steps} >= {"imap push", "smtp sign-in", "pop3 sign-in"}


async def test_a_message_to_oneself_comes_back_and_is_removed(patient: Patient, demo: DemoServers) -> None:
    known = demo.addresses
    account = {"imap": at(known.imap_port), "smtp": at(known.smtp_port)}
    before, held = len(demo.sent), demo.snapshot()
    patient.mail_oneself = True
    steps = await patient.examine(**account)
    assert (steps[-1].step, steps[-1].status) == ("message to oneself", StepStatus.OK)
    assert [mail.subject for mail in demo.sent[before:]] == ["tuimail doctor"]
    assert demo.snapshot() == held


async def test_no_message_goes_out_unasked(patient: Patient, demo: DemoServers) -> None:
    before = len(demo.sent)
    await patient.examine(imap=at(demo.addresses.imap_port), smtp=at(demo.addresses.smtp_port))
    assert len(demo.sent) == before


async def test_a_name_that_is_unknown(patient: Patient) -> None:
    await patient.examine(imap=at(993, TLS, "imap.nowhere.invalid"))
    tells(patient.failed, "imap name", "imap.nowhere.invalid", "Check")
    assert patient.failed.exit_status == ExitStatus.UNAVAILABLE


async def test_nobody_listens(patient: Patient) -> None:
    with closing(socket.socket()) as unused:
        unused.bind((odd.HOST, 0))
        await patient.examine(imap=at(unused.getsockname()[1]))
    tells(patient.failed, "imap connect", "refused", "993 (tls) and 143 (starttls)", "whether the server runs")


async def test_a_firewall_drops_everything(patient: Patient) -> None:
    with ExitStack() as sockets:
        full = sockets.enter_context(closing(socket.create_server((odd.HOST, 0), backlog=0)))
        for _ in range(4):  # the queue is full then, and what comes after goes unanswered
            waiting = sockets.enter_context(closing(socket.socket()))
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        await patient.examine(smtp=at(full.getsockname()[1]))
    tells(patient.failed, "smtp connect", "no answer in time", "firewall", "465 (tls) and 587 (starttls)")


async def test_tls_at_a_port_without(patient: Patient, demo: DemoServers) -> None:
    await patient.examine(imap=at(demo.addresses.imap_port, TLS))
    tells(patient.failed, "imap tls", "IMAP is spoken there without TLS", 'security = "starttls"')


async def test_no_tls_at_a_port_with_it(patient: Patient, demo: DemoServers) -> None:
    await patient.examine(imap=at(demo.addresses.imaps_port, STARTTLS))
    tells(patient.failed, "imap greeting", "TLS is spoken there from the start", 'security = "tls"')


@pytest.mark.parametrize(
    ("kind", "port", "spoken"), [("imap", "smtp_port", "SMTP"), ("smtp", "imap_port", "IMAP"), ("imap", "pop3_port", "POP3")]
)
async def test_another_protocol_at_that_port(patient: Patient, demo: DemoServers, kind: str, port: str, spoken: str) -> None:
    await patient.examine(**{kind: at(getattr(demo.addresses, port))})
    tells(patient.failed, f"{kind} greeting", f"{spoken} is spoken there instead of {kind.upper()}", "Host or port")


@pytest.mark.parametrize("security", [TLS, STARTTLS])
async def test_a_captive_portal_answers(patient: Patient, security: Security) -> None:
    page = b"HTTP/1.1 302 Found\r\nLocation: http://portal.example/\r\n\r\n"
    async with odd.answering(answers={b"": page}) as port:
        await patient.examine(imap=at(port, security))
    tells(patient.failed, f"imap {'tls' if security is TLS else 'greeting'}", "web server", "sign-in in the browser")


async def test_a_certificate_of_another_name(patient: Patient) -> None:
    made = certificates.make(patient.home, "portal.example")
    async with odd.answering(b"* OK hello\r\n", context=made.context) as port:
        await patient.examine(imap=at(port, TLS, ca_file=made.ca_file))
    tells(patient.failed, "imap tls", "for another name", "portal.example", "captive portal", "No password was sent")


@pytest.mark.parametrize(
    ("begins", "ends", "words"),
    [(-90, -3, ("has expired", "renew")), (20, 90, ("not valid yet", "The clock of this machine says", "timedatectl"))],
)
async def test_a_certificate_at_the_wrong_time(patient: Patient, begins: int, ends: int, words: tuple[str, ...]) -> None:
    made = certificates.make(patient.home, odd.HOST, begins=begins, ends=ends)
    async with odd.answering(b"* OK hello\r\n", context=made.context) as port:
        await patient.examine(imap=at(port, TLS, ca_file=made.ca_file))
    tells(patient.failed, "imap tls", *words, "20")


async def test_a_certificate_that_expires_soon(patient: Patient) -> None:
    made = certificates.make(patient.home, odd.HOST, ends=5)
    offers = {b"A CAPABILITY": b"* CAPABILITY IMAP4rev1 LOGINDISABLED\r\na OK\r\n"}
    async with odd.answering(b"* OK hello\r\n", offers, made.context) as port:
        steps = await patient.examine(imap=at(port, TLS, ca_file=made.ca_file))
    (warned,) = [step for step in steps if step.status is StepStatus.WARN]
    tells(warned, "imap tls", "4 days left", "renew")


async def test_a_certificate_signed_by_itself(patient: Patient) -> None:
    made = certificates.make(patient.home, odd.HOST, authority=False)
    async with odd.answering(b"* OK hello\r\n", context=made.context) as port:
        await patient.examine(imap=at(port, TLS))
    tells(patient.failed, "imap tls", "signed by itself", "ca_file", "No password was sent")


async def test_an_authority_that_is_unknown(patient: Patient) -> None:
    made = certificates.make(patient.home, odd.HOST)
    async with odd.answering(b"* OK hello\r\n", context=made.context) as port:
        await patient.examine(imap=at(port, TLS))
    tells(patient.failed, "imap tls", "authority that is unknown here", "ca_file")


async def test_a_ca_file_that_is_missing(patient: Patient, demo: DemoServers) -> None:
    await patient.examine(imap=at(demo.addresses.imaps_port, TLS, ca_file="/nowhere/ca.pem"))
    tells(patient.failed, "imap tls", "/nowhere/ca.pem", "PEM")


@pytest.mark.parametrize(
    ("kind", "port", "without"),
    [("imap", "imap_port", "STARTTLS"), ("smtp", "smtp_port", "STARTTLS"), ("pop3", "pop3_port", "STLS")],
)
async def test_a_server_that_only_speaks_in_the_clear(
    patient: Patient, demo: DemoServers, kind: str, port: str, without: str
) -> None:
    demo.faults.without = frozenset({without})
    await patient.examine(**{kind: at(getattr(demo.addresses, port), STARTTLS)})
    tells(patient.failed, f"{kind} starttls", f"{without} is not offered", "strips STARTTLS")


async def test_no_sign_in_without_tls(patient: Patient) -> None:
    offers = {b"A CAPABILITY": b"* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\r\na OK done\r\n"}
    async with odd.answering(b"* OK hello\r\n", offers) as port:
        await patient.examine(imap=at(port))
    tells(patient.failed, "imap capabilities", "LOGINDISABLED", 'security = "tls"', "993")


async def test_smtp_without_auth(patient: Patient) -> None:
    async with odd.answering(b"220 relay.example\r\n", {b"EHLO": b"250-relay.example\r\n250 SIZE 1000\r\n"}) as port:
        await patient.examine(smtp=at(port))
    tells(patient.failed, "smtp capabilities", "AUTH is not offered", "587", 'auth = "none"')


async def test_a_relay_needs_no_sign_in(patient: Patient, demo: DemoServers) -> None:
    steps = await patient.examine(smtp=replace(at(demo.addresses.relay_port), auth=AuthMethod.NONE))
    assert not [step for step in steps if step.status is not StepStatus.OK]


async def test_imap_that_is_switched_off(patient: Patient, demo: DemoServers) -> None:
    refusal = "NO [ALERT] IMAP access is disabled for your account"
    demo.faults.refuse.update({"LOGIN": refusal, "AUTHENTICATE": refusal})
    await patient.examine(imap=at(demo.addresses.imap_port))
    tells(patient.failed, "imap sign-in", "IMAP access is disabled", "IMAP is switched off", "switch it on")


@pytest.mark.parametrize(("kind", "port"), [("imap", "imap_port"), ("smtp", "smtp_port"), ("pop3", "pop3_port")])
async def test_a_wrong_password(patient: Patient, demo: DemoServers, kind: str, port: str) -> None:
    patient.secret = SECRET
    await patient.examine(**{kind: at(getattr(demo.addresses, port))})
    tells(patient.failed, f"{kind} sign-in", "user name", "app password")
    assert patient.failed.exit_status == ExitStatus.NOT_SIGNED_IN


@pytest.mark.parametrize(
    ("kind", "greeting"),
    [
        ("imap", b"* BYE Too many connections from your address\r\n"),
        ("smtp", b"421 4.7.0 Too many connections, try again later\r\n"),
        ("pop3", b"-ERR Maximum number of connections exceeded\r\n"),
    ],
)
async def test_too_many_connections(patient: Patient, kind: str, greeting: bytes) -> None:
    async with odd.answering(greeting) as port:
        await patient.examine(**{kind: at(port)})
    tells(patient.failed, f"{kind} greeting", "turned away", "close other mail programs")


async def test_turned_away(patient: Patient) -> None:
    async with odd.answering(b"554 5.7.1 No service for your address\r\n") as port:
        await patient.examine(smtp=at(port))
    tells(patient.failed, "smtp greeting", "No service for your address", "try later")


async def test_somebody_who_says_nothing(patient: Patient) -> None:
    async with odd.answering() as port:
        await patient.examine(imap=at(port))
    tells(patient.failed, "imap greeting", "nothing that is IMAP answers", "Check host and port")


@pytest.mark.parametrize(
    ("at_list", "words"),
    [
        (b"", ("lists no folder at all", "whether there is a mailbox")),
        (b"* BYE enough\r\n", ("enough", "Try again")),
        (b"+ {1}\r\nodd\r\n", ("never sent", "tell whoever runs the server")),
    ],
)
async def test_folders_that_are_not_listed(patient: Patient, at_list: bytes, words: tuple[str, ...]) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] hi\r\n")
        while line := await reader.readline():
            tag, command = line.split()[:2]
            offers = b"* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR\r\n" if command == b"CAPABILITY" else b""
            writer.write(at_list if command == b"LIST" and at_list else offers + tag + b" OK done\r\n")
            if command == b"LIST" and at_list:
                break
        writer.close()

    async with odd.listening(talk) as port:
        await patient.examine(imap=at(port))
    tells(patient.failed, "imap folders", *words)
    assert patient.failed.exit_status is ExitStatus.UNAVAILABLE


async def test_a_sender_that_is_not_the_users(patient: Patient, demo: DemoServers) -> None:
    demo.faults.refuse["MAIL"] = "553 5.7.1 Sender address rejected: not owned by user"
    known = demo.addresses
    patient.mail_oneself = True
    await patient.examine(imap=at(known.imap_port), smtp=at(known.smtp_port))
    tells(patient.failed, "message to oneself", "not owned by user", "`email`")


async def test_a_failure_at_one_server_does_not_hide_the_other(patient: Patient, demo: DemoServers) -> None:
    steps = await patient.examine(imap=at(demo.addresses.smtp_port), smtp=at(demo.addresses.smtp_port))
    assert patient.failed.step == "imap greeting"
    assert (steps[-1].step, steps[-1].status) == ("smtp sign-in", StepStatus.OK)
