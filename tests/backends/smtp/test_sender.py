# SPDX-License-Identifier: GPL-3.0-or-later
"""Sending, against a server that answers as the test says."""

import asyncio

import pytest

from tests.backends.smtp.scripted import CUT, DATA, DOT, EHLO, GREETING, MAIL, RCPT, ScriptedServer
from tuimail.backends.smtp.sender import SmtpSender
from tuimail.backends.submission import Sent
from tuimail.model.account import AuthMethod
from tuimail.model.errors import (
    AnswerUnknown,
    InputWrong,
    Offline,
    ServerBroken,
    ServerRefused,
    SignInNeeded,
    TryLater,
    TuimailError,
)

MESSAGE = b"Subject: x\r\n\r\n.dot\r\nbody\r\n"
BIG = b"Subject: x\r\n\r\n" + (b"0123456789" * 7 + b"\r\n") * 100_000


async def _secret() -> str:
    return "s3cret"


async def _send(server: ScriptedServer, *recipients: str, message: bytes = MESSAGE) -> Sent:
    async with server.running():
        return await SmtpSender(server.address(), _secret).send("a@x.test", recipients or ("b@x.test",), message)


@pytest.mark.parametrize("chopped", [False, True])
@pytest.mark.parametrize("extensions", [(), (b"PIPELINING", b"SIZE")])
async def test_a_message_arrives(chopped: bool, extensions: tuple[bytes, ...]) -> None:
    server = ScriptedServer(chopped=chopped, extensions=extensions)
    sent = await _send(server, "b@x.test", "c@x.test")
    assert sent == Sent(("b@x.test", "c@x.test"), (), "250 taken as 42")
    assert server.messages == [b"Subject: x\r\n\r\n..dot\r\nbody\r\n"]


async def test_this_machine_is_not_named() -> None:
    server = ScriptedServer()
    await _send(server)
    assert server.commands[0] == b"EHLO [127.0.0.1]"


async def test_recipients_go_out_in_one_flight_where_the_server_takes_that() -> None:
    server = ScriptedServer()
    await _send(server, *(f"user{number}@x.test" for number in range(50)))
    flight = next(flight for flight in server.flights if flight.startswith(MAIL))
    assert flight.count(RCPT) == 50


async def test_one_refused_recipient_does_not_keep_the_others_from_it() -> None:
    server = ScriptedServer({b"RCPT TO:<no@x.test>": b"550-5.1.1 no\r\n550 such user", b"RCPT TO:<busy@x.test>": b"450 busy"})
    sent = await _send(server, "b@x.test", "no@x.test", "busy@x.test")
    assert sent.accepted == ("b@x.test",)
    assert [(one.address, one.code, one.text) for one in sent.refused] == [
        ("no@x.test", 550, "5.1.1 no such user"),
        ("busy@x.test", 450, "busy"),
    ]


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ({GREETING: b"554 go away"}, ServerRefused),
        ({GREETING: b"421 too many"}, TryLater),
        ({GREETING: CUT}, Offline),
        ({GREETING: b"* OK IMAP4rev1 ready"}, ServerBroken),
        ({EHLO: CUT}, Offline),
        ({MAIL: b"451 later"}, TryLater),
        ({MAIL: b"553 not yours"}, ServerRefused),
        ({MAIL: b"530 5.7.0 Authentication required"}, SignInNeeded),
        ({RCPT: b"550 nobody"}, ServerRefused),
        ({RCPT: b"450 greylisted"}, TryLater),
        ({RCPT: b"421 closing"}, TryLater),
        ({RCPT: CUT}, Offline),
        ({DATA: b"451 no room"}, TryLater),
        ({DATA: b"554 no valid recipients"}, ServerRefused),
        ({DATA: CUT}, Offline),
        ({DOT: b"451 no room"}, TryLater),
        ({DOT: b"550 spam"}, ServerRefused),
        ({DOT: b"421 closing"}, TryLater),
        ({DOT: CUT}, AnswerUnknown),
        ({DOT: b"gibberish"}, AnswerUnknown),
        ({DOT: b"354 more?"}, AnswerUnknown),
    ],
)
async def test_every_answer_at_every_step_is_told(answers: dict[bytes, bytes], error: type[TuimailError]) -> None:
    with pytest.raises(TuimailError) as caught:
        await _send(ScriptedServer(answers))
    assert type(caught.value) is error


async def test_nothing_is_promised_before_the_dot() -> None:
    server = ScriptedServer(deaf=True)
    called: list[int] = []
    async with server.running():
        sender = SmtpSender(server.address(), _secret)
        sending = asyncio.create_task(sender.send("a@x.test", ("b@x.test",), BIG, before_dot=lambda: called.append(1)))
        await server.asked.wait()
        assert not called
        server.hear.set()
        await sending
    assert called == [1]
    assert server.messages == [BIG]


async def test_progress_ends_at_the_size() -> None:
    seen: list[tuple[int, int]] = []
    server = ScriptedServer()
    async with server.running():
        sender = SmtpSender(server.address(), _secret)
        await sender.send("a@x.test", ("b@x.test",), BIG, progress=lambda done, total: seen.append((done, total)))
    assert len(seen) > 50
    assert seen == sorted(seen)
    assert seen[-1] == (len(BIG), len(BIG))


async def test_cancelling_before_the_dot_sends_nothing() -> None:
    server = ScriptedServer(deaf=True)
    started = asyncio.Event()
    async with server.running():
        sender = SmtpSender(server.address(), _secret)
        sending = asyncio.create_task(
            sender.send("a@x.test", ("b@x.test",), BIG, progress=lambda *_: started.set(), before_dot=pytest.fail)
        )
        await started.wait()
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        server.hear.set()
        await server.gone.wait()
    assert not server.messages


@pytest.mark.parametrize(
    ("early", "error"),
    [(b"552 too much", ServerRefused), (b"421 closing", TryLater), (b"250 taken as 42", ServerBroken), (CUT, Offline)],
)
async def test_an_answer_before_the_dot_is_never_an_acceptance(early: bytes, error: type[TuimailError]) -> None:
    server = ScriptedServer(early=early)
    with pytest.raises(error):
        await _send(server, message=BIG * 3)
    assert not server.messages


@pytest.mark.parametrize("recipient", ["nobody", "a@x.test>\r\nRCPT TO:<c@x.test", ""])
async def test_a_wrong_address_is_told_before_anything_is_sent(recipient: str) -> None:
    server = ScriptedServer()
    with pytest.raises(InputWrong):
        await _send(server, "b@x.test", recipient)
    assert not server.commands


async def test_nobody_listens() -> None:
    server = ScriptedServer()
    async with server.running():
        pass
    with pytest.raises(Offline, match="refused the connection"):
        await SmtpSender(server.address(), _secret).check()


async def test_check_sends_nothing() -> None:
    server = ScriptedServer()
    async with server.running():
        await SmtpSender(server.address(), _secret).check()
        await server.gone.wait()
    assert server.commands == [b"EHLO [127.0.0.1]", b"QUIT"]


async def test_the_log_has_neither_secret_nor_message() -> None:
    server = ScriptedServer({b"AUTH": b"235 welcome"}, extensions=(b"PIPELINING", b"AUTH PLAIN LOGIN"))
    lines: list[str] = []

    def log(direction: str, line: bytes) -> None:
        lines.append(f"{direction}: {line.decode()}")

    async with server.running():
        sender = SmtpSender(server.address(AuthMethod.PASSWORD), _secret, log=log)
        await sender.send("a@x.test", ("b@x.test",), MESSAGE)
    assert "C: AUTH PLAIN ***" in lines
    assert f"C: {{{len(MESSAGE)} octets}}" in lines
    assert "S: 250 taken as 42" in lines
    assert [line for line in lines if "PIPELINING" in line] == ["S: 250-PIPELINING"], "as it was said: more follows"
    assert "C: RCPT TO:<b@x.test>" in lines
    assert "body" not in "".join(lines)
    assert "s3cret" not in "".join(lines)
