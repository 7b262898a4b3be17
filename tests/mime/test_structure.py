# SPDX-License-Identifier: GPL-3.0-or-later
"""Structures written here are read like those that servers write."""

from dataclasses import replace
from pathlib import Path

import pytest

from tuimail.backends.imap.wire.bodystructure import parse_bodystructure
from tuimail.demo import samples
from tuimail.demo.mail_store import MailStore
from tuimail.mime.parse import parse
from tuimail.mime.structure import bodystructure
from tuimail.model.part import Part


def _leaves(root: Part) -> list[Part]:
    """All parts, without what BODYSTRUCTURE has no place for."""
    parts = [replace(part, children=()) for part in root.walk()]
    return [replace(part, encoding="", size=0, content_id="") if part.is_multipart else part for part in parts]


def _round(raw: bytes) -> tuple[list[Part], list[Part]]:
    root = parse(raw).root
    return _leaves(parse_bodystructure(bodystructure(root))), _leaves(root)


def test_every_sample_message() -> None:
    store = MailStore()
    samples.fill(store, 80, 1_700_000_000)
    for mailbox in store:
        for message in mailbox.messages.values():
            again, root = _round(message.raw)
            assert again == root


@pytest.mark.parametrize(
    "head",
    [
        b'Content-Type: text/plain; charset="utf-8"; name="a \\"quoted\\" name.txt"',
        b"Content-Type: application/pdf\r\nContent-Disposition: attachment; filename*=utf-8''K%C3%B6ln.pdf",
        b"Content-Type: image/png\r\nContent-ID: <one@example.org>\r\nContent-Disposition: inline",
        b"Content-Type: multipart/mixed; boundary=missing",
        b"Content-Type: message/rfc822\r\n\r\nContent-Type: text/html",
        b"Content-Type: message/rfc822\r\n\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--",
    ],
)
def test_one_part(head: bytes) -> None:
    again, root = _round(head + b"\r\n\r\nbody\r\n")
    assert again == root


@pytest.mark.corpus
def test_nothing_in_a_corpus_is_without_sense(corpus: Path) -> None:
    for file in sorted(path for path in corpus.rglob("*") if path.is_file()):
        again, root = _round(file.read_bytes())
        assert [part.section for part in again] == [part.section for part in root], file
