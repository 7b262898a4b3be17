# SPDX-License-Identifier: GPL-3.0-or-later
"""Examples of what the readers read, and the words of the formats."""

from tests.backends.imap.wire import transcripts
from tests.hostile.bombs import BOMBS
from tuimail.demo.samples.curious import curious
from tuimail.mime.parse import parse
from tuimail.mime.structure import bodystructure

_HOSTILE_TEXT = (BOMBS["escapes everywhere"](1), BOMBS["tricks everywhere"](1), BOMBS["paths everywhere"](1))


def imap() -> list[bytes]:
    return [transcripts.octets(name) for name in transcripts.NAMES]


def messages() -> list[bytes]:
    made = [letter() for letter in curious(1_741_600_000)]
    return [*(raw for raw in made if len(raw) < 20_000), *_HOSTILE_TEXT, BOMBS["multiparts within multiparts"](1)[:5000]]


def headers() -> list[bytes]:
    return [raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" for raw in messages()]


def structures() -> list[bytes]:
    real = [
        line.partition(b"BODYSTRUCTURE ")[2].rstrip(b")\r\n") + b")"
        for one in imap()
        for line in one.split(b"\n")
        if b"BODYSTRUCTURE (" in line
    ]
    return [*real, *(bodystructure(parse(raw).root) for raw in messages())]


HTML = (
    b"<html><head><style>.a{display:none} td>b{color:#fff}</style></head><body><p class=a>x</p><h1>T</h1>",
    b"<table width=100%><tr><td colspan=2>a<td>b<tr><td>1<td>2,5</table><ul><li>x<ol start=3><li>y</ol></ul>",
    b"<a href='http://paypal.example/'>http://bank.example/</a><img src=http://t.example/x.gif width=1 height=1 alt='x'>",
    b"<pre>  a\n b</pre><blockquote>q<blockquote>r</blockquote></blockquote>"
    b"<script>x</script><!-- c --><p style='mso-hide:all'>",
    b"<div style='float:left;width:50%'>l</div><div style='font-size:2em;visibility:hidden'>r</div>&nbsp;&#27;&#x202e;&zwnj;",
)
HTML_WORDS = tuple(
    f"<{name}>".encode()
    for name in (
        "table",
        "tr",
        "td",
        "/td",
        "/table",
        "div",
        "/div",
        "a",
        "b",
        "ul",
        "li",
        "pre",
        "style",
        "/style",
        "script",
        "title",
        "textarea",
        "svg",
        "math",
        "template",
        "select",
        "option",
        "!--",
        "![CDATA[",
        "?x",
        "hr",
        "img alt='&#27;'",
        "td colspan=99999 rowspan=9",
        "p style='display:none'",
        "a href='javascript:x'",
        "a href='http://x@y.example/'",
        "center",
        "font size=7",
        "frameset",
        "base href=//x",
        "br",
        "input value=x",
    )
)
CALENDAR = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\n"
    b"BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\nUID:1\r\n"
    b"DTSTART;TZID=Europe/Berlin:20250310T140000\r\nDTEND:20250310T150000Z\r\n"
    b"RRULE:FREQ=WEEKLY;COUNT=3;BYDAY=MO,TU\r\nSUMMARY:Tea\\, and cake\r\n"
    b'ORGANIZER;CN="Ada":mailto:ada@example.org\r\nATTENDEE;PARTSTAT=ACCEPTED;CN=Bo:mailto:bo@example.org\r\n'
    b"LOCATION:http://x.example/\r\n"
    b"DESCRIPTION:Long\r\n  line\r\nSTATUS:CANCELLED\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20251231\r\nDURATION:P1D\r\nSUMMARY;LANGUAGE=de:x\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
)
CALENDAR_WORDS = (
    b"BEGIN:VEVENT\r\n",
    b"END:VEVENT\r\n",
    b"BEGIN:VALARM\r\n",
    b"DTSTART:",
    b"DTEND:",
    b"DURATION:",
    b"RRULE:",
    b"TZID=",
    b"FREQ=",
    b"99999999T999999Z",
    b"-P99999999999D",
    b"mailto:",
    b"ATTENDEE",
    b"ORGANIZER",
    b"VALUE=DATE",
    b"\\n",
    b"INTERVAL=0",
    b"00000000T000000",
)
CONFIG = (
    b'[settings]\nundo_send = 10\nthreads = true\nsort = "-date"\nmark_read = "open"\nkeys = "mutt"\n'
    b'[keys]\narchive = ["e", "ctrl+e"]\n',
    b'[accounts.work]\nname = "Ada"\nemail = "ada@example.org"\n'
    b'imap = { host = "imap.example.org", port = 993, security = "tls" }\n'
    b'smtp = { host = "localhost", security = "none", auth = "none" }\n'
    b'aliases = ["*@ada.example"]\npassword_command = "pass show x"\n',
    b'[discovery]\nautoconfig = ["http://127.0.0.1/"]\ndns = "127.0.0.1:5353"\n[oauth.x]\nclient_id = "i"\nscopes = ["a"]\n',
)
CONFIG_WORDS = (
    b"[accounts.",
    b"[settings]\n",
    b"imap",
    b"pop3",
    b"smtp",
    b" = ",
    b"true",
    b"1e999",
    b"nan",
    b"1979-05-27",
    b'"""',
    b"[[",
    b"]]",
    b"{}",
    b"[]",
    b"port",
    b"security",
    b"password_command",
    b'"\\u001b"',
    b"\\ud800",
    b"-1",
    b"0x",
)
MAILTO = (
    b"ada@example.org?subject=One%20two&cc=bo@x.example&body=Dear%0D%0Aall",
    b"?to=a@b.example,c@d.example&bcc=e@f.example&attach=/etc/passwd",
    b"%22a%20b%22@x.example?In-Reply-To=%3Ca@b%3E&from=x@y.example",
    b"%C3%A9@ex%C3%A4mple.org?subject=%1B%5B31m%E2%80%AE",
)
TYPED = (
    b"ada@example.org, Bo <bo@x.example>\nHello\nText\n.\nFrom me\n",
    b'"Doe, J\\"" <j@d.example>; (c) x@y.example\nRe: =?utf-8?q?x?=\n\n',
    "Jörg <jörg@exämple.org>, friends: a@b.example;\nGrüße\r\nBcc: x\nbody".encode(),
)
FIELD_WORDS = (
    b"=?utf-8?q?=1B?=",
    b"=?utf-8?b?Gw==?=",
    b"=?x?q?y?=",
    b"From: ",
    b"To: ",
    b"Subject: ",
    b"Date: ",
    b"Content-Type: ",
    b"boundary=b",
    b"\r\n--b\r\n",
    b"\r\n--b--\r\n",
    b"multipart/",
    b"message/rfc822",
    b"text/html",
    b"text/calendar",
    b"charset=utf-7",
    b"charset=iso-2022-jp",
    b"name*0*=utf-8''%1b",
    b"Content-Transfer-Encoding: ",
    b"base64",
    b"quoted-printable",
    b"x-uuencode",
    b"References: ",
    b"<a@b>",
    b"@",
    b"Mon, 10 Mar 2025 14:02:00 +0000",
)
IMAP_WORDS = (
    b"* ",
    b" FETCH (",
    b"UID 7 ",
    b"FLAGS (\\Seen)",
    b"ENVELOPE (",
    b"BODYSTRUCTURE (",
    b"NIL",
    b"{5}\r\n",
    b"{0}\r\n",
    b"~{3}\r\n",
    b"{4294967295}\r\n",
    b'"',
    b"* LIST (",
    b"* STATUS ",
    b"* SEARCH ",
    b"* ESEARCH ",
    b"* VANISHED (EARLIER) ",
    b"* OK [",
    b"COPYUID 1 1:9 1:9]",
    b"* BYE ",
    b"\r\n",
    b"1:*",
    b"()",
    b"BODY[",
    b"]<0>",
    b"&AGE-",
    b"&2D0-",
    b"(NIL NIL)",
    b'("text" "plain" NIL NIL NIL "7bit" 1 1)',
    b'INTERNALDATE "99-Feb-2025 25:61:61 +9999"',
    b"MODSEQ (-1)",
)
STRUCTURE_WORDS = (
    b"(",
    b")",
    b"NIL",
    b'"mixed"',
    b'("text" "plain" NIL NIL NIL "7bit" 1 1)',
    b'("message" "rfc822" NIL NIL NIL "7bit" 1 ',
    b'"attachment"',
    b'("name*0*" "utf-8\'\'%1b")',
    b'("filename" "=?utf-8?q?=1B?=")',
    b'"\\""',
    b"-1",
    b"()",
)
XML = (
    b"<clientConfig version='1.1'><emailProvider id='example.org'><domain>example.org</domain><displayName>E</displayName>"
    b"<incomingServer type='imap'><hostname>imap.example.org</hostname><port>993</port><socketType>SSL</socketType>"
    b"<authentication>password-cleartext</authentication><username>%EMAILADDRESS%</username></incomingServer>"
    b"</emailProvider></clientConfig>",
    b'{"protocols": {"imap": {"host": "imap.example.org"}, "submit": {"host": "s.example"}}, '
    b'"authentication": {"password": true}}',
)
