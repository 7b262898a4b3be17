# SPDX-License-Identifier: GPL-3.0-or-later
"""The way to a server where that says too much, too slowly, or in a certificate what nobody expects."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from tests.servers import certificates, odd
from tuimail.backends.probe.examine import examine
from tuimail.model.account import Security, ServerAddress
from tuimail.model.check import StepStatus
from tuimail.model.finding import Cause, Finding

_GREETINGS = {"imap": b"* OK hi\r\n", "pop3": b"+OK hi\r\n", "smtp": b"220 hi\r\n"}
_LINES = {"imap": b"* OK wait\r\n", "pop3": b"X-WAIT\r\n", "smtp": b"250-X-WAIT\r\n"}


async def examined(kind: str, port: int, security: Security = Security.NONE, patience: float = 5.0) -> list[Finding]:
    server = ServerAddress(odd.HOST, port, security, "ada")
    return [found async for found in examine(kind, server, patience=patience)]


@pytest.mark.parametrize("kind", _GREETINGS)
async def test_an_answer_gets_so_many_seconds_however_many_lines_it_has(kind: str) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(_GREETINGS[kind])
        await reader.readline()
        writer.write(b"+OK\r\n" if kind == "pop3" else b"")
        while not writer.is_closing():
            writer.write(_LINES[kind])
            await asyncio.sleep(0.2)

    async with odd.listening(talk) as port:
        last = (await examined(kind, port, patience=1.0))[-1]
    assert (last.step, last.status, last.cause) == ("capabilities", StepStatus.FAIL, Cause.SILENT)


@pytest.mark.parametrize(
    ("answers", "cause"),
    [
        ({b"A CAPABILITY": b"* OK wait\r\n" * 1000}, Cause.ODD_ANSWER),
        ({b"A CAPABILITY": b"* CAPABILITY " + b"x" * 1_000_000}, Cause.ODD_ANSWER),
        ({b"": b"* BYE"}, Cause.CLOSED),
    ],
)
async def test_why_there_is_no_answer(answers: Mapping[bytes, bytes], cause: Cause) -> None:
    async with odd.answering(_GREETINGS["imap"], answers) as port:
        last = (await examined("imap", port))[-1]
    assert (last.step, last.status, last.cause) == ("capabilities", StepStatus.FAIL, cause)


async def test_a_greeting_of_smtp_may_have_several_lines() -> None:
    answers = {b"EHLO": b"250-test\r\n250 AUTH PLAIN\r\n"}
    async with odd.answering(b"220-welcome\r\n220-to all\r\n220 ready\r\n", answers) as port:
        found = await examined("smtp", port)
    assert [(step.step, step.status, step.detail) for step in found[-2:]] == [
        ("greeting", StepStatus.OK, "220 ready"),
        ("capabilities", StepStatus.OK, "AUTH PLAIN"),
    ]


async def test_a_greeting_without_an_end_is_no_other_protocol() -> None:
    async with odd.answering(b"220-welcome\r\n" * 1000) as port:
        last = (await examined("smtp", port))[-1]
    assert (last.step, last.cause) == ("greeting", Cause.ODD_ANSWER)


async def test_alternative_names_that_are_no_host_names(tmp_path: Path) -> None:
    directory = x509.DirectoryName(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "\x1b[31m")]))
    made = certificates.make(tmp_path, "mail.example", also=[directory])
    async with odd.answering(context=made.context) as port:
        last = (await examined("imap", port, Security.TLS))[-1]
    assert (last.step, last.cause) == ("tls", Cause.UNKNOWN_AUTHORITY)
    assert last.fingerprint
