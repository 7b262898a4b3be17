# SPDX-License-Identifier: GPL-3.0-or-later
"""More messages made to exhaust a reader, by their formats and characters; sizes as in `tests.hostile.bombs`."""

from tests.hostile.bombs import HEAD, MIME, Bomb, typed

_ARMOUR = b"-----BEGIN PGP MESSAGE-----\r\n\r\n"
_DATES = (
    *("Fri, 31 Dec 99999 23:59:60 +9999", "Thu, 1 Jan 0000 00:00:00 -9999", "-1", "99999999999999999999"),
    *("Mon, 31 Feb 2025 25:61:61 GMT", "Tue, 1 Jan 1 00:00 +00000000000000000000000", "1 Jan 2025 00:00:00 " + "(" * 999),
)


def _without_subject(fields: bytes) -> bytes:
    return MIME.replace(b"Subject: Bomb\r\n", b"") + fields


def _long_boundary(scale: int) -> bytes:
    """A boundary as long as the header may be, and lines that begin like it."""
    boundary = b"x" * (10_000 * scale)
    head = MIME + b'Content-Type: multipart/mixed; boundary="' + boundary + b'"\r\n\r\n'
    return head + b"".join(b"--" + boundary[:length] + b"\r\n\r\npart\r\n" for length in (70, 4_000, 9_999)) * 20


def _digest(scale: int) -> bytes:
    """A digest of messages, each of which holds another one."""
    one = b"--b\r\n\r\nContent-Type: message/rfc822\r\nSubject: outer\r\n\r\nSubject: inner\r\n\r\ntext\r\n"
    return MIME + b"Content-Type: multipart/digest; boundary=b\r\n\r\n" + one * (100 * scale) + b"--b--\r\n"


def _signed(scale: int) -> bytes:
    """Signed, encrypted and signed again, in armour within armour."""
    levels = range(10 * scale)
    kinds = (
        b'multipart/signed; protocol="application/pgp-signature"',
        b'multipart/encrypted; protocol="application/pgp-encrypted"',
    )
    opened = b"".join(b"Content-Type: %b; boundary=b%d\r\n\r\n--b%d\r\n" % (kinds[level % 2], level, level) for level in levels)
    return MIME + opened + b"\r\n" + _ARMOUR * (300 * scale)


def _dates(_: int) -> bytes:
    return HEAD + b"".join(b"Date: %b\r\n" % date.encode() for date in _DATES) + b"\r\ntext\r\n"


def _same_names(scale: int) -> bytes:
    names = ("same.txt", "../same.txt", "CON", "a" * 10_000, "\u202etxt.exe", "\x1b[31m.txt", ".", "same.txt\x00.exe")
    part = '--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename="{}"\r\n\r\nx\r\n'
    parts = "".join(part.format(name) for name in names).encode() * scale
    return MIME + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + parts + b"--b--\r\n"


def _calendar(line: bytes, times: int) -> Bomb:
    head = b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nDTSTART:20250101T000000Z\r\nSUMMARY:x"
    return lambda scale: typed("text/calendar", head + line * (times * scale) + b"\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")


def _text(piece: str, times: int, kind: str = "text/plain; charset=utf-8") -> Bomb:
    return lambda scale: typed(kind, piece.encode() * (times * scale))


def _html(start: str, piece: str, times: int, end: str = "") -> Bomb:
    return lambda scale: typed("text/html; charset=utf-8", (start + piece * (times * scale) + end).encode())


ODDITIES: dict[str, Bomb] = {
    "a long boundary": _long_boundary,
    "a digest of digests": _digest,
    "signed within signed": _signed,
    "files of one name": _same_names,
    "dates that are none": _dates,
    "a long Message-ID": lambda scale: HEAD.replace(b"<bomb@", b"<" + b"x" * (10_000 * scale) + b"@") + b"\r\ntext\r\n",
    "an answer to answers": lambda scale: _without_subject(b"Subject: " + b"Re: " * (2_500 * scale) + b"\r\n\r\ntext\r\n"),
    "lists to post to": lambda scale: MIME + b"List-Post: " + b"<mailto:a@x.example>, " * (500 * scale) + b"\r\n\r\ntext\r\n",
    "words of one letter": lambda scale: _without_subject(
        b"From: " + b"=?utf-8?q?a?= " * (800 * scale) + b"<a@x>\r\n\r\ntext\r\n"
    ),
    "soft breaks": lambda scale: typed("text/plain", b"=\r\n" * (5_000 * scale), "quoted-printable"),
    "base64 with padding": lambda scale: typed("text/plain", b"eA==\r\n" * (2_500 * scale), "base64"),
    "uuencoded for ever": lambda scale: typed("text/plain", b"begin 644 x\n" + b"#0V%T\n" * (2_500 * scale), "x-uuencode"),
    "yEnc": _text("=ybegin line=128 size=9 name=x\r\n=}\r\n", 300),
    "ISO 2022": lambda scale: typed("text/plain; charset=iso-2022-jp", b"\x1b$B!!\x1b(B" * (1_500 * scale)),
    "UTF-7": lambda scale: typed("text/plain; charset=utf-7", b"+AD" * (3_000 * scale)),
    "UTF-16 cut through": lambda scale: typed("text/plain; charset=utf-16", b"\xff\xfe" + b"\x00\xd8a" * (3_000 * scale)),
    "stuffed": _text(" > x \r\n", 1_500, "text/plain; format=flowed"),
    "signatures": _text("-- \r\n", 2_000),
    "attributions": _text("> x\r\nAda wrote:\r\n", 600),
    "tabs": _text("\t", 10_000),
    "joiners": _text("👩\u200d", 1_500),
    "selectors of variants": _text("☺\ufe0f", 1_700),
    "letters from right to left": _text("א\u202eb\u2066", 1_200),
    "letters that grow": _text("\ufdfa", 3_300),
    "cards": _text("BEGIN:VCARD\r\nFN:x\r\nPHOTO:data:x\r\nEND:VCARD\r\n", 200, "text/vcard"),
    "attendees": _calendar(b"\r\nATTENDEE;CN=x:mailto:a@x.example", 300),
    "a folded calendar": _calendar(b"\r\n x", 3_000),
    "unclosed fonts": _html("", "<font color=red size=7>x", 400),
    "breaks": _html("x", "<br>", 2_500),
    "preformatted lines": _html("<pre>", "x\n", 5_000),
    "anchors within anchors": _html("", "<a href=http://x.example/>x<table>", 300),
    "lists within lists": _html("", "<ol start=999999><li>", 500),
    "a long selector": _html("<style>", "a ", 5_000, "{display:none}</style><a>x</a>"),
    "many selectors": _html("<style>", "a,", 5_000, "b{display:none}</style><a>x</a>"),
    "brackets in styles": _html("<p style='", "a:url(((;", 1_100, "'>x"),
    "a long comment": _html("<!--", "-->x<!--", 1_200),
    "cells that reach down": _html("<table>" + "<tr>" + "<td rowspan=99999 colspan=9>x" * 40, "<tr><td rowspan=9>y", 400),
    "enriched text": _text("<bold><excerpt>x\n\n<param>y</param><nofill>\n<<", 400, "text/enriched"),
    "a type of blanks": lambda scale: MIME + b"Content-Type: text/plain" + b"\r\n " * (500 * scale) + b"x\r\n\r\ntext\r\n",
    "no charset's octets": lambda scale: typed("text/plain; charset=utf-8", b"\xad\xa1 a\xff " * (1_500 * scale)),
    "NEC's characters": lambda scale: typed("text/plain; charset=iso-2022-jp", b"\x1b$B-!\x1b(B" * (1_500 * scale)),
    "cells of text": _html("<table><tr><td>a<td>", "word ", 2_000, "<td>b</table>"),
    "a text of an image": _html("<img alt='", "word ", 2_000, "'>"),
}
