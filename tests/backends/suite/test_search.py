# SPDX-License-Identifier: GPL-3.0-or-later
"""SEARCH and ESEARCH."""

import pytest

from tests.backends.suite.commands import sends
from tests.backends.suite.mails import mail
from tests.backends.suite.server import Server, ServerMaker
from tests.backends.words import words
from tuimail.model.flags import FLAGGED
from tuimail.model.query import parse_query
from tuimail.model.uidset import UidSet

_ODD_IDS = (
    "<plain@example.org>",
    '<"quoted local"@example.org>',
    "<with\\backslash@example.org>",
    "<two words@example.org>",
    "<größe@example.org>",
    "<(paren){5}%*@example.org>",
    "no-brackets@example.org",
)
_UTF8 = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n"


def _with_id(message_id: str) -> bytes:
    return f"From: a@example.org\r\nMessage-ID: {message_id}\r\nSubject: x\r\n\r\nbody\r\n".encode()


@pytest.mark.parametrize("message_id", _ODD_IDS)
async def test_message_ids(server: Server, message_id: str) -> None:
    server.other().deliver_all(map(_with_id, _ODD_IDS))
    backend = await server.opened()
    assert await backend.find_message_id(message_id) == UidSet.of([_ODD_IDS.index(message_id) + 1])


@sends('UID SEARCH RETURN (ALL) HEADER Message-ID "<plain@example.org>"')
async def test_a_message_id_that_occurs_twice_or_never(server: Server) -> None:
    server.other().deliver_all(map(_with_id, ["<plain@example.org>", "<other@example.org>", "<plain@example.org>"]))
    backend = await server.opened()
    assert await backend.find_message_id("<plain@example.org>") == UidSet.parse("1,3")
    assert await backend.find_message_id("<never@example.org>") == UidSet()


@sends('UID SEARCH RETURN (ALL) TEXT "harbour" TEXT "map"')
async def test_all_words_have_to_occur(server: Server) -> None:
    server.other().deliver_all([
        mail(1, body="the harbour map"),
        mail(2, body="the harbour"),
        mail(3, body="MAP of the HARBOUR"),
        mail(4, body="nothing", extra="X-About: harbour, map\r\n"),
    ])  # fmt: skip
    backend = await server.opened()
    assert await backend.search(words("harbour map")) == UidSet.parse("1,3:4")
    assert await backend.search(words("  ")) == UidSet()
    assert await backend.search(words("submarine")) == UidSet()


@pytest.mark.parametrize("typed", ["Grüße", "köln", "再见", "Grüße 再见"])
async def test_words_beyond_ascii(server: Server, typed: str) -> None:
    server.other().deliver_all([
        mail(1, body="Schöne Grüße aus Köln, 再见", extra=_UTF8),
        mail(2, body="nothing of that", extra=_UTF8),
    ])  # fmt: skip
    backend = await server.opened()
    assert await backend.search(words(typed)) == UidSet.of([1])


async def test_words_in_an_encoded_subject(server: Server) -> None:
    raw = mail(1).replace(b"Mail 1", b"=?utf-8?q?Gr=C3=BC=C3=9Fe?=")
    server.other().deliver_all([raw, mail(2)])
    backend = await server.opened()
    assert await backend.search(words("Grüße")) == UidSet.of([1])


@pytest.mark.parametrize("word", ['"', "\\", 'a"b', "(x", "{3}", "*", "%", "NIL", "]"])
async def test_words_with_syntax_in_them(server: Server, word: str) -> None:
    server.other().deliver_all([mail(1, body=f"before {word} after"), mail(2)])
    backend = await server.opened()
    assert 1 in await backend.search(words(word))


@sends("UID SEARCH ALL", 'UID SEARCH HEADER Message-ID "<mail3@example.org>"', 'UID SEARCH TEXT "hello"')
async def test_without_esearch(make_server: ServerMaker) -> None:
    server = make_server("ESEARCH")
    server.other().deliver_all(map(mail, range(1, 5)))
    backend = await server.opened()
    assert await backend.uids() == UidSet.parse("1:4")
    assert await backend.find_message_id("<mail3@example.org>") == UidSet.of([3])
    assert await backend.search(words("hello")) == UidSet.parse("1:4")
    assert await backend.search(words("Grüße")) == UidSet()


async def test_without_literal_plus_words_beyond_ascii_wait_for_the_server(make_server: ServerMaker) -> None:
    server = make_server("LITERAL+", "UTF8=ACCEPT")
    server.other().deliver_all([mail(1, body="Grüße und Küsse", extra=_UTF8), mail(2)])
    backend = await server.opened()
    assert await backend.search(words("Grüße Küsse")) == UidSet.of([1])


async def test_what_another_client_removed_is_not_found(server: Server) -> None:
    other = server.other()
    other.deliver_all(map(mail, range(1, 4)))
    backend = await server.opened()
    other.expunge(2)
    assert await backend.search(words("hello")) & UidSet.of([2]) == UidSet() or await backend.uids() == UidSet.parse("1,3")


@sends('UID SEARCH RETURN (ALL) TEXT "harbour" NOT TEXT "map"', 'UID SEARCH RETURN (ALL) FROM "ada"')
async def test_fields_and_what_is_left_out(server: Server) -> None:
    server.other().deliver_all([
        mail(1, body="the harbour map"),
        mail(2, body="the harbour", extra="Cc: bob@example.org\r\n"),
        mail(3, body="nothing").replace(b"From: ", b"From: ada.lovelace@example.org, ", 1),
    ])  # fmt: skip
    backend = await server.opened()
    assert await backend.search(parse_query("harbour -map")) == UidSet.of([2])
    assert await backend.search(parse_query("-harbour")) == UidSet.of([3])
    assert await backend.search(parse_query("to:bob")) == UidSet.of([2])
    assert await backend.search(parse_query("from:ada")) & UidSet.of([3]) == UidSet.of([3])
    assert await backend.search(parse_query("subject:harbour")) == UidSet()


async def test_flags_and_days(server: Server) -> None:
    other = server.other()
    other.deliver_all(mail(number, extra="Date: Sat, 21 Nov 2020 10:00:00 +0000\r\n") for number in range(1, 4))
    backend = await server.opened()
    await backend.store(UidSet.of([2]), frozenset({FLAGGED}), frozenset())
    assert await backend.search(parse_query("is:starred")) == UidSet.of([2])
    assert await backend.search(parse_query("-is:starred is:unread")) == UidSet.parse("1,3")
    assert await backend.search(parse_query("hello before:1999")) == UidSet()
    assert await backend.search(parse_query("hello after:9999")) == UidSet()
    assert await backend.search(parse_query("hello after:2020-11-21 before:2020-11-22")) == UidSet.parse("1:3")
