# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read, and what is attached."""

import pytest

from tuimail.mime.choose import attachments, body_in, body_parts, has_attachment, hidden_text, plain_part
from tuimail.model.part import Part


def _leaf(section: str, content_type: str, **details: str) -> Part:
    values = {"disposition": "", "filename": "", "content_id": "", **details}
    return Part(
        section,
        content_type,
        size=10,
        disposition=values["disposition"],
        filename=values["filename"],
        content_id=values["content_id"],
    )


def _multi(subtype: str, *children: Part, section: str = "") -> Part:
    return Part(section, f"multipart/{subtype}", children=children)


PLAIN = _leaf("1", "text/plain")
HTML = _leaf("2", "text/html")
PICTURE = _leaf("3", "image/png", content_id="p@q", disposition="inline")
PDF = _leaf("4", "application/pdf", filename="a.pdf", disposition="attachment")
PATCH = _leaf("5", "text/x-patch", filename="0001.patch", disposition="inline")
LOG = _leaf("6", "text/plain", filename="a.log", disposition="attachment")
INVITE = _leaf("7", "text/calendar")
ICS = _leaf("11", "text/calendar", filename="invite.ics", disposition="attachment")
SIGNATURE = _leaf("8", "application/pgp-signature", filename="signature.asc")
FORWARDED = Part("9", "message/rfc822", children=(_leaf("9.1", "text/plain"),))
FOOTER = _leaf("10", "text/plain")
EMPTY_HTML = Part("2", "text/html")
XHTML = _leaf("1", "application/xhtml+xml")
ODD_TEXT = _leaf("1", "text/x-web-intelligent")
TABLE = _leaf("1", "text/csv", filename="a.csv")
CARD = _leaf("2", "text/vcard")
RTF = _leaf("1", "text/rtf")


@pytest.mark.parametrize(
    ("root", "body", "attached", "clip"),
    [
        (PLAIN, [PLAIN], [], False),
        (_multi("alternative", PLAIN, HTML), [HTML], [], False),
        (_multi("alternative", HTML, PLAIN), [HTML], [], False),
        (_multi("alternative", PLAIN, EMPTY_HTML), [PLAIN], [], False),
        (_multi("alternative", PLAIN, HTML, INVITE), [INVITE, HTML], [INVITE], False),
        (_multi("mixed", _multi("alternative", PLAIN, INVITE), ICS), [INVITE, PLAIN], [INVITE, ICS], True),
        (_multi("mixed", PLAIN, *[INVITE] * 9), [*[INVITE] * 3, PLAIN], [INVITE] * 9, False),
        (INVITE, [INVITE], [INVITE], False),
        (_multi("alternative", PLAIN, _multi("related", HTML, PICTURE)), [HTML], [PICTURE], False),
        (_multi("mixed", PLAIN, PDF), [PLAIN], [PDF], True),
        (_multi("mixed", _multi("alternative", PLAIN, HTML), PDF), [HTML], [PDF], True),
        (_multi("alternative", PLAIN, _multi("mixed", HTML, PDF)), [HTML], [PDF], True),
        (_multi("mixed", PLAIN, PATCH, LOG), [PLAIN, PATCH], [PATCH, LOG], True),
        (_multi("mixed", PLAIN, FOOTER), [PLAIN, FOOTER], [], False),
        (_multi("mixed", PDF, FOOTER), [FOOTER], [PDF], True),
        (_multi("signed", _multi("alternative", PLAIN, HTML), SIGNATURE), [HTML], [], False),
        (_multi("mixed", PLAIN, FORWARDED), [PLAIN], [FORWARDED], True),
        (_multi("digest", FORWARDED), [], [FORWARDED], True),
        (_multi("encrypted", _leaf("1", "application/pgp-encrypted"), _leaf("2", "application/octet-stream")), [], None, True),
        (PDF, [], [PDF], True),
        (_multi("alternative"), [], [], False),
        (_multi("related"), [], [], False),
        (_multi("related", PICTURE, HTML), [HTML], [PICTURE], False),
        (_multi("related", PICTURE, _multi("alternative", PLAIN, HTML)), [HTML], [PICTURE], False),
        (_multi("related", PICTURE), [], [PICTURE], False),
        (XHTML, [XHTML], [], False),
        (_multi("alternative", PLAIN, XHTML), [XHTML], [], False),
        (ODD_TEXT, [ODD_TEXT], [], False),
        (_multi("mixed", ODD_TEXT, CARD), [ODD_TEXT], [CARD], True),
        (TABLE, [], [TABLE], True),
        (RTF, [], [RTF], True),
    ],
)
def test_body_and_attachments(root: Part, body: list[Part], attached: list[Part] | None, clip: bool) -> None:
    assert list(body_parts(root)) == body
    if attached is not None:
        assert list(attachments(root)) == attached
    assert has_attachment(root) is clip


def test_a_named_wording() -> None:
    root = _multi("mixed", _multi("alternative", PLAIN, _multi("related", HTML, PICTURE)), PDF)
    assert plain_part(root) == PLAIN
    assert plain_part(HTML) is None
    assert body_in(root, "text/plain") == (PLAIN,)
    assert body_in(root, "text/html") == (HTML,)
    assert body_in(PLAIN, "text/html") == body_in(HTML, "text/plain") == ()


def test_a_wording_is_chosen_of_each_piece_of_the_text() -> None:
    footer = _leaf("3", "text/plain")
    assert body_in(_multi("mixed", HTML, footer), "text/plain") == (HTML, footer)
    assert body_in(_multi("mixed", PLAIN, PICTURE, footer), "text/plain") == (PLAIN, footer)
    assert body_in(_multi("mixed", _multi("alternative", PLAIN, HTML), footer), "text/html") == (HTML, footer)


def test_the_start_of_related_parts_is_followed() -> None:
    main = _leaf("2", "text/html", content_id="main@x")
    root = Part("", "multipart/related", params={"start": "<main@x>"}, children=(PICTURE, main))
    assert body_parts(root) == (main,)


@pytest.mark.parametrize("start", ["<nowhere@x>", "<p@q>"])
def test_a_start_that_is_no_text_is_not_followed(start: str) -> None:
    assert body_parts(Part("", "multipart/related", params={"start": start}, children=(PICTURE, HTML))) == (HTML,)


@pytest.mark.parametrize(
    ("root", "word"),
    [
        (_multi("encrypted", _leaf("1", "application/pgp-encrypted"), _leaf("2", "application/octet-stream")), "OpenPGP"),
        (_multi("mixed", _multi("encrypted", _leaf("1", "application/pgp-encrypted")), FOOTER), "OpenPGP"),
        (_leaf("1", "application/pkcs7-mime", filename="smime.p7m", disposition="attachment"), "S/MIME"),
        (_leaf("1", "application/ms-tnef", filename="winmail.dat"), "Outlook"),
        (_leaf("1", "message/partial"), "piece"),
        (_multi("mixed", PLAIN, _leaf("2", "application/ms-tnef", filename="winmail.dat")), ""),
        (_multi("mixed", PLAIN, FORWARDED), ""),
        (PDF, ""),
        (_multi("mixed"), ""),
    ],
)
def test_words_that_cannot_be_read_are_told_of(root: Part, word: str) -> None:
    told = hidden_text(root)
    assert len(told) == bool(word)
    assert all(word in sentence for sentence in told)


def test_depth_is_no_matter() -> None:
    part = PLAIN
    for _ in range(5000):
        part = _multi("mixed", part)
    assert body_parts(part) == (PLAIN,)
    assert attachments(part) == ()
