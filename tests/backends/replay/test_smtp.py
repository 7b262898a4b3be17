# SPDX-License-Identifier: GPL-3.0-or-later
"""Submission as Comcast and others speak it, through tuimail's sender."""

import pytest

from tests.backends.replay.recorded import Recorded, octets, playing, smtp
from tuimail.backends.smtp.sender import SmtpSender
from tuimail.backends.submission import Sent
from tuimail.model.account import AuthMethod
from tuimail.model.errors import InputWrong, ServerRefused, SignInNeeded

_MESSAGE = b"Message-ID: <1@x.test>\r\nSubject: x\r\n\r\nhello\r\n"


def said(name: str) -> bytes:
    """A transcript."""
    return octets(f"smtp/{name}")


def at(ehlo: str, **answers: bytes | tuple[bytes, ...]) -> Recorded:
    """A server that takes mail after sign-in."""
    usual: dict[bytes, bytes | tuple[bytes, ...]] = {
        b"EHLO": said(ehlo), b"AUTH PLAIN": said("comcast-auth-plain"), b"MAIL": said("comcast-mail-from"),
        b"RCPT": said("comcast-rcpt-to"), b"DATA": said("comcast-data"), b".": b"250 2.0.0 taken\r\n", b"QUIT": b"221 bye\r\n",
    }  # fmt: skip
    return Recorded(
        b"220 omta06.westchester.pa.mail.comcast.net ready\r\n", usual | {name.encode(): said for name, said in answers.items()}
    )


async def sent(
    recorded: Recorded, to: tuple[str, ...] = ("b@x.test",), auth: AuthMethod = AuthMethod.PASSWORD, message: bytes = _MESSAGE
) -> Sent:
    """A message through that server."""

    async def secret() -> str:
        return "secret-word"

    async with playing(recorded, smtp, auth) as address:
        return await SmtpSender(address, secret).send("a@x.test", to, message)


@pytest.mark.parametrize("ehlo", ["comcast-ehlo", "comcast-ehlo+dsn", "comcast-ehlo+pipelining", "comcast-ehlo+smtputf8"])
async def test_sending(ehlo: str) -> None:
    recorded = at(ehlo)
    assert (await sent(recorded, ("b@x.test", "c@x.test"))).accepted == ("b@x.test", "c@x.test")
    assert recorded.heard[1].startswith(b"AUTH PLAIN ")
    assert recorded.heard[2:7] == [
        b"MAIL FROM:<a@x.test> SIZE=%d" % len(_MESSAGE), b"RCPT TO:<b@x.test>", b"RCPT TO:<c@x.test>", b"DATA", b".",
    ]  # fmt: skip


async def test_letters_beyond_ascii_need_smtputf8() -> None:
    eight_bit = "Subject: Grüße\r\n\r\n".encode()
    recorded = at("comcast-ehlo+smtputf8")
    await sent(recorded, ("ü@x.test",), message=eight_bit)
    assert recorded.heard[2] == b"MAIL FROM:<a@x.test> SIZE=%d BODY=8BITMIME SMTPUTF8" % len(eight_bit)
    recorded = at("comcast-ehlo")
    with pytest.raises(InputWrong):
        await sent(recorded, ("ü@x.test",))
    assert not [line for line in recorded.heard if line.startswith(b"MAIL")]


async def test_a_sign_in_that_only_exchange_of_old_knows() -> None:
    """X-EXPS is AUTH before AUTH was: who offers nothing else is told apart, and nothing is sent."""
    recorded = at("comcast-ehlo+x-exps")
    with pytest.raises(ServerRefused, match="offers no sign-in that fits"):
        await sent(recorded)
    assert recorded.heard == [b"EHLO [127.0.0.1]"]


async def test_a_sign_in_that_is_too_weak() -> None:
    with pytest.raises(SignInNeeded, match="too weak"):
        await sent(at("comcast-ehlo", **{"AUTH PLAIN": said("auth-too-weak")}))


async def test_a_server_that_wants_a_sign_in() -> None:
    with pytest.raises(SignInNeeded, match="Authentication required"):
        await sent(at("comcast-ehlo", MAIL=said("auth-required")), auth=AuthMethod.NONE)


async def test_a_recipient_that_is_unknown() -> None:
    first, unknown = said("pipelined-mailbox-unavailable").splitlines(keepends=True)
    answers = {"MAIL": first, "RCPT TO:<nobody": unknown}
    outcome = await sent(at("comcast-ehlo+pipelining", **answers), ("b@x.test", "nobody@x.test"))
    assert outcome.accepted == ("b@x.test",)
    assert [(one.address, one.code) for one in outcome.refused] == [("nobody@x.test", 550)]
    with pytest.raises(ServerRefused, match="mailbox unavailable"):
        await sent(at("comcast-ehlo+pipelining", **answers), ("nobody@x.test",))
