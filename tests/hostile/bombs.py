# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages made to exhaust a reader, by a scale: 100 is the size that `make hostile` takes, 1 that of the usual tests."""

import base64
import zlib
from collections.abc import Callable

Bomb = Callable[[int], bytes]
HEAD = b"From: Mallory <mallory@example.org>\r\nTo: ada@example.org\r\nSubject: Bomb\r\nMessage-ID: <bomb@example.org>\r\n"
MIME = HEAD + b"MIME-Version: 1.0\r\n"
_CHARSETS = (
    *("utf-7", "utf-16", "utf-32", "x-unknown", "punycode", "idna", "zlib", "rot13", "unicode_escape", "raw-unicode-escape"),
    *("hz", "iso-2022-jp-3", "iso-2022-kr", "big5-hkscs", "cp037", "utf-8-sig", "undefined", "mbcs", "charset\x1b[31m"),
)
_CONTROLS = bytes(range(1, 10)) + bytes(range(11, 13)) + bytes(range(14, 32)) + b"\x7f"
_TRICKS = (
    "\x1b[31m\x1b]0;t\x07\x1b]52;c;eA==\x07\x9b5m\u202egnp\u2066\u2069\u200b\u200d\ufeff\U000e0041 \u2028\u2029" + "\u0301" * 99
)


def typed(kind: str, body: bytes, encoding: str = "8bit") -> bytes:
    """A message of one part."""
    return MIME + f"Content-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode() + body


def _levels(number: int) -> int:
    """More than Python's stack has, in small size also."""
    return max(number, 1_050)


def _multiparts(scale: int) -> bytes:
    levels = range(_levels(100 * scale))
    opened = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (level, level) for level in levels)
    return MIME + opened + b"\r\ninnermost\r\n" + b"".join(b"--b%d--\r\n" % level for level in reversed(levels))


def _same_boundary(scale: int) -> bytes:
    return MIME + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n' * (100 * scale) + b"\r\ninnermost\r\n"


def _messages_within(scale: int) -> bytes:
    return MIME + b"Content-Type: message/rfc822\r\n\r\n" * _levels(100 * scale) + b"Subject: innermost\r\n\r\ntext\r\n"


def _parts(scale: int) -> bytes:
    part = b'--b\r\nContent-Type: image/png; name="p.png"\r\nContent-Transfer-Encoding: base64\r\n\r\neA==\r\n'
    return MIME + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + part * (200 * scale) + b"--b--\r\n"


def _empty_parts(scale: int) -> bytes:
    return MIME + b'Content-Type: multipart/alternative; boundary="b"\r\n\r\n' + b"--b\r\n" * (400 * scale) + b"--b--\r\n"


def _field(name: bytes, value: bytes) -> Bomb:
    """A field whose value goes on and on."""

    def make(scale: int) -> bytes:
        times = 10_000 * scale // len(value)
        return MIME.replace(b"Subject: Bomb\r\n", b"") + name + b": " + value * times + b"\r\n\r\ntext\r\n"

    return make


def _fields(scale: int) -> bytes:
    return HEAD + b"".join(b"X-%d: %d\r\n" % (number, number) for number in range(1_000 * scale)) + b"\r\ntext\r\n"


def _no_end_of_header(scale: int) -> bytes:
    return HEAD + b"x" * (10_000 * scale)


def _structured(outer: bytes, inner: bytes) -> Bomb:
    return _field(b"To", outer + inner)


def _charsets(scale: int) -> bytes:
    """A part in each of the charsets, none of them written as it should be."""
    text = "Grüße +ADw- &#27; ".encode() + b"\x1b$B\x1b(B \x0e\x0f \xff\xfe\x00d\x00" + _CONTROLS
    subject = "".join(f"=?{name}?b?G1szMW0=?= =?{name}?q?=1B=5B31m?= " for name in _CHARSETS)
    parts = b"".join(
        f'--b\r\nContent-Type: text/plain; charset="{name}"\r\n\r\n'.encode() + text * (20 * scale) + b"\r\n"
        for name in _CHARSETS
    )
    head = MIME.replace(b"Subject: Bomb", b"Subject: " + subject.encode())
    return head + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + parts + b"--b--\r\n"


def _everywhere(text: str) -> Bomb:
    """The text wherever text can stand."""

    def make(scale: int) -> bytes:
        quoted = text.replace("\\", "\\\\").replace('"', '\\"')
        word = f"=?utf-8?b?{base64.b64encode(text.encode('utf-8', 'surrogatepass')).decode()}?="
        event = "\r\n".join(
            ["BEGIN:VCALENDAR", "METHOD:REQUEST", "BEGIN:VEVENT", f"UID:{text}", f"SUMMARY:{text}", f"LOCATION:{text}",
             f"ORGANIZER;CN={text}:mailto:{text}", f"DESCRIPTION:{text}", f"DTSTART:{text}", "END:VEVENT", "END:VCALENDAR"]
        )  # fmt: skip
        lines = [
            f'From: "{quoted}" <evil{quoted}@exa{quoted}mple.org>, {word} <a@b>', f"To: {text}, {word}", f"Cc: {text} <x@y>",
            f"Reply-To: {word} <{text}@x.example>", f"Subject: {text} {word}", f"Date: {text}", f"List-Id: {text}",
            f"List-Post: <mailto:{text}@x.example?subject={text}>", f"Message-ID: <{text}@x>", f"In-Reply-To: <{text}@x>",
            f"References: <{text}@x> {text}", f"X-{text}: {text}", f"X-Word: {word}", "MIME-Version: 1.0",
            f'Content-Type: multipart/mixed; boundary="b"; {text}={text}', "", "--b",
            f'Content-Type: text/plain; charset="{quoted}"; format={text}', "", f"Body {text}", "--b",
            f'Content-Type: text/html; charset=utf-8; name="{quoted}"', "",
            f'<title>{text}</title><p title="{text}">{text}<a href="http://{text}/">{text}</a><img alt="{text}">', "--b",
            "Content-Type: text/calendar; charset=utf-8; method=REQUEST", "", event, "--b",
            f'Content-Type: x/{text}; name="{quoted}"', f'Content-Disposition: {text}; filename="{quoted}"',
            f"Content-ID: <{text}>", f"Content-Transfer-Encoding: {text}", "", "x", "--b",
            f"Content-Type: application/octet-stream; name*=utf-8''{text}", f"Content-Disposition: attachment; filename={word}",
            "", "x", "--b--", "",
        ]  # fmt: skip
        return "\r\n".join(lines).encode("utf-8", "surrogatepass")

    return make


def _compressed(scale: int) -> bytes:
    squeezed = base64.encodebytes(zlib.compress(bytes(1_000_000 * scale), 9)).replace(b"\n", b"\r\n")
    part = b'--b\r\nContent-Type: application/%b\r\nContent-Disposition: attachment; filename="%b"\r\n'
    parts = b"".join(
        part % pair + b"Content-Transfer-Encoding: base64\r\n\r\n" + squeezed + b"\r\n"
        for pair in ((b"zip", b"a.zip"), (b"gzip", b"a.gz"), (b"ms-tnef", b"winmail.dat"))
    )
    return MIME + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\nsee\r\n' + parts + b"--b--\r\n"


def _line(scale: int) -> bytes:
    """One line of 10 kB, or of 100 MB where the scale is 100."""
    return typed("text/plain", b"x" * (10_000 * scale * scale))


def _html(start: str, piece: str, times: int) -> Bomb:
    return lambda scale: typed("text/html; charset=utf-8", (start + piece * (times * scale)).encode())


def _nested_html(piece: str) -> Bomb:
    return lambda scale: typed("text/html; charset=utf-8", (piece * _levels(500 * scale)).encode())


def _calendar(scale: int) -> bytes:
    events = "BEGIN:VEVENT\r\nDTSTART:20250101T000000Z\r\nRRULE:FREQ=SECONDLY\r\nSUMMARY:x\r\nEND:VEVENT\r\n" * (20 * scale)
    return typed("text/calendar; method=REQUEST", f"BEGIN:VCALENDAR\r\n{events}END:VCALENDAR\r\n".encode())


BOMBS: dict[str, Bomb] = {
    "multiparts within multiparts": _multiparts,
    "one boundary for all levels": _same_boundary,
    "messages within messages": _messages_within,
    "many parts": _parts,
    "many empty alternatives": _empty_parts,
    "many fields": _fields,
    "no end of the header": _no_end_of_header,
    "long subject": _field(b"Subject", b"x"),
    "long subject of words": _field(b"Subject", b"=?utf-8?q?=C3=A9?= "),
    "words of many charsets": _field(b"Subject", b"".join(f"=?{name}?b?/w==?= ".encode() for name in _CHARSETS[:10])),
    "words not ended": _field(b"Subject", b"=?utf-8?q?"),
    "folded subject": _field(b"Subject", b"x\r\n "),
    "comments within comments": _structured(b"", b"("),
    "comments, one after the other": _structured(b"", b"()"),
    "quotes": _structured(b"", b'"'),
    "groups": _structured(b"", b"a:"),
    "angles": _structured(b"", b"<"),
    "recipients": _field(b"To", b"a@x.example, "),
    "recipients that answer": _field(b"Reply-To", b"Ada <a@x.example>, "),
    "references": _field(b"References", b"<a@x.example> "),
    "parameters": _field(b"Content-Type", b"text/plain; a=b"),
    "continued parameters": lambda scale: (
        MIME + b"Content-Type: text/plain" + b"".join(b";\r\n name*%d=x" % at for at in range(500 * scale)) + b"\r\n\r\ntext"
    ),
    "quoted boundary": _field(b'Content-Type: multipart/mixed; boundary="b"; x', b'\\"'),
    "charsets": _charsets,
    "compressed": _compressed,
    "one line": _line,
    "one line of base64": lambda scale: typed("text/plain", b"QUJD" * (25_000 * scale), "base64"),
    "one line of quoted-printable": lambda scale: typed("text/plain", b"=41" * (25_000 * scale), "quoted-printable"),
    "line ends": lambda scale: typed("text/plain", b"\r\n" * (2_000 * scale)),
    "quotes of quotes": lambda scale: typed("text/plain", b">" * (10_000 * scale) + b"\r\n" + b"> x\r\n" * (1_000 * scale)),
    "flowed": lambda scale: typed("text/plain; format=flowed; delsp=yes", b"x \r\n" * (1_000 * scale)),
    "links": lambda scale: typed("text/plain", b"http://x.example/(" * (2_000 * scale)),
    "marks on one letter": lambda scale: typed("text/plain; charset=utf-8", "e\u0301\u0300\u0316".encode() * (5_000 * scale)),
    "control characters": lambda scale: typed("text/plain; charset=utf-8", _CONTROLS * (200 * scale)),
    "deep HTML": _nested_html("<div><b>"),
    "tables within tables": _nested_html("<table><tr><td>"),
    "a huge table": _html("<table>", "<tr>" + "<td>a" * 40, 5),
    "a wide table": _html("<table><tr>", "<td>a", 500),
    "columns that span": _html("<table>", "<tr><td colspan=999999 rowspan=999999>a", 200),
    "many rules": _html("<style>", ".a *, #b > c, d[e='f']:not(g){display:none;color:red}", 500),
    "rules not ended": _html("<style>", "@media screen{a{", 1_000),
    "references to characters": _html("<p>", "&#27;&#x9b;&#8238;&#0;&#xd800;", 1_000),
    "attributes": _html("<p ", "a=b style='x' ", 2_000),
    "images": _html("<p>", "<img src=http://x.example/t.gif width=1 height=1>", 500),
    "anchors": _html("<p>", "<a href='http://a.example/'>http://b.example/</a> ", 200),
    "calendar": _calendar,
    "calendars within calendars": lambda scale: typed(
        "text/calendar", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n" * _levels(200 * scale)
    ),
    "escapes everywhere": _everywhere("\x1b[31mred\x1b]0;t\x07\x1bP1;1|x\x1b\\"),
    "tricks everywhere": _everywhere(_TRICKS),
    "paths everywhere": _everywhere("../../etc/passwd"),
    "lone surrogates everywhere": _everywhere("\ud800x\udfff"),
    "nothing": lambda _: b"",
    "only line ends": lambda scale: b"\r\n" * (1_000 * scale),
    "only NUL": lambda scale: HEAD + b"\r\n" + bytes(1_000 * scale),
}
