# SPDX-License-Identifier: GPL-3.0-or-later
"""X_1: a server that offers every SASL mechanism ever named gets one that is known, or none; the log never has the password."""

import pytest

from tests.hostile_servers.between import HANG_UP, HOST, SPEECHES, Attack, Between
from tuimail.accounts.prompts import always
from tuimail.accounts.secrets import SecretStore
from tuimail.backends.dialogue import Recent
from tuimail.model.account import Account, AuthMethod, Security, ServerAddress
from tuimail.model.address import Address
from tuimail.model.errors import TuimailError
from tuimail.servers import Servers

SECRET = "correct-horse-Battery7"
ODD = (
    b"9798-M-DSA-SHA1 9798-U-RSA-SHA1-ENC ANONYMOUS CRAM-MD5 CRAM-SHA1 DIGEST-MD5 DPA EAP-AES128 ECDSA-NIST256P-CHALLENGE"
    b" EXTERNAL GS2-KRB5 GSSAPI GSS-SPNEGO KERBEROS_V4 KERBEROS_V5 MSN NMAS_AUTHEN NMAS-SAMBA-AUTH NTLM OPENID20 OTP"
    b" PASSDSS-3DES-1 PLAIN-CLIENTTOKEN SAML20 SCRAM-MD5 SECURID SKEY SPNEGO XOAUTH XYMCOOKIEB64 X-WHATEVER"
)


def _imap(mechanisms: bytes) -> Attack:
    names = b" ".join(b"AUTH=" + name for name in mechanisms.split())
    refused = b"{tag} NO [AUTHENTICATIONFAILED] no\r\n"
    return Attack(b"* OK [CAPABILITY IMAP4rev1 SASL-IR LOGINDISABLED " + names + b"] ready\r\n", {b"AUTHENTICATE": refused})


def _smtp(mechanisms: bytes) -> Attack:
    return Attack(answers={b"EHLO": b"250-test\r\n250 AUTH " + mechanisms + b"\r\n", b"AUTH": b"535 no\r\n"})


def _pop3(mechanisms: bytes) -> Attack:
    return Attack(answers={b"CAPA": b"+OK\r\nSASL " + mechanisms + b"\r\n.\r\n", b"AUTH": b"-ERR [AUTH] no\r\n"})


OFFERS = {"imap": _imap, "smtp": _smtp, "pop3": _pop3}


async def _sign_in(kind: str, mechanisms: bytes, auth: AuthMethod) -> tuple[Between, Recent, TuimailError]:
    said = Recent()
    async with Between(SPEECHES[kind], OFFERS[kind](mechanisms), 0).running() as between:
        server = ServerAddress(HOST, between.port, Security.NONE, "ada", auth)
        account = Account("work", Address("Ada", "ada@example.org"), **{kind: server})  # type: ignore[arg-type]
        with pytest.raises(TuimailError) as raised:
            await Servers(SecretStore(always(SECRET)), said).check(account, kind, SECRET)
    return between, said, raised.value


@pytest.mark.parametrize("auth", [AuthMethod.PASSWORD, AuthMethod.OAUTH2])
@pytest.mark.parametrize("kind", OFFERS)
async def test_none_is_better_than_an_odd_one(kind: str, auth: AuthMethod) -> None:
    between, said, error = await _sign_in(kind, ODD, auth)
    assert error.kind == "ServerRefused"
    assert not between.said & {b"AUTH", b"AUTHENTICATE", b"LOGIN", b"USER", b"PASS", b"APOP"}
    assert SECRET.encode() not in between.octets
    assert SECRET not in "\n".join(said.lines())


@pytest.mark.parametrize(
    ("auth", "known"),
    [(AuthMethod.PASSWORD, b"PLAIN"), (AuthMethod.PASSWORD, b"SCRAM-SHA-256"), (AuthMethod.OAUTH2, b"XOAUTH2")],
)
@pytest.mark.parametrize("kind", OFFERS)
async def test_the_one_that_is_known_is_taken_once(kind: str, auth: AuthMethod, known: bytes) -> None:
    between, said, error = await _sign_in(kind, ODD + b" " + known + b" ANONYMOUS", auth)
    assert error.kind == "SignInNeeded"
    (tried,) = [line for line in between.lines if b"AUTH" in line.upper()]
    assert b" " + known in tried
    shown = "\n".join([*said.lines(), str(error)])
    assert known.decode() in shown
    assert SECRET not in shown
    assert tried.rpartition(b" ")[2].decode() not in shown or tried.endswith(known)


async def test_a_login_referral_is_not_followed() -> None:
    """L_1: and the host that is named there hears nothing."""
    async with Between(SPEECHES["imap"], Attack(HANG_UP), 0).running() as other:
        refused = b"{tag} NO [REFERRAL imap://ada;AUTH=*@127.0.0.1:%d/] go there\r\n" % other.port
        attack = Attack(b"* OK [CAPABILITY IMAP4rev1 LOGIN-REFERRALS] ready\r\n", {b"LOGIN": refused})
        async with Between(SPEECHES["imap"], attack, 0).running() as between:
            server = ServerAddress(HOST, between.port, Security.NONE, "ada")
            account = Account("work", Address("Ada", "ada@example.org"), imap=server)
            with pytest.raises(TuimailError):
                await Servers(SecretStore(always(SECRET))).check(account, "imap", SECRET)
        assert between.said >= {b"LOGIN"}
        assert await other.visitors() == 0
