# SPDX-License-Identifier: GPL-3.0-or-later
"""Through a real Postfix, from our bytes to the stored file."""

import random
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP

import pytest

from tests.servers.postfix import PostfixServer
from tuimail.backends.smtp.sender import SmtpSender
from tuimail.model.account import Security
from tuimail.model.errors import ServerRefused

pytestmark = pytest.mark.postfix


async def _secret() -> str:
    return ""


def _body(stored: bytes) -> bytes:
    return stored.partition(b"\n\n")[2]


async def test_lines_with_dots_arrive_as_they_are(postfix: PostfixServer) -> None:
    body = b".\r\n..\r\n.a\r\n\r\n.\r\n. \r\nend.\r\n"
    await SmtpSender(postfix.address(), _secret).send(
        "a@x.test", ("b@x.test",), b"Message-ID: <dots@x.test>\r\nSubject: x\r\n\r\n" + body
    )
    (stored,) = postfix.delivered("<dots@x.test>")
    assert _body(stored) == body.replace(b"\r\n", b"\n")


@pytest.mark.parametrize("security", list(Security))
async def test_a_large_attachment_arrives_octet_by_octet(postfix: PostfixServer, security: Security) -> None:
    content = random.Random(7).randbytes(12_000_000)
    name = f"<large.{security}@x.test>"
    message = EmailMessage(SMTP)
    message["Message-ID"], message["Subject"] = name, "large"
    message.set_content("see attachment")
    message.add_attachment(content, "application", "octet-stream", filename="random.bin")
    sent = await SmtpSender(postfix.address(security), _secret).send("a@x.test", ("b@x.test",), message.as_bytes())
    assert sent.answer.startswith("250")
    (stored,) = postfix.delivered(name)
    (attachment,) = BytesParser(policy=SMTP).parsebytes(stored).iter_attachments()
    assert attachment.get_content() == content


async def test_every_recipient_gets_one_copy(postfix: PostfixServer) -> None:
    recipients = tuple(f"user{number}@x.test" for number in range(20))
    await SmtpSender(postfix.address(), _secret).send("a@x.test", recipients, b"Message-ID: <many@x.test>\r\n\r\nhello\r\n")
    postfix.delivered("<many@x.test>", 20)
    assert postfix.recipients("<many@x.test>") == sorted(recipients)


async def test_the_refused_ones_are_named_and_the_others_get_it(postfix: PostfixServer) -> None:
    sent = await SmtpSender(postfix.address(), _secret).send(
        "a@x.test", ("refused@refused.test", "b@x.test", "later@later.test"), b"Message-ID: <some@x.test>\r\n\r\nhello\r\n"
    )
    assert sent.accepted == ("b@x.test",)
    assert [(one.address, one.code) for one in sent.refused] == [("refused@refused.test", 550), ("later@later.test", 450)]
    assert "No such user" in sent.refused[0].text
    postfix.delivered("<some@x.test>")
    assert postfix.recipients("<some@x.test>") == ["b@x.test"]


@pytest.mark.parametrize("ending", [b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r.\r\n", b"\r\n.\r", b"\r\n.\n", b"\r\n\x00.\r\n"])
async def test_no_message_can_hide_a_second_one(postfix: PostfixServer, ending: bytes) -> None:
    name = f"<smuggle.{ending.hex()}@x.test>"
    hidden = f"<hidden.{ending.hex()}@x.test>"
    second = f"MAIL FROM:<x@evil.test>\r\nRCPT TO:<c@x.test>\r\nDATA\r\nMessage-ID: {hidden}\r\n\r\nhidden\r\n.\r\n".encode()
    message = f"Message-ID: {name}\r\n\r\nbody".encode() + ending + second
    await SmtpSender(postfix.address(), _secret).send("a@x.test", ("b@x.test",), message)
    (stored,) = postfix.delivered(name)
    assert hidden.encode() in _body(stored)
    assert stored.count(b"Delivered-To:") == 1


async def test_umlauts_need_smtputf8_and_get_it(postfix: PostfixServer) -> None:
    message = "Message-ID: <utf8@x.test>\r\nSubject: Grüße\r\n\r\nschön\r\n".encode()
    await SmtpSender(postfix.address(), _secret).send("ä@bücher.test", ("ü@x.test",), message)
    (stored,) = postfix.delivered("<utf8@x.test>")
    assert "Subject: Grüße".encode() in stored
    assert _body(stored) == "schön\n".encode()


async def test_what_is_larger_than_the_server_takes_is_not_sent(postfix: PostfixServer) -> None:
    with pytest.raises(ServerRefused, match="at most 100"):
        await SmtpSender(postfix.address(), _secret).send("a@x.test", ("b@x.test",), bytes(postfix.size_limit + 1))
