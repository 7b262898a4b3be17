# SPDX-License-Identifier: GPL-3.0-or-later
"""SASL messages, against the examples of the RFCs."""

import pytest

from tuimail.backends import sasl
from tuimail.model.account import AuthMethod
from tuimail.model.errors import ServerBroken

NONCE = "rOprNGfwEbeRWgbNEkqO"
CHALLENGE = b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"


def scram() -> sasl.ScramSha256:
    return sasl.ScramSha256("user", "pencil", NONCE)


def test_scram_makes_the_messages_of_rfc_7677() -> None:
    client = scram()
    assert client.first() == b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO"
    assert client.final(CHALLENGE) == (
        b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
    )
    client.verify(b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=")


@pytest.mark.parametrize(
    "last",
    [b"", b"v=", b"v=AAAA", b"e=other-error", b"v=\xff", b"v=\xc3\xa9", b"v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="],
)
def test_a_server_that_cannot_prove_the_password_is_refused(last: bytes) -> None:
    client = scram()
    client.final(CHALLENGE)
    with pytest.raises(ServerBroken):
        client.verify(last)


@pytest.mark.parametrize(
    "challenge",
    [
        b"",
        b"r=other,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        b"r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        b"r=rOprNGfwEbeRWgbNEkqOx,s=!!,i=4096",
        b"r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=1",
        b"r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=999999999",
        b"m=ext,r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
        b"\xff\xfe",
    ],
)
def test_a_wrong_scram_challenge_is_refused(challenge: bytes) -> None:
    with pytest.raises(ServerBroken):
        scram().final(challenge)


def test_verification_before_the_proof_fails() -> None:
    with pytest.raises(ServerBroken):
        scram().verify(b"v=")


def test_plain_and_tokens() -> None:
    assert sasl.plain("ada", "päss") == b"\0ada\0p\xc3\xa4ss"
    assert sasl.xoauth2("ada@example.org", "t0k") == b"user=ada@example.org\x01auth=Bearer t0k\x01\x01"
    assert (
        sasl.oauthbearer("a,b=c", "t0k", "imap.example.org", 993)
        == b"n,a=a=2Cb=3Dc,\x01host=imap.example.org\x01port=993\x01auth=Bearer t0k\x01\x01"
    )


@pytest.mark.parametrize(
    ("offered", "method", "encrypted", "chosen"),
    [
        ({"PLAIN", "SCRAM-SHA-256"}, AuthMethod.PASSWORD, True, "PLAIN"),
        ({"PLAIN", "SCRAM-SHA-256"}, AuthMethod.PASSWORD, False, "SCRAM-SHA-256"),
        ({"LOGIN", "ANONYMOUS", "CRAM-MD5"}, AuthMethod.PASSWORD, True, "LOGIN"),
        ({"ANONYMOUS", "DIGEST-MD5"}, AuthMethod.PASSWORD, True, None),
        ({"PLAIN", "XOAUTH2"}, AuthMethod.OAUTH2, True, "XOAUTH2"),
        ({"PLAIN"}, AuthMethod.OAUTH2, True, None),
        ({"PLAIN"}, AuthMethod.NONE, True, None),
    ],
)
def test_choice_of_mechanism(offered: set[str], method: AuthMethod, encrypted: bool, chosen: str | None) -> None:
    assert sasl.choose(offered, method, encrypted=encrypted) == chosen
