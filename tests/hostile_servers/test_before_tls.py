# SPDX-License-Identifier: GPL-3.0-or-later
"""What somebody on the way may try before TLS begins: the cases of "Why TLS Is Better Without STARTTLS" (Poddebniak, Ising,
Böck, Schinzel, USENIX Security 2021), under their names there, and some more; for IMAP, SMTP and POP3.

Whatever is tried: no password, no AUTH, no mail and no folder's name is said in the clear; what was said to us there is
neither kept nor shown; it ends, in success over TLS or in a sentence.
"""

import base64
from pathlib import Path

import pytest

from tests.hostile_servers.between import HANG_UP, Attack, Between
from tests.hostile_servers.conftest import Attacked, Place, Undisturbed
from tests.hostile_servers.visits import LETTER, Visit

MARK = "Click-me-now"
"""Stands in whatever the attacker says."""
_M = MARK.encode()
WAYS = {"imap": ("sync", "examine", "measure"), "smtp": ("send", "examine", "measure"), "pop3": ("sync", "examine", "measure")}
"""The three programs that speak a protocol; checking and probing an account is the first of them."""
_OK = b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=LOGIN] "
_OFFERED = {b"CAPABILITY": b"* CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=LOGIN\r\n{tag} OK\r\n"}
"""Whoever goes on in the clear is let in."""

IMAP_STOPS = {
    "D_1: no CAPABILITY, no STARTTLS": Attack(
        b"* OK ready\r\n", {b"CAPABILITY": b"{tag} BAD what?\r\n", b"STARTTLS": b"{tag} BAD what?\r\n"}
    ),
    "D_2: IMAP4 in the greeting": Attack(b"* OK [CAPABILITY IMAP4] ready\r\n", {b"STARTTLS": b"{tag} BAD what?\r\n"}),
    "D_3: IMAP4 when asked": Attack(
        b"* OK ready\r\n", {b"CAPABILITY": b"* CAPABILITY IMAP4\r\n{tag} OK\r\n", b"STARTTLS": b"{tag} BAD what?\r\n"}
    ),
    "O_1: not offered, BAD": Attack(_OK + _M + b"\r\n", {**_OFFERED, b"STARTTLS": b"{tag} BAD " + _M + b"\r\n"}),
    "O_2: NO": Attack(_OK + b"x\r\n", {**_OFFERED, b"STARTTLS": b"{tag} NO " + _M + b"\r\n"}),
    "O_2: NO as if the password were wrong": Attack(
        answers={**_OFFERED, b"STARTTLS": b"{tag} NO [AUTHENTICATIONFAILED] " + _M + b"\r\n"}
    ),
    "O_2: NO as if it would do later": Attack(answers={**_OFFERED, b"STARTTLS": b"{tag} NO [UNAVAILABLE] " + _M + b"\r\n"}),
    "O_3: BAD": Attack(_OK + b"x\r\n", {**_OFFERED, b"STARTTLS": b"{tag} BAD " + _M + b"\r\n"}),
    "O_4: +": Attack(answers={b"STARTTLS": b"+ go on with " + _M + b"\r\n" + HANG_UP}),
    "P: PREAUTH that offers STARTTLS": Attack(b"* PREAUTH [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] " + _M + b"\r\n"),
    "P_1: PREAUTH": Attack(b"* PREAUTH [CAPABILITY IMAP4rev1] ready\r\n"),
    "P_2, P_4: PREAUTH and AUTH=": Attack(b"* PREAUTH [CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=LOGIN] ready\r\n"),
    "P_3, P_5: PREAUTH, AUTH= and STARTTLS": Attack(
        b"* PREAUTH [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN AUTH=LOGIN] ready\r\n"
    ),
    "L_1: LOGIN-REFERRALS before TLS": Attack(
        answers={b"STARTTLS": b"{tag} NO [REFERRAL imap://;AUTH=*@attacker.example:243/] " + _M + b"\r\n"}
    ),
    "greeting: BYE": Attack(b"* BYE [ALERT] " + _M + b"\r\n" + HANG_UP),
    "greeting: BAD": Attack(b"* BAD [ALERT] " + _M + b"\r\n"),
    "greeting: NO": Attack(b"* NO [ALERT] " + _M + b"\r\n"),
    "greeting: none": Attack(HANG_UP),
    "greeting: another protocol's": Attack(b"220 " + _M + b"\r\n" + HANG_UP),
    "greeting: no UTF-8": Attack(b"* \xff\xfe\xfd " + _M + b"\r\n" + HANG_UP),
    "greeting: a tagged answer": Attack(b"a1 OK " + _M + b"\r\n" + HANG_UP),
    "greeting: OK and PREAUTH": Attack(b"* OK ready\r\n* PREAUTH " + _M + b"\r\n", {b"STARTTLS": b"{tag} NO\r\n"}),
    "STARTTLS: an answer of many": Attack(answers={b"STARTTLS": b"x99 OK " + _M + b"\r\n" + HANG_UP}),
    "STARTTLS: BYE": Attack(answers={b"STARTTLS": b"* BYE " + _M + b"\r\n" + HANG_UP}),
    "STARTTLS: OK and no TLS": Attack(answers={b"STARTTLS": b"{tag} OK\r\n" + HANG_UP}),
    "B_1: capabilities behind the OK": Attack(
        answers={b"STARTTLS": b"{tag} OK begin\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN X-" + _M + b"\r\n2 OK done\r\n"}
    ),
    "B_2: an alert behind the OK": Attack(answers={b"STARTTLS": b"{tag} OK begin\r\n* OK [ALERT] " + _M + b"\r\n"}),
    "B_3: BYE behind the OK": Attack(answers={b"STARTTLS": b"{tag} OK begin\r\n* BYE " + _M + b"\r\n"}),
    "B: one octet behind the OK": Attack(answers={b"STARTTLS": b"{tag} OK begin\r\n*"}),
    "B: a folder behind the OK": Attack(
        answers={b"STARTTLS": b'{tag} OK begin\r\n* LIST () "/" ' + _M + b"\r\n* 1 EXPUNGE\r\n"}
    ),
}
"""Nothing is to come of these."""

_TAMPERING = {
    "01 LIST": b'* LIST (\\HasNoChildren) "/" "%b"\r\n',
    "02 LSUB": b'* LSUB () "/" "%b"\r\n',
    "03 STATUS": b'* STATUS "%b" (MESSAGES 3 UNSEEN 3 UIDNEXT 4 UIDVALIDITY 1)\r\n',
    "04 SEARCH": b"* SEARCH 1 2 3\r\n",
    "05 FLAGS": b"* FLAGS (\\Seen %b)\r\n",
    "06 EXISTS": b"* 23 EXISTS\r\n",
    "07 RECENT": b"* 23 RECENT\r\n",
    "08 EXPUNGE": b"* 1 EXPUNGE\r\n* VANISHED 1:9\r\n",
    "09 FETCH": b"* 1 FETCH (UID 1 FLAGS (\\Deleted) BODY[] {20}\r\nSubject: %b\r\n)\r\n",
    "ALERT": b"* OK [ALERT] %b\r\n",
    "ALERT as NO": b"* NO [ALERT] %b\r\n",
    "BADCHARSET": b"* NO [BADCHARSET (%b)] %b\r\n",
    "PARSE": b"* NO [PARSE] %b\r\n",
    "REFERRAL": b"* OK [REFERRAL imap://;AUTH=*@attacker.example:243/%b] x\r\n",
    "CAPABILITY": b"* CAPABILITY IMAP4rev1 AUTH=ANONYMOUS COMPRESS=DEFLATE X-%b\r\n",
    "imapsieve URL": b"* OK [CAPABILITY IMAP4rev1 STARTTLS IMAPSIEVE=sieve://attacker.example/%b] x\r\n",
    "ID": b'* ID ("name" "%b")\r\n',
    "NAMESPACE": b'* NAMESPACE (("%b/" "/")) NIL NIL\r\n',
}


def _said(template: bytes) -> bytes:
    return template.replace(b"%b", _M).replace(b"{20}", b"{%d}" % (len(_M) + 11))


IMAP_IGNORED = {
    **{f"Tampering/after_greeting {name}": Attack(b"* OK ready\r\n" + _said(text)) for name, text in _TAMPERING.items()},
    **{
        f"Tampering/before_starttls {name}": Attack(answers={b"STARTTLS": _said(text) + b"{tag} OK begin\r\n"})
        for name, text in _TAMPERING.items()
    },
    "UI Spoofing/greeting ok alert": Attack(b"* OK [ALERT] " + _M + b"\r\n"),
    "UI Spoofing/greeting badcharset": Attack(b"* OK [BADCHARSET (" + _M + b")] x\r\n"),
    "UI Spoofing/greeting parse": Attack(b"* OK [PARSE] " + _M + b"\r\n"),
    "UI Spoofing/starttls alert": Attack(answers={b"STARTTLS": b"{tag} OK [ALERT] " + _M + b"\r\n"}),
    "B_1: capabilities before the OK": Attack(
        answers={b"STARTTLS": b"* CAPABILITY IMAP4rev1 AUTH=ANONYMOUS\r\n{tag} OK [CAPABILITY IMAP4rev1] begin\r\n"}
    ),
}
"""These change nothing: over TLS all is as it would have been."""

_CODES = (
    *(211, 214, 221, 235, 250, 251, 252, 334, 354, 421, 432, 450, 451, 452, 454, 455, 500, 501, 502, 503, 504, 521, 523),
    *(530, 534, 535, 538, 550, 551, 552, 553, 554, 555),
)
SMTP_CODES = {
    **{f"greeting {code}": Attack(b"%d %b\r\n" % (code, _M)) for code in _CODES},
    **{f"EHLO {code}": Attack(answers={b"EHLO": b"%d %b\r\n" % (code, _M), b"HELO": b"%d x\r\n" % code}) for code in _CODES},
    **{f"STARTTLS {code}": Attack(answers={b"STARTTLS": b"%d %b\r\n" % (code, _M)}) for code in _CODES},
}
SMTP_STOPS = {
    "D_1: no EHLO, no STARTTLS": Attack(
        answers={b"EHLO": b"502 " + _M + b"\r\n", b"STARTTLS": b"502 what?\r\n", b"HELO": b"250 test\r\n"}
    ),
    "O_1: not offered": Attack(answers={b"EHLO": b"250-test\r\n250 AUTH PLAIN LOGIN\r\n", b"STARTTLS": b"502 what?\r\n"}),
    "O_2: 502": Attack(answers={b"STARTTLS": b"502 " + _M + b"\r\n"}),
    "O_3: 454": Attack(answers={b"STARTTLS": b"454 " + _M + b"\r\n"}),
    "O_4: 354": Attack(answers={b"STARTTLS": b"354 " + _M + b"\r\n"}),
    "greeting: none": Attack(HANG_UP),
    "greeting: another protocol's": Attack(b"* OK " + _M + b"\r\n" + HANG_UP),
    "STARTTLS: no reply": Attack(answers={b"STARTTLS": _M + b"\r\n" + HANG_UP}),
    "STARTTLS: 220 and no TLS": Attack(answers={b"STARTTLS": b"220 go\r\n" + HANG_UP}),
    "B_1: a reply behind the 220": Attack(answers={b"STARTTLS": b"220 go\r\n250-test\r\n250 AUTH LOGIN X-" + _M + b"\r\n"}),
    "B_1: half a reply behind the 220": Attack(answers={b"STARTTLS": b"220 go\r\n250-" + _M}),
    "B_1: one octet behind the 220": Attack(answers={b"STARTTLS": b"220 go\r\n2"}),
}
SMTP_IGNORED = {
    "EHLO names odd extensions": Attack(
        answers={b"EHLO": b"250-test\r\n250-STARTTLS\r\n250-AUTH ANONYMOUS PLAIN\r\n250-SIZE 1\r\n250 X-" + _M + b"\r\n"}
    ),
    "a word with the greeting": Attack(b"220-" + _M + b"\r\n220 ready\r\n"),
    "a word with the 220": Attack(answers={b"STARTTLS": b"220-" + _M + b"\r\n220 go\r\n"}),
}

POP3_STOPS = {
    "O_1: not offered, -ERR": Attack(
        answers={b"CAPA": b"+OK\r\nUSER\r\nSASL PLAIN\r\n.\r\n", b"STLS": b"-ERR " + _M + b"\r\n"}
    ),
    "O_2: -ERR": Attack(answers={b"STLS": b"-ERR " + _M + b"\r\n"}),
    "O_2: -ERR as if the password were wrong": Attack(answers={b"STLS": b"-ERR [AUTH] " + _M + b"\r\n"}),
    "O_3: no CAPA": Attack(answers={b"CAPA": b"-ERR what?\r\n", b"STLS": b"-ERR what?\r\n"}),
    "O_4: an APOP challenge, and no TLS": Attack(b"+OK <1.2@" + _M + b">\r\n", {b"STLS": b"-ERR no\r\n"}),
    "STLS: +": Attack(answers={b"STLS": b"+ " + _M + b"\r\n" + HANG_UP}),
    "STLS: +OK and no TLS": Attack(answers={b"STLS": b"+OK\r\n" + HANG_UP}),
    "greeting: none": Attack(HANG_UP),
    "greeting: another protocol's": Attack(b"220 " + _M + b"\r\n" + HANG_UP),
    "B_1: a list behind the +OK": Attack(answers={b"STLS": b"+OK go\r\n+OK\r\nPLAIN\r\nX-" + _M + b"\r\n.\r\n"}),
    "B_2: octets behind the +OK": Attack(answers={b"STLS": b"+OK go\r\n" + "¹³¹²³".encode() * 9 + _M}),
    "B: one octet behind the +OK": Attack(answers={b"STLS": b"+OK go\r\n+"}),
}
POP3_IGNORED = {
    "O_4: an APOP challenge, then TLS": Attack(b"+OK <1.2@" + _M + b">\r\n"),
    "greeting: -ERR, then TLS": Attack(b"-ERR [AUTH] " + _M + b"\r\n"),
    "CAPA names odd things": Attack(answers={b"CAPA": b"+OK\r\nSTLS\r\nSASL ANONYMOUS\r\nX-" + _M + b"\r\n.\r\n"}),
}
STOPS = {"imap": IMAP_STOPS, "smtp": SMTP_STOPS, "pop3": POP3_STOPS}
IGNORED = {"imap": IMAP_IGNORED, "smtp": SMTP_IGNORED, "pop3": POP3_IGNORED}


def _cases(of: dict[str, dict[str, Attack]]) -> list[object]:
    return [pytest.param(kind, attack, id=f"{kind} {name}") for kind, cases in of.items() for name, attack in cases.items()]


def assert_nothing_in_clear(between: Between, visit: Visit) -> None:
    """Neither a secret nor anything that belongs behind TLS; and what was heard is not shown, nor in the store."""
    hidden = base64.b64encode(f"\0{visit.server.username}\0{visit.secret}".encode())
    for secret in (visit.secret.encode(), base64.b64encode(visit.secret.encode()), hidden, b"the-words-of-a-letter", LETTER):
        assert secret not in between.octets
    assert between.said <= between.speech.harmless
    assert MARK not in visit.shown
    kept = b"".join(file.read_bytes() for file in _files(visit.folder))
    assert _M not in kept
    assert visit.secret.encode() not in kept


def assert_it_stopped(visit: Visit, way: str) -> None:
    """It ended in an error that is not about the password, which nobody looked up."""
    assert visit.asked == 0
    assert visit.errors or way == "examine"
    for error in visit.errors:
        assert error.kind in ("Offline", "ServerRefused", "ServerBroken", "TryLater", "TuimailError")


def _files(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]


@pytest.mark.parametrize(("kind", "attack"), _cases(STOPS))
async def test_it_ends_in_a_sentence(attacked: Attacked, place: Place, kind: str, attack: Attack) -> None:
    for way in WAYS[kind]:
        async with attacked(kind, attack) as (between, visit):
            await visit.run(way)
        assert_nothing_in_clear(between, visit)
        assert_it_stopped(visit, way)
        assert not [line for line in place.servers.log if "LOGIN" in line or "AUTH" in line or "PASS" in line]


@pytest.mark.parametrize("step", ["greeting", "EHLO", "STARTTLS"])
async def test_any_smtp_reply_ends_in_a_sentence(attacked: Attacked, step: str) -> None:
    for attack in (attack for name, attack in SMTP_CODES.items() if name.startswith(step)):
        async with attacked("smtp", attack) as (between, visit):
            await visit.run("send")
        assert_nothing_in_clear(between, visit)
        assert_it_stopped(visit, "send")


@pytest.mark.parametrize(("kind", "attack"), _cases(IGNORED))
async def test_it_changes_nothing(attacked: Attacked, undisturbed: Undisturbed, kind: str, attack: Attack) -> None:
    way = WAYS[kind][0]
    async with attacked(kind, attack) as (between, visit):
        await visit.run(way)
    assert_nothing_in_clear(between, visit)
    before = await undisturbed(kind, way)
    assert (visit.errors, visit.folders, visit.subjects) == ([], before.folders, before.subjects)
    assert between.handshakes


@pytest.mark.parametrize("kind", WAYS)
async def test_whoever_is_honest_gets_the_password_over_tls(attacked: Attacked, kind: str) -> None:
    for way in (*WAYS[kind], "check", "probe"):
        async with attacked(kind, Attack()) as (between, visit):
            await visit.run(way)
        assert_nothing_in_clear(between, visit)
        assert not visit.errors
        assert between.handshakes
