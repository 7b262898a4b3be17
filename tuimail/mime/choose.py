# SPDX-License-Identifier: GPL-3.0-or-later
"""Which parts of a message are its text, and which are attachments (RFC 2046 §5.1, RFC 2183, RFC 2387), by structure alone."""

from collections.abc import Iterator
from itertools import islice

from tuimail.model.part import Part

_RICHNESS = {
    "text/html": 3, "application/xhtml+xml": 3, "text/enriched": 2, "text/richtext": 2, "text/markdown": 2, "text/plain": 1,
}  # fmt: skip
"""What can be rendered; of alternatives the highest wins, of equals the last (RFC 2046 §5.1.4)."""
_SHOWN_INLINE = frozenset({"text/plain", "text/x-patch", "text/x-diff"})
_SIGNATURES = frozenset({"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"})
_PLUMBING = _SIGNATURES | {"application/pgp-encrypted", "text/x-amp-html", "text/rfc822-headers", "message/delivery-status"}
"""Never counted as an attachment in the list."""
_SMIME = "The text is signed or encrypted (S/MIME) within the attached file, which tuimail cannot open."
_SEALED = {
    "application/pgp-encrypted": "The text is encrypted (OpenPGP) within the attached file, which tuimail cannot open.",
    "application/pkcs7-mime": _SMIME,
    "application/x-pkcs7-mime": _SMIME,
    "application/ms-tnef": "The text is within the attached file in Outlook's own format (TNEF), which tuimail cannot open.",
    "message/partial": "This is one piece of a message that was sent in several; tuimail does not put them together.",
}
"""Parts that hold the words of a message, and what a reader is told who would see nothing."""
_CALENDAR = "text/calendar"
_NEVER_TEXT = frozenset({_CALENDAR, "text/rtf", "text/x-amp-html", "text/rfc822-headers"})
"""Of the kinds of text that are not known, those that are no words for a reader."""
_MOST_CALENDARS = 3


def body_parts(root: Part) -> tuple[Part, ...]:
    """What the reader shows, in order: invitations, then of each set of alternatives the richest that can be rendered.

    May be empty. An invitation (RFC 6047 §2.4) stands beside the text, of which it is said to be an alternative.
    """
    return (*_calendars(root), *_texts(root, frozenset(_RICHNESS)))


def plain_part(root: Part) -> Part | None:
    """The first text/plain of the body, where the sender wrote one."""
    return next((part for part in _texts(root, frozenset({"text/plain"})) if part.content_type == "text/plain"), None)


def body_in(root: Part, content_type: str) -> tuple[Part, ...]:
    """The body with text of that kind wherever the sender wrote some, what there is in one kind only included; no invitations.

    Empty where nothing is of that kind.
    """
    parts = tuple(_texts(root, frozenset({content_type})))
    return parts if any(part.content_type == content_type for part in parts) else ()


def attachments(root: Part) -> tuple[Part, ...]:
    """All leaves that are not the text or another wording of it; embedded images, invitations, forwarded messages included."""
    body = {id(part) for part in _texts(root, frozenset(_RICHNESS))}
    return tuple(
        part
        for part, alternative in _leaves(root)
        if (id(part) not in body or _has_name(part)) and not _hidden(part) and not (alternative and _is_wording(part))
    )


def hidden_text(root: Part) -> tuple[str, ...]:
    """Why the words of a message cannot be read here, a sentence; empty where they can, or where nothing is known of any."""
    kinds = {part.content_type: part for part, _ in _leaves(root)}
    found = next((kind for kind in _SEALED if kind in kinds), "")
    if not found or (found != "application/pgp-encrypted" and any(_texts(root, frozenset(_RICHNESS)))):
        return ()
    return (_SEALED[found],)


def has_attachment(root: Part) -> bool:
    """Whether the list shows a paper clip: an attachment that is nothing shown within the text and no plumbing."""
    shown = {id(part) for part in _calendars(root) if not part.filename}
    return any(
        not is_embedded(part) and part.content_type not in _PLUMBING and id(part) not in shown for part in attachments(root)
    )


def is_embedded(part: Part) -> bool:
    """Whether a part is a picture that the HTML text refers to by its Content-ID."""
    return part.content_type.startswith("image/") and bool(part.content_id) and part.disposition != "attachment"


def _calendars(root: Part) -> tuple[Part, ...]:
    """The first calendar objects that are part of the text."""
    found = (part for part, _ in _leaves(root) if part.content_type == _CALENDAR and part.disposition != "attachment")
    return tuple(islice(found, _MOST_CALENDARS))


def _texts(root: Part, wanted: frozenset[str]) -> Iterator[Part]:
    """The parts of the body in order, preferring the wanted types. Containers are resolved as they are met."""
    stack: list[tuple[Part, bool]] = [(root, True)]
    while stack:
        part, first = stack.pop()
        match part.content_type:
            case "multipart/alternative":
                chosen = _best(part.children, wanted)
                stack.extend([(chosen, first)] if chosen else [])
            case "multipart/related" if part.children:
                stack.append((_main(part), first))
            case "multipart/signed" if part.children:
                stack.append((part.children[0], first))
            case "multipart/encrypted":
                continue
            case kind if kind.startswith("multipart/"):
                stack.extend((child, first and index == 0) for index, child in reversed(list(enumerate(part.children))))
            case _ if _is_body(part, first):
                yield part


def _main(related: Part) -> Part:
    """What the other parts of a multipart/related belong to: the one that it names (RFC 2387 §3.2), if that is text."""
    start = related.params.get("start", "").strip("<> ")
    named = [child for child in related.children if start and child.content_id == start]
    return next((child for child in (*named, *related.children) if _wordings(child)), related.children[0])


def _is_body(part: Part, first: bool) -> bool:
    """Whether a leaf is text to be shown. The very first one is, whatever its name; later ones must not look like files.

    Text of an unknown kind counts as plain text (RFC 2046 §4.1.4) where it is the first and no file.
    """
    if part.disposition == "attachment":
        return False
    if part.content_type not in (_RICHNESS.keys() | _SHOWN_INLINE):
        return first and not part.filename and part.content_type.startswith("text/") and part.content_type not in _NEVER_TEXT
    return first or not part.filename or (part.disposition == "inline" and part.content_type in _SHOWN_INLINE)


def _best(children: tuple[Part, ...], wanted: frozenset[str]) -> Part | None:
    """The child of a multipart/alternative to show; an empty one only when there is nothing else."""
    ranked = [(_rank(child, wanted), index) for index, child in enumerate(children)]
    best = max(ranked, default=None)
    return children[best[1]] if best and best[0] > (0, 0, 0) else None


def _rank(child: Part, wanted: frozenset[str]) -> tuple[int, int, int]:
    leaves = _wordings(child)
    if not leaves:
        return (0, 0, 0)
    richest = max(leaves, key=lambda part: _RICHNESS[part.content_type])
    return (int(richest.size > 0), int(any(part.content_type in wanted for part in leaves)), _RICHNESS[richest.content_type])


def _wordings(part: Part) -> list[Part]:
    """The text in a part that can be rendered."""
    return [leaf for leaf in part.walk() if leaf.content_type in _RICHNESS and leaf.disposition != "attachment"]


def _leaves(root: Part) -> Iterator[tuple[Part, bool]]:
    """Leaves in order, each with whether a multipart/alternative holds it. Forwarded messages are leaves here."""
    stack = [(root, False)]
    while stack:
        part, alternative = stack.pop()
        if part.is_multipart:
            inside = alternative or part.content_type == "multipart/alternative"
            inside = inside and part.content_type != "multipart/mixed"
            stack.extend((child, inside) for child in reversed(part.children))
        else:
            yield part, alternative


def _is_wording(part: Part) -> bool:
    """Whether a part of a set of alternatives only says the same again."""
    return part.disposition != "attachment" and (part.content_type in _RICHNESS or part.content_type == "text/x-amp-html")


def _has_name(part: Part) -> bool:
    return bool(part.filename) and part.disposition == "inline"


def _hidden(part: Part) -> bool:
    return part.content_type in _SIGNATURES or part.content_type == "application/pgp-encrypted"
