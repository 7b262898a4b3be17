# SPDX-License-Identifier: GPL-3.0-or-later
"""Through real SMTP servers, from our bytes to what they keep: Postfix, aiosmtpd, and with `make test-servers` Exim and
OpenSMTPD."""

import random
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP

import pytest

from tests.servers.chroot import systems
from tests.servers.postfix import PostfixServer
from tests.servers.python_smtp import PythonSmtp
from tests.servers.smtp_system import SystemSmtp
from tuimail.backends.smtp.sender import SmtpSender
from tuimail.model.account import Security
from tuimail.model.errors import InputWrong, ServerRefused

Relay = PostfixServer | PythonSmtp | SystemSmtp

_LACKING = {
    "opensmtpd": {
        "test_the_refused_ones_are_named_and_the_others_get_it": "cannot be told to put an address off (450)",
        "test_a_large_attachment_arrives_octet_by_octet[opensmtpd-tls]": "speaks no TLS as Debian 12 has it: “EVP lib”",
        "test_a_large_attachment_arrives_octet_by_octet[opensmtpd-starttls]": "speaks no TLS as Debian 12 has it: “EVP lib”",
        "test_umlauts_need_smtputf8_and_get_it": "has no SMTPUTF8: see test_without_smtputf8_no_address_is_altered",
    },
}
"""Server → test → what it lacks."""
_SYSTEMS = [pytest.param(name, marks=pytest.mark.systems) for name in ("exim", "opensmtpd")] if systems() else []


@pytest.fixture(params=["aiosmtpd", pytest.param("postfix", marks=pytest.mark.postfix), *_SYSTEMS])
def relay(request: pytest.FixtureRequest) -> Relay:
    """A server that takes mail for everybody. What it lacks is expected to fail, and reported with its reason."""
    known = _LACKING.get(request.param, {})
    lacking = known.get(request.node.name) or known.get(request.node.originalname)
    if lacking:
        request.applymarker(pytest.mark.xfail(reason=f"{request.param}: {lacking}", strict=True))
    server: Relay = request.getfixturevalue(request.param)
    return server


async def _secret() -> str:
    return ""


def _body(stored: bytes) -> bytes:
    return stored.partition(b"\n\n")[2]


async def test_lines_with_dots_arrive_as_they_are(relay: Relay) -> None:
    body = b".\r\n..\r\n.a\r\n\r\n.\r\n. \r\nend.\r\n"
    await SmtpSender(relay.address(), _secret).send(
        "a@x.test", ("b@x.test",), b"Message-ID: <dots@x.test>\r\nSubject: x\r\n\r\n" + body
    )
    (stored,) = relay.delivered("<dots@x.test>")
    assert _body(stored) == body.replace(b"\r\n", b"\n")


@pytest.mark.parametrize("security", list(Security))
async def test_a_large_attachment_arrives_octet_by_octet(relay: Relay, security: Security) -> None:
    content = random.Random(7).randbytes(relay.size_limit // 8)
    name = f"<large.{security}@x.test>"
    message = EmailMessage(SMTP)
    message["Message-ID"], message["Subject"] = name, "large"
    message.set_content("see attachment")
    message.add_attachment(content, "application", "octet-stream", filename="random.bin")
    sent = await SmtpSender(relay.address(security), _secret).send("a@x.test", ("b@x.test",), message.as_bytes())
    assert sent.answer.startswith("250")
    (stored,) = relay.delivered(name)
    (attachment,) = BytesParser(policy=SMTP).parsebytes(stored).iter_attachments()
    assert attachment.get_content() == content


async def test_every_recipient_gets_one_copy(relay: Relay) -> None:
    recipients = tuple(f"user{number}@x.test" for number in range(20))
    await SmtpSender(relay.address(), _secret).send("a@x.test", recipients, b"Message-ID: <many@x.test>\r\n\r\nhello\r\n")
    relay.delivered("<many@x.test>", 20)
    assert relay.recipients("<many@x.test>") == sorted(recipients)


async def test_the_refused_ones_are_named_and_the_others_get_it(relay: Relay) -> None:
    sent = await SmtpSender(relay.address(), _secret).send(
        "a@x.test", ("refused@refused.test", "b@x.test", "later@later.test"), b"Message-ID: <some@x.test>\r\n\r\nhello\r\n"
    )
    assert sent.accepted == ("b@x.test",)
    assert [(one.address, one.code // 100) for one in sent.refused] == [("refused@refused.test", 5), ("later@later.test", 4)]
    assert "No such user" in sent.refused[0].text
    relay.delivered("<some@x.test>")
    assert relay.recipients("<some@x.test>") == ["b@x.test"]


@pytest.mark.parametrize("ending", [b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r.\r\n", b"\r\n.\r", b"\r\n.\n", b"\r\n\x00.\r\n"])
async def test_no_message_can_hide_a_second_one(relay: Relay, ending: bytes) -> None:
    name = f"<smuggle.{ending.hex()}@x.test>"
    hidden = f"<hidden.{ending.hex()}@x.test>"
    second = f"MAIL FROM:<x@evil.test>\r\nRCPT TO:<c@x.test>\r\nDATA\r\nMessage-ID: {hidden}\r\n\r\nhidden\r\n.\r\n".encode()
    message = f"Message-ID: {name}\r\n\r\nbody".encode() + ending + second
    await SmtpSender(relay.address(), _secret).send("a@x.test", ("b@x.test",), message)
    (stored,) = relay.delivered(name)
    assert hidden.encode() in _body(stored)
    assert stored.count(b"Delivered-To:") == 1


async def test_umlauts_need_smtputf8_and_get_it(relay: Relay) -> None:
    message = "Message-ID: <utf8@x.test>\r\nSubject: Grüße\r\n\r\nschön\r\n".encode()
    await SmtpSender(relay.address(), _secret).send("ä@bücher.test", ("ü@x.test",), message)
    (stored,) = relay.delivered("<utf8@x.test>")
    assert "Subject: Grüße".encode() in stored
    assert _body(stored) == "schön\n".encode()


@pytest.mark.systems
async def test_without_smtputf8_no_address_is_altered(opensmtpd: SystemSmtp) -> None:
    with pytest.raises(InputWrong, match="does not take"):
        await SmtpSender(opensmtpd.address(), _secret).send("a@x.test", ("ü@x.test",), b"Message-ID: <no@x.test>\r\n\r\nx\r\n")
    sent = await SmtpSender(opensmtpd.address(), _secret).send(
        "a@bücher.test", ("b@bücher.test",), b"Message-ID: <idna@x.test>\r\n\r\nx\r\n"
    )
    assert sent.refused == ()
    assert opensmtpd.recipients("<idna@x.test>") == ["b@xn--bcher-kva.test"]


async def test_what_is_larger_than_the_server_takes_is_not_sent(relay: Relay) -> None:
    with pytest.raises(ServerRefused, match=f"at most {relay.size_limit / 1e6:.1f} MB"):
        await SmtpSender(relay.address(), _secret).send("a@x.test", ("b@x.test",), bytes(relay.size_limit + 1))
