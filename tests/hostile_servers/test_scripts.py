# SPDX-License-Identifier: GPL-3.0-or-later
"""The scripts of fake-mail-server (Email-Analysis-Toolkit), where TUIMAIL_CORPUS holds them: their few fields that matter.

`tests.hostile_servers.test_before_tls` has the same cases as data of our own.
"""

import re
from pathlib import Path

import pytest

from tests.hostile_servers.between import Attack
from tests.hostile_servers.conftest import Attacked
from tests.hostile_servers.test_before_tls import WAYS, assert_nothing_in_clear

_COMMENT = re.compile(r"(?m)^\s*//.*$|(?<=,)\s*//.*$")
_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ATOMS = {"Imap4Rev1": "IMAP4rev1", "StartTls": "STARTTLS", "StartTLS": "STARTTLS", "LoginDisabled": "LOGINDISABLED"}


def _field(text: str, name: str) -> str:
    found = re.search(rf"\b{name}:\s*(.*)", text)
    return found[1] if found else ""


def _octets(literal: str) -> bytes:
    found = _WORD.search(literal)
    return found[1].replace("\\r", "\r").replace("\\n", "\n").replace("<tag>", "{tag}").encode() if found else b""


def _capabilities(listed: str) -> list[str]:
    """``[Imap4Rev1, Auth(Plain), Auth([Plain, Login])]``, or words in quotes."""
    if words := _WORD.findall(listed):
        return words
    ways = [way.upper() for way in re.findall(r"Plain|Login\b", listed)]
    names = [_ATOMS[name] for name in re.findall(r"\w+", listed) if name in _ATOMS]
    return [*names, *(f"AUTH={way}" for way in ways)]


def _attack(kind: str, text: str) -> Attack:
    hidden = {word.upper().encode() for word in _WORD.findall(_field(text, "hide_commands"))}
    agreed = _octets(_field(text, "starttls_response") or _field(text, "stls_response"))
    answers = {b"STLS" if kind == "pop3" else b"STARTTLS": agreed} if agreed else {}
    greeting: bytes | None = None
    match kind:
        case "imap":
            listed = " ".join(_capabilities(_field(text, "caps")))
            answers[b"CAPABILITY"] = f"* CAPABILITY {listed}\r\n{{tag}} OK\r\n".encode()
            announced = " ".join(_capabilities(_field(text, "code")))
            word = "PREAUTH" if "PreAuth" in _field(text, "kind") else "OK"
            greeting = f"* {word} {f'[CAPABILITY {announced}] ' if announced else ''}ready\r\n".encode()
            answers |= dict.fromkeys(hidden, b"{tag} BAD what?\r\n")
        case "smtp":
            lines = ["test", *(name.replace("AUTH=", "AUTH ") for name in _capabilities(_field(text, "capabilities")))]
            answers[b"EHLO"] = b"".join(b"250-" + line.encode() + b"\r\n" for line in lines) + b"250 HELP\r\n"
            answers |= dict.fromkeys(hidden, b"502 what?\r\n")
        case _:
            greeting = _octets(_field(text, "greeting"))
            lines = _capabilities(_field(text, "capa"))
            answers[b"CAPA"] = b"".join(line.encode() + b"\r\n" for line in ("+OK", *lines, "."))
            answers |= dict.fromkeys(hidden, b"-ERR what?\r\n")
    transition = _field(text, "starttls_transition") + _field(text, "stls_make_transition")
    return Attack(greeting, answers, "false" not in transition)


def _scripts(corpus: Path, kind: str) -> list[str]:
    """Of STARTTLS, without their comments."""
    files = sorted(corpus.glob(f"**/testcases/{kind}/**/*.ron"))
    texts = [_COMMENT.sub("", file.read_text("utf-8")) for file in files]
    return [text for text in texts if "true" not in _field(text, "implicit_tls")]


@pytest.mark.corpus
@pytest.mark.parametrize("kind", WAYS)
async def test_every_script(attacked: Attacked, corpus: Path, kind: str) -> None:
    for text in _scripts(corpus, kind):
        for way in WAYS[kind]:
            async with attacked(kind, _attack(kind, text)) as (between, visit):
                await visit.run(way)
            assert_nothing_in_clear(between, visit)
            assert not visit.asked or between.handshakes, text
